"""What the logs may say (trust D7): ids and classes, never a name, an email, a password or a link's token."""

import http.client
import io
import json
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
import structlog
from django.db import DatabaseError

from kwiga import clock, logs
from kwiga.local import processes
from schools.models import School, User
from tests.support.database import as_owner
from tests.support.stack import WEB, Stack, stack_on

NAME, EMAIL, PASSWORD = "Canaryname Bird", "canary.bird@example.test", "canary-password-8842"
TOKEN, QUERY, HEADER = "canarytokenZ7", "canaryqueryZ8", "canaryheaderZ9"
CANARIES = (NAME, "Canaryname", EMAIL, "canary.bird", PASSWORD, TOKEN, QUERY, HEADER)

type Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def output() -> Iterator[io.StringIO]:
    """Whatever is logged under "sample", as production writes it."""
    structlog.contextvars.clear_contextvars()  # tasks that other tests ran in this process left theirs
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(production_formatter())
    sample = logging.getLogger("sample")
    sample.addHandler(handler)
    sample.propagate, sample.level = False, logging.DEBUG
    yield stream
    sample.removeHandler(handler)


def production_formatter() -> logging.Formatter:
    arguments = logs._formatter(debug=False)
    return structlog.stdlib.ProcessorFormatter(**{key: value for key, value in arguments.items() if key != "()"})


@pytest.fixture
def lines(output: io.StringIO) -> Lines:
    return lambda: [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.fixture
def our_logger() -> Any:
    chain = [*logs._chain(debug=False), structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    return structlog.wrap_logger(logging.getLogger("sample"), processors=chain)


def test_our_lines_keep_the_keys_on_the_list(our_logger: Any, lines: Lines) -> None:
    our_logger.info("order placed", school=7, status=200, email=EMAIL, path=f"/o/{TOKEN}")
    (line,) = lines()
    assert {key: line[key] for key in ("event", "school", "status", "level", "logger")} == {
        "event": "order placed",
        "school": 7,
        "status": 200,
        "level": "info",
        "logger": "sample",
    }
    assert set(line) == {"event", "school", "status", "level", "logger", "timestamp"}


def test_ids_bound_around_a_line_are_on_it(our_logger: Any, lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(request_id="abc", email=EMAIL):
        our_logger.info("inside")
    our_logger.info("outside")
    inside, outside = lines()
    assert inside["request_id"] == "abc"
    assert "request_id" not in outside
    assert "email" not in inside


def test_an_error_shows_its_class_and_frames_but_not_its_words(our_logger: Any, output: io.StringIO) -> None:
    try:
        raise_twice()
    except ValueError:
        our_logger.exception("failed")
    text = output.getvalue()
    assert "raise_twice" in text
    assert "KeyError" in text
    assert "ValueError" in text
    assert_no_canary(text)


@pytest.mark.parametrize("key", ["exc_info", "exception", "reason"])
def test_an_error_under_any_key_loses_its_words(our_logger: Any, output: io.StringIO, key: str) -> None:
    our_logger.error("failed", **{key: ValueError(EMAIL)})
    assert "ValueError" in output.getvalue()
    assert_no_canary(output.getvalue())


def test_a_traceback_made_by_somebody_else_is_dropped(our_logger: Any, lines: Lines) -> None:
    our_logger.error("failed", exception=f"Traceback of somebody: {EMAIL}")
    (line,) = lines()
    assert "exception" not in line


def test_the_words_of_the_database_would_quote_the_row(db: None) -> None:
    """The reason for all this: the control of the tests above."""
    with pytest.raises(DatabaseError) as caught:
        User.objects.create(email=EMAIL.upper(), created_at=clock.now())
    assert EMAIL.upper() in str(caught.value)
    assert EMAIL.upper() not in logs.frames_and_classes(caught.value)
    assert "CheckViolation" in logs.frames_and_classes(caught.value)


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("%s: %s", ("Internal Server Error", f"/green/invitations/{TOKEN}/"), "Internal Server Error: …"),
        ("%(path)s took %(seconds)d s", ({"path": TOKEN, "seconds": 3},), "… took 3 s"),
        ("worker %d of %s", (4, TOKEN), "worker 4 of …"),
        ("wrong %d", (TOKEN,), "wrong %d"),
        ("100 % sure", (), "100 % sure"),
        (ValueError(TOKEN), (), "ValueError"),
    ],
)
def test_lines_of_other_libraries_lose_their_values(text: Any, values: Any, shown: str) -> None:
    assert event_of("sample", logging.ERROR, text, *values) == shown


def test_texts_made_of_what_a_stranger_sent_are_dropped() -> None:
    text = f"Invalid HTTP_HOST header: {HEADER}"
    assert event_of("django.security.DisallowedHost", logging.ERROR, text) == "refused: DisallowedHost"


def test_servers_may_say_where_they_listen() -> None:
    event = event_of("gunicorn.error", logging.INFO, "Listening at: %s (%s)", "http://[::]:1", 2)
    assert event == "Listening at: http://[::]:1 (2)"


def event_of(logger: str, level: int, text: Any, *values: Any) -> Any:
    record = logging.LogRecord(logger, level, "", 0, text, values, None)
    return json.loads(production_formatter().format(record))["event"]


def raise_twice() -> None:
    try:
        raise KeyError(EMAIL)
    except KeyError as error:
        raise ValueError(f"{NAME} {TOKEN}") from error


def assert_no_canary(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []


# --- The whole web server, as in production, with a stranger who puts canaries into everything ---


@pytest.fixture
def web(transactional_db: None, database_name: str) -> Iterator[Stack]:
    with stack_on(database_name) as stack:
        stack.environment |= {"DEBUG": "0", "PLAIN_STATIC_FILES": "1"}
        stack.start_valkey()
        stack.start("web", [*WEB, "--bind", f"127.0.0.1:{stack.port}"])
        assert processes.wait_until(stack.web_answers, 30), stack.log("web")
        yield stack


@pytest.fixture
def breaking_table(web: Stack, database_name: str) -> Iterator[None]:
    """The database refuses the canary with an error that quotes the whole row."""
    rule = "ALTER TABLE schools_user {} CONSTRAINT no_birds"
    with as_owner(database_name) as owner:
        owner.execute(rule.format("ADD") + " CHECK (email NOT LIKE 'canary%')")
        yield
        owner.execute(rule.format("DROP"))


def ask(
    web: Stack, method: str, path: str, form: dict[str, str] | None = None, **headers: str
) -> http.client.HTTPResponse:
    sent = {"Host": "localhost", "Cookie": f"csrf={'c' * 32}"} | headers
    body = None
    if form is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form | {"csrfmiddlewaretoken": "c" * 32})
    with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)) as client:
        client.request(method, path, body, sent)
        answer = client.getresponse()
        answer.read()
        return answer


