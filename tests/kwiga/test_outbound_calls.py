"""A call to another host: what is sent and read, for how long, and whose certificate counts."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from kwiga import outbound
from kwiga.outbound import AddressRefused, NoAnswer, post
from tests.support.outbound import Names
from tests.support.receiver import Receiver, Reply, receiver


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    """A receiver on loopback that the operator vouches for."""
    with receiver() as listening:
        settings.OUTBOUND_ALLOW = [listening.host]
        yield listening


def test_a_call_says_what_was_given(server: Receiver) -> None:
    server.answer = lambda heard: Reply(201, b"made")
    answer = post(f"{server.url}/a%20b?x=1&y=%26#part", body=b"hello", headers={"X-Name": "Олена"})
    (heard,) = server.heard
    assert (answer.status, answer.text, answer.is_ok) == (201, "made", True)
    assert (heard.path, heard.body, heard.headers["host"]) == ("/a%20b?x=1&y=%26", b"hello", server.host)
    assert heard.headers["x-name"].encode("latin-1").decode() == "Олена"


@pytest.mark.spec("D9: redirects are not followed")
def test_a_redirect_is_an_answer_and_nothing_more(server: Receiver) -> None:
    with receiver() as inside:
        server.answer = lambda heard: Reply(302, b"", {"Location": f"{inside.url}/secret"})
        answer = post(f"{server.url}/", body=b"", headers={})
        assert (answer.status, answer.is_ok, inside.heard) == (302, False, [])


def test_the_exception_is_for_one_host_and_port(server: Receiver) -> None:
    with receiver() as other, pytest.raises(AddressRefused):
        post(f"{other.url}/", body=b"", headers={})
    assert other.heard == []


@pytest.mark.spec("D9: five seconds and one megabyte in all")
def test_a_drip_of_bytes_ends_with_the_time(server: Receiver) -> None:
    server.answer = lambda heard: Reply(200, b"x" * 200, {})
    server.drip_seconds = 0.05
    began = time.monotonic()
    answer = post(f"{server.url}/", body=b"", headers={}, timeout=0.5)
    assert time.monotonic() - began < 2
    assert len(answer.text) < 200


def test_silence_ends_with_the_time(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}"]
        for scheme in ("http", "https"):  # before the answer, and in the middle of the handshake
            began = time.monotonic()
            with pytest.raises(NoAnswer, match="TimeoutError"):
                post(f"{scheme}://127.0.0.1:{port}/", body=b"", headers={}, timeout=0.4)
            assert time.monotonic() - began < 2


def test_no_more_than_a_megabyte_is_read(server: Receiver) -> None:
    server.answer = lambda heard: Reply(200, b"x" * (outbound.MOST_BYTES + 5_000))
    assert len(post(f"{server.url}/", body=b"", headers={}).text) == outbound.MOST_BYTES


@pytest.mark.spec("D3: a header given by a school ends no line")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-B: 2"},
        {"X-A": "1\nX-B: 2"},
        {"X-A": "1\rX-B: 2"},
        {"X-A": "1\r\n X-B: 2"},
        {"X-A": "1\n\tX-B: 2"},
        {"X-A": "1\0"},
        {"X-A\r\nX-B": "1"},
        {"X-A: 1\r\nX-B": "1"},
        {"X-A\n": "1"},
    ],
)
def test_headers_cannot_be_added(server: Receiver, headers: dict[str, str]) -> None:
    with pytest.raises(NoAnswer):
        post(f"{server.url}/", body=b"", headers=headers)
    assert server.heard == []


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for shop.example, and its key."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop.example"]
    files = ["-addext", "subjectAltName=DNS:shop.example", "-out", str(certificate), "-keyout", str(key)]
    subprocess.run([*command, *files], check=True, capture_output=True)
    return certificate, key


@pytest.mark.parametrize(("name", "is_right"), [("shop.example", True), ("other.example", False)])
def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    name: str, is_right: bool, names: Names, certified: tuple[Path, Path], settings: Settings, monkeypatch: Any
) -> None:
    certificate, key = certified
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    said: list[str | None] = []
    with receiver() as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.sni_callback = lambda _socket, sni, _context: said.append(sni)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        settings.OUTBOUND_ALLOW = [f"{name}:{server.server_port}"]
        names[name] = [["127.0.0.1"]]
        if is_right:
            assert post(f"https://{name}:{server.server_port}/", body=b"", headers={}).is_ok
            assert server.heard[0].headers["host"] == f"{name}:{server.server_port}"
        else:
            with pytest.raises(NoAnswer, match="SSLCertVerificationError"):
                post(f"https://{name}:{server.server_port}/", body=b"", headers={})
            assert server.heard == []
    assert said == [name]


def test_a_resolver_that_hangs_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: [over.wait(5)][:0])
    began = time.monotonic()
    with pytest.raises(NoAnswer, match="TimeoutError"):
        post("https://slow.example/", body=b"", headers={}, timeout=0.3)
    assert time.monotonic() - began < 2
    over.set()
