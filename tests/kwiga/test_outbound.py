"""What a school types as an address never leads into the machine's own network."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from kwiga import outbound
from kwiga.outbound import AddressRefused, NoAnswer, is_public, post, refuse_private, target_of
from tests.support.receiver import Receiver, Reply, receiver

# What the resolver of the test knows: names, and each time another answer where there are several.
Names = dict[str, list[list[str]]]

PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",  # noqa: S104
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "2001:db8::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b:1::7f00:1",
    "64:ff9b::a00:1",
    "2001:0:7f00:1::",
    "2620:0:1::5efe:127.0.0.1",
    "2620:0:1::200:5efe:10.0.0.1",
    "fec0::1",
    "fd00:ec2::254",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "100::1",
    "100.100.100.200",
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "192.0.0.192",
    "192.88.99.1",
]
NUMBERS = [
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::7f00:1]/",
    "https://[0:0:0:0:0:ffff:169.254.169.254]/",
    "https://2852039166/latest/meta-data/",
    "https://0xA9FEA9FE/",
    "https://0251.0376.0251.0376/",
    "https://0xa9.254.0251.254/",
    "https://169.254.43518/",
    "https://169.254.169.254.:443/",
    "https://①②⑦.⓪.⓪.①/",
    "https://𝟏𝟐𝟕.0.0.1/",
    "https://loc\u00adalhost/",
    "https://loc\u200balhost/",
    "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
    "https://ＬＯＣＡＬＨＯＳＴ/",
    "https://127.0.0.1./",
    "https://１２７.0.0.1/",
    "https://127。0。0。1/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://shop.localhost/",
    "https://router.local/",
    "https://metadata.google.internal/",
]
MALFORMED = [
    "",
    "https://",
    "https:///path",
    "//example.com/",
    "https://user@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com:99999/",
    "https://user:pass@example.com/",
    "https://example.com:443@127.0.0.1/",
    "https://@127.0.0.1/",
    "https://127.0.0.1\t@example.com/",
    "https://example.com#@127.0.0.1\n/",
    "https://example.com:443:80/",
    "https://example.com:-1/",
    "https://example.com:４４３x/",
    "https://[::1/",
    "https://[v1.x]/",
    "https://a..example/",
    "https://.example.com/",
    "https://exa mple.com/",
    "https://example.com/\r\nHost: other",
    "https://example.com\\@127.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "https://%31%32%37.0.0.1/",
]


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


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The addresses that a connection was opened to; none is."""
    opened: list[Any] = []

    def connect(address: Any, *args: Any, **options: Any) -> Any:
        opened.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return opened


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    """A receiver on loopback that the operator vouches for."""
    with receiver() as listening:
        settings.OUTBOUND_ALLOW = [listening.host]
        yield listening


@pytest.mark.spec("D9: addresses of private networks are refused, in whatever way they are written")
@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_stands_for_a_private_address_is_not_called(address: str, names: Names, reached: list[Any]) -> None:
    assert not is_public(ip_address(address))
    names["evil.example"] = [[address]]
    with pytest.raises(AddressRefused, match="private"):
        post("https://evil.example/", body=b"", headers={})
    assert reached == []


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_public_addresses_are_called(address: str, names: Names, reached: list[Any]) -> None:
    names["good.example"] = [[address]]
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        post("https://good.example/", body=b"", headers={})
    assert reached == [(address, 443)]


@pytest.mark.spec("D9")
@pytest.mark.spec("K05.3")
@pytest.mark.parametrize("url", NUMBERS)
def test_numbers_and_names_of_this_machine_are_refused_before_anything_is_asked(url: str, reached: list[Any]) -> None:
    with pytest.raises(AddressRefused, match=r"private|form"):
        refuse_private(url)
    with pytest.raises(AddressRefused):
        post(url, body=b"", headers={})
    assert reached == []


@pytest.mark.spec("D9")
def test_one_private_address_among_public_ones_is_enough(names: Names, reached: list[Any]) -> None:
    names["mixed.example"] = [["93.184.216.34", "127.0.0.1"]]
    with pytest.raises(AddressRefused, match="private"):
        post("https://mixed.example/", body=b"", headers={})
    assert reached == []


@pytest.mark.spec("D9: a name server that changes its mind changes nothing")
def test_a_name_is_resolved_once(names: Names, reached: list[Any]) -> None:
    names["rebinding.example"] = [["93.184.216.34"], ["127.0.0.1"]]
    with pytest.raises(NoAnswer):
        post("https://rebinding.example/", body=b"", headers={})
    assert reached == [("93.184.216.34", 443)]
    with pytest.raises(AddressRefused, match="private"):
        post("https://rebinding.example/", body=b"", headers={})


def test_every_public_address_of_a_name_is_tried(names: Names, reached: list[Any]) -> None:
    names["two.example"] = [["93.184.216.34", "8.8.8.8"]]
    with pytest.raises(NoAnswer):
        post("https://two.example/", body=b"", headers={})
    assert reached == [("93.184.216.34", 443), ("8.8.8.8", 443)]


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused, match=r"form|scheme"):
        target_of(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://example.com/", "scheme"),
        ("ftp://example.com/", "scheme"),
        ("file:///etc/passwd", "form"),
        ("gopher://example.com/", "scheme"),
        ("https://example.com:8443/", "port"),
        ("https://example.com:22/", "port"),
        ("https://example.com:0/", "port"),
    ],
)
def test_https_on_its_own_port_alone(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused, match=reason):
        target_of(url)


def test_an_unknown_name_is_told_apart(names: Names) -> None:
    with pytest.raises(AddressRefused, match="unknown"):
        post("https://nobody.example/", body=b"", headers={})


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
