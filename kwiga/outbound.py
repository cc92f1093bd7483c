"""Calls to addresses that a school typed: never into the machine's own network (trust D9).

The name is resolved once, every address it stands for has to be public, and the connection goes to the address that was
looked at, so that a second answer of the name server changes nothing. HTTPS on its own port only, no redirects, five
seconds and one megabyte in all. `OUTBOUND_ALLOW` ("host:port, …") is the operator's list of exceptions.
"""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from django.conf import settings

SECONDS = 5.0
MOST_BYTES = 1_000_000
_PORT = 443
_TRANSLATED = ip_network("64:ff9b::/96")  # IPv4 behind a translator
_UNICAST = ip_network("2000::/3")  # all that is handed out of IPv6
# Handed out, and still not the open network: relays of 6to4, the metadata of Azure, examples.
_NEAR = [ip_network(text) for text in ("192.88.99.0/24", "168.63.129.16/32", "3fff::/20")]
_ISATAP = {0x00005EFE, 0x02005EFE}
_PATH_SIGNS = "/%:@!$&'()*+,;=-._~?"

type Address = IPv4Address | IPv6Address


class AddressRefused(Exception):
    """The store does not call this address. `reason` is "scheme", "port", "form", "unknown" or "private"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(Exception):
    """Nobody answered in time, or the conversation broke. Its words name the class of the failure alone."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back, whatever its status. `text` is at most a megabyte of it."""

    status: int
    text: str
    duration_ms: int
    headers: Mapping[str, str]

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Target:
    """An address taken apart."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_allowed(self) -> bool:
        """Whether the operator vouches for it."""
        return f"{self.host}:{self.port}" in settings.OUTBOUND_ALLOW


def post(url: str, *, body: bytes, headers: Mapping[str, str], timeout: float = SECONDS) -> Answer:
    """Send one POST, with no second try and no redirect followed; `timeout` is in seconds, for all of it.

    Raises AddressRefused before anything is sent, NoAnswer when the other end gives none.
    """
    began = time.monotonic()
    target = target_of(url)
    connection = _Pinned(target, _resolve(target, timeout), began + timeout)
    try:
        with _deadline(connection, began + timeout):
            connection.request("POST", target.path, body=body, headers=_encoded(headers))
            response = connection.getresponse()
            text = response.read(MOST_BYTES).decode(errors="replace")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NoAnswer("TimeoutError" if time.monotonic() - began >= timeout else type(error).__name__) from error
    finally:
        connection.close()
    took = round((time.monotonic() - began) * 1000)
    return Answer(status=response.status, text=text, duration_ms=took, headers=dict(response.getheaders()))


def _encoded(headers: Mapping[str, str]) -> dict[str, bytes]:
    # http.client lets a line go on behind a break and a space; nothing of ours needs that.
    if any(sign in text for text in headers.values() for sign in "\r\n\0"):
        raise ValueError("a header is one line")
    return {name: text.encode() for name, text in headers.items()}


def target_of(url: str) -> Target:
    """The parts of an address that may be called, before any name is resolved. Raises AddressRefused."""
    if any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in url):
        raise AddressRefused("form")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode().rstrip("."), parts.port
    except (ValueError, UnicodeError) as error:
        raise AddressRefused("form") from error
    if not host or "@" in parts.netloc or "%" in host or ("[" in parts.netloc and ":" not in host):
        raise AddressRefused("form")
    default = 80 if parts.scheme == "http" else _PORT
    path = quote(parts._replace(scheme="", netloc="", fragment="").geturl() or "/", safe=_PATH_SIGNS)
    path = path if path.startswith("/") else f"/{path}"
    target = Target(scheme=parts.scheme, host=host.lower(), port=default if port is None else port, path=path)
    if not target.is_allowed:
        _refuse_unusual(target)
    return target


def refuse_private(url: str) -> None:
    """Say early what `post` would say of an address whose host is a number or this machine. Raises AddressRefused."""
    target = target_of(url)
    if target.is_allowed:
        return
    if target.host == "localhost" or target.host.endswith((".localhost", ".local", ".internal")):
        raise AddressRefused("private")
    for address in _literal(target.host):
        if not is_public(address):
            raise AddressRefused("private")


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open network, whatever IPv4 address it may carry inside."""
    inner = _inner(address)
    is_open = address.is_global and not address.is_multicast and not any(address in network for network in _NEAR)
    return is_open and _is_handed_out(address) and (inner is None or is_public(inner))


def _is_handed_out(address: Address) -> bool:
    return isinstance(address, IPv4Address) or bool(
        address in _UNICAST or address in _TRANSLATED or address.ipv4_mapped
    )


def _inner(address: Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED or (int(address) >> 32 & 0xFFFFFFFF) in _ISATAP:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _refuse_unusual(target: Target) -> None:
    if target.scheme != "https":
        raise AddressRefused("scheme")
    if target.port != _PORT:
        raise AddressRefused("port")


def _literal(host: str) -> list[Address]:
    """The address that a host written as a number stands for, in any of the ways the resolver reads: 0x7f.1 too."""
    with suppress(ValueError):
        return [ip_address(host)]
    try:
        return [IPv4Address(socket.inet_aton(host))] if host[0].isdigit() else []
    except OSError:
        return []


def _resolve(target: Target, seconds: float) -> list[str]:
    """Every address of the host, as text; refused as soon as one of them is not public."""
    found = _looked_up(target, seconds)
    if not found:
        raise AddressRefused("unknown")
    if not target.is_allowed and not all(is_public(ip_address(text)) for text in found):
        raise AddressRefused("private")
    return found


def _looked_up(target: Target, seconds: float) -> list[str]:
    # The resolver of the system knows no time limit of ours; a thread that hangs in it is left to itself.
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.extend(_addresses(target)), daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise NoAnswer("TimeoutError")
    return answers


def _addresses(target: Target) -> list[str]:
    try:
        rows = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(str(row[4][0]) for row in rows))


class _Pinned(http.client.HTTPConnection):
    """Goes to the addresses that were looked at, and says the name in `Host`, in SNI and to the certificate check."""

    def __init__(self, target: Target, addresses: list[str], until: float) -> None:
        super().__init__(target.host, target.port)
        self._target, self._addresses, self._until = target, addresses, until
        # Kept until the end: http.client forgets its own as soon as the answer says it is the last one.
        self.line: socket.socket | None = None
        # The usual port of the scheme is left out of the Host header.
        self.default_port = _PORT if target.scheme == "https" else 80

    def connect(self) -> None:
        self.sock = self.line = self._first_that_answers()
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host, do_handshake_on_connect=False)
            self.line = self.sock
            self.sock.do_handshake()

    def _first_that_answers(self) -> socket.socket:
        failure: OSError = TimeoutError()
        for address in self._addresses:
            rest = self._until - time.monotonic()
            if rest <= 0:
                break
            try:
                return socket.create_connection((address, self.port), rest)
            except OSError as error:
                failure = error
        raise failure


@contextmanager
def _deadline(connection: _Pinned, until: float) -> Iterator[None]:
    """Hang up when the time is over, however often a byte drips in."""

    def hang_up() -> None:
        if connection.line:
            with suppress(OSError):
                # Past the TLS layer, which another thread is in the middle of.
                socket.socket.shutdown(connection.line, socket.SHUT_RDWR)

    timer = threading.Timer(until - time.monotonic(), hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
