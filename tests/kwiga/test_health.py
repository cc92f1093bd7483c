"""The probes: on any host, without a cookie, and quick to say that the database is away."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from socket import create_server
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kwiga.local import processes
from kwiga.pages import health
from kwiga.tokens import secret_token
from schools.models import School
from schools.outbox import pulse
from tests.support.database import ROOT, URLS, as_owner, environment_for


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process remembers that the schema is current, and the cache what a worker said; each test begins anew."""
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr(pulse, "_KEY", f"pulse:{secret_token()}")


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
@pytest.mark.parametrize("host", ["localhost", "nobody.example", "green.localhost", "bad host!", "10.0.0.7:8000"])
@pytest.mark.django_db
def test_probes_answer_on_every_host_without_a_cookie(path: str, host: str) -> None:
    answer = Client(headers={"host": host}).get(path)
    assert answer.status_code == 200
    assert not answer.cookies
    assert answer.headers["Cache-Control"] == "no-store"


def test_livez_asks_nobody() -> None:
    """Without the mark for it, a query would fail this test."""
    assert Client().get("/livez").text == "ok"


@pytest.mark.parametrize("path", ["/livez/", "/readyz/", "/livez/x", "/LIVEZ"])
@pytest.mark.django_db
def test_only_the_exact_address_is_a_probe(path: str) -> None:
    assert Client(headers={"host": "localhost"}).get(path).text != "ok"


@pytest.mark.django_db
def test_ready_with_no_worker_so_far() -> None:
    answer = Client().get("/readyz")
    assert answer.json() == {"database": True, "migrations": True, "redis": True, "outbox": None}


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_it_repeats_what_a_worker_said(school: School) -> None:
    pulse.report_pulse()
    assert Client().get("/readyz").json()["outbox"] == {"oldest_wait_seconds": 0, "reported_seconds_ago": 0}


@pytest.mark.django_db
def test_the_schema_is_compared_once_a_process() -> None:
    Client().get("/readyz")
    with CaptureQueriesContext(connection) as queries:
        Client().get("/readyz")
    assert [query["sql"] for query in queries] == ["SELECT 1"]


@pytest.mark.django_db(transaction=True)
def test_a_missing_migration_is_not_ready(database_name: str) -> None:
    with as_owner(database_name) as owner:
        row = owner.execute(
            "DELETE FROM django_migrations WHERE app = 'sessions' RETURNING app, name, applied"
        ).fetchone()
        assert row
        answer = Client().get("/readyz")
        owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", row)
    assert answer.status_code == 503
    assert answer.json()["migrations"] is False


# --- A whole process whose database is not there: refused, or silent ---


@contextmanager
def silent_server() -> Iterator[int]:
    """Takes connections and never says a word."""
    with create_server(("127.0.0.1", 0), backlog=20) as server:
        yield server.getsockname()[1]


ASK = """
import json, sys, time
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django.test import Client
path, headers = json.loads(sys.argv[1])
begun = time.monotonic()
answer = Client(raise_request_exception=False, headers=headers).get(path)
print(json.dumps([answer.status_code, answer.headers.get("Retry-After"), time.monotonic() - begun, answer.text]))
"""


@dataclass
class Answer:
    status: int
    retry_after: str | None
    seconds: float
    text: str


def ask_with_database_at(port: int, path: str, **headers: str) -> Answer:
    environment = environment_for("kwiga") | {"DEBUG": "0", "PLAIN_STATIC_FILES": "1"}
    for name in URLS:
        parts = urlsplit(environment[name])
        login = parts.netloc.rpartition("@")[0]
        environment[name] = urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))
    command = [sys.executable, "-c", ASK, json.dumps([path, {"host": "localhost"} | headers])]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return Answer(*json.loads(done.stdout))


def test_a_database_that_refuses_is_told_at_once() -> None:
    answer = ask_with_database_at(processes.free_port(), "/readyz")
    assert answer.status == 503
    assert json.loads(answer.text) == {"database": False, "migrations": False, "redis": True, "outbox": None}
    assert answer.seconds < 1.5


@pytest.mark.spec("F8")
def test_a_database_that_is_silent_is_told_within_seconds() -> None:
    with silent_server() as port:
        answer = ask_with_database_at(port, "/readyz")
    assert answer.status == 503
    assert answer.seconds < 5


def test_a_process_lives_without_a_database() -> None:
    assert ask_with_database_at(processes.free_port(), "/livez").status == 200


@pytest.mark.spec("F8")
def test_a_page_that_needs_the_database_asks_to_come_back() -> None:
    """Every school's host is looked up there."""
    answer = ask_with_database_at(processes.free_port(), "/", host="green.localhost")
    assert (answer.status, answer.retry_after) == (503, "30")
    assert "<h1" in answer.text
    assert answer.seconds < 3


def test_a_page_that_needs_no_row_is_shown_all_the_same() -> None:
    assert ask_with_database_at(processes.free_port(), "/").status == 200


@pytest.mark.django_db(transaction=True)
def test_our_own_faults_stay_500(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: only a database that is away, full or locked is worth another try."""
    from kwiga.pages import store

    def fails(*args: object) -> None:
        raise ValueError

    monkeypatch.setattr(store, "render", fails)
    client = Client(raise_request_exception=False, headers={"host": f"{school.slug}.localhost"})
    assert client.get("/").status_code == 500
