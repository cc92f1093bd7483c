"""Whoever is called over real HTTP on loopback: a receiver of webhooks, and a stand-in for Telegram's bot interface."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Heard:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))


@dataclass(frozen=True)
class Reply:
    """What the receiver answers."""

    status: int = 200
    body: bytes = b"ok"
    headers: dict[str, str] = field(default_factory=dict)


class Receiver(ThreadingHTTPServer):
    """Keeps what it heard; a test says how it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = f"127.0.0.1:{self.server_port}"
        self.url = f"http://{self.host}"
        self.heard: list[Heard] = []
        self.answer: Callable[[Heard], Reply] = lambda heard: Reply()
        self.drip_seconds = 0.0


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        heard = Heard(self.path, {name.lower(): text for name, text in self.headers.items()}, body)
        self.server.heard.append(heard)
        reply = self.server.answer(heard)
        self.send_response(reply.status)
        for name, text in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self._say(reply.body)

    do_GET = do_POST

    def _say(self, body: bytes) -> None:
        if not self.server.drip_seconds:
            self.wfile.write(body)
            return
        for sign in body:
            try:
                self.wfile.write(bytes([sign]))
                self.wfile.flush()
            except OSError:
                return
            time.sleep(self.server.drip_seconds)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    """One that listens inside the block."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class Telegram:
    """The bot interface: one bot, chats it may write to, and as many messages a minute as Telegram allows."""

    def __init__(self, server: Receiver, token: str) -> None:
        self.server, self.token = server, token
        self.gone: dict[str, str] = {}
        self.pauses: list[int] = []
        server.answer = self._answer

    @property
    def posted(self) -> list[dict[str, Any]]:
        """The messages that were taken, in order."""
        return [heard.said for heard in self.server.heard if heard.headers.get("x-taken") == "yes"]

    def _answer(self, heard: Heard) -> Reply:
        if heard.path != f"/bot{self.token}/sendMessage":
            return _said(404, "Not Found")
        message = heard.said
        if self.pauses:
            seconds = self.pauses.pop(0)
            return _said(429, f"Too Many Requests: retry after {seconds}", parameters={"retry_after": seconds})
        if message["chat_id"] in self.gone:
            return _said(403, self.gone[message["chat_id"]])
        if len(message["text"].encode("utf-16-le")) // 2 > 4096:
            return _said(400, "Bad Request: message is too long")
        heard.headers["x-taken"] = "yes"
        return Reply(body=json.dumps({"ok": True, "result": {"message_id": len(self.posted)}}).encode())


def _said(status: int, description: str, **more: Any) -> Reply:
    said = {"ok": False, "error_code": status, "description": description, **more}
    return Reply(status=status, body=json.dumps(said).encode())
