"""The database goes away under a running web server and comes back: nobody has to restart anything (trust F3, F8)."""

import http.client
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from kwiga.local import processes
from schools.models import School
from tests.support.gate import Gate, gate_to
from tests.support.stack import WEB, Stack, stack_on


@pytest.fixture
def gate(transactional_db: None, database_name: str) -> Iterator[Gate]:
    settings = connection.settings_dict
    with gate_to(settings["HOST"], int(settings["PORT"])) as gate:
        yield gate


@pytest.fixture
def web(gate: Gate, database_name: str) -> Iterator[Stack]:
    with stack_on(database_name) as stack:
        address = urlsplit(stack.environment["APP_DATABASE_URL"])
        login = address.netloc.rpartition("@")[0]
        through_the_gate = address._replace(netloc=f"{login}@127.0.0.1:{gate.port}")
        stack.environment |= {"APP_DATABASE_URL": urlunsplit(through_the_gate), "DEBUG": "0", "PLAIN_STATIC_FILES": "1"}
        stack.start_valkey()
        stack.start("web", [*WEB, "--bind", f"127.0.0.1:{stack.port}"])
        assert processes.wait_until(stack.web_answers, 30), stack.log("web")
        yield stack


def ask(web: Stack, host: str, path: str) -> tuple[int, str | None]:
    with closing(http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)) as client:
        client.request("GET", path, headers={"Host": host})
        answer = client.getresponse()
        answer.read()
        return answer.status, answer.headers["Retry-After"]


@pytest.mark.spec("F8")
def test_pages_ask_to_come_back_and_do_so_without_a_restart(web: Stack, gate: Gate, school: School) -> None:
    store = f"{school.slug}.localhost"
    # Twenty requests: each thread of both processes has a connection of its own by now.
    assert {ask(web, store, "/") for _ in range(20)} == {(200, None)}

    gate.shut()
    assert {ask(web, store, "/") for _ in range(20)} == {(503, "30")}
    assert ask(web, "localhost", "/readyz")[0] == 503
    assert ask(web, "localhost", "/livez")[0] == 200

    gate.open()
    assert {ask(web, store, "/") for _ in range(20)} == {(200, None)}
    assert ask(web, "localhost", "/readyz")[0] == 200