@pytest.mark.spec("D7")
@pytest.mark.timeout(120)
def test_no_canary_of_a_whole_run_is_in_the_log(web: Stack, school: School, breaking_table: None) -> None:
    signup = {"name": NAME, "email": EMAIL, "password1": PASSWORD}
    answers = [
        ask(web, "POST", f"/accounts/signup/?next=/{QUERY}", signup),
        ask(web, "POST", "/accounts/login/", {"login": EMAIL, "password": PASSWORD}),
        ask(web, "POST", "/accounts/password/reset/", {"email": EMAIL}),
        ask(web, "GET", f"/{school.slug}/invitations/{TOKEN}/?{QUERY}", Referer=HEADER),
        ask(web, "GET", f"/o/{TOKEN}?coupon={QUERY}", Host=f"{school.slug}.localhost"),
        ask(web, "GET", "/", Host=f"{HEADER}..example"),
        ask(web, "GET", "/", Host=f"{HEADER}_{{}}"),
        ask(web, "POST", "/accounts/login/", {"csrfmiddlewaretoken": TOKEN}, Cookie=f"csrf={HEADER}"),
    ]
    with socket.create_connection(("127.0.0.1", web.port)) as plain:
        plain.sendall(f"GET /{TOKEN} {QUERY} HTTP/9.9\r\nX-{HEADER}\r\n\r\n".encode())
        plain.recv(1000)
    web.kill("web")

    log = web.log("web")
    assert answers[0].status == 500, "the run is to contain an error that quotes the row"
    assert "CheckViolation" in log
    assert '"view": "account_signup"' in log
    assert "Invalid request" in log
    assert_no_canary(log)
    assert {"request", "Internal Server Error: …"} <= events_of_request(log, answers[0].headers["X-Request-ID"])


def events_of_request(log: str, request_id: str | None) -> set[str]:
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return {line["event"] for line in lines if line.get("request_id") == request_id}


def test_every_answer_has_an_id_of_its_own(db: None, visitor: Callable[..., Any]) -> None:
    client = visitor()
    ids = {client.get(path).headers["X-Request-ID"] for path in ("/", "/accounts/login/", "/no/such/page/")}
    assert len(ids) == 3
