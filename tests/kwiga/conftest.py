"""A name server for tests of calls to other hosts."""

import socket
from typing import Any

import pytest

from tests.support.outbound import Names


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """A resolver that answers from a table, in turn, and a network that nobody may reach."""
    table: Names = {}

    def look_up(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        answers = [[host]] if host[0].isdigit() or ":" in host else table.get(host)
        if answers is None:
            raise socket.gaierror
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return table
