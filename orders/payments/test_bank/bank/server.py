"""The bank over HTTP: a thread for each connection. The log has methods and kinds of addresses, nobody's data."""

import hmac
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from orders.payments.test_bank.bank import pages
from orders.payments.test_bank.bank.actions import act
from orders.payments.test_bank.bank.books import Books, Refusal, Session
from orders.payments.test_bank.bank.clockwork import Clockwork
from orders.payments.test_bank.bank.interface import Interface
from orders.payments.test_bank.signing import form_signature

_MOST_READ = 1_000_000
_MOST_BYTES = 64 * 1024
_POLICY = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; form-action "


class Bank(ThreadingHTTPServer):
    """The server with what it serves."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, folder: Path) -> None:
        super().__init__((host, port), Handler)
        self.books = Books(folder)
        self.clockwork = Clockwork(self.books)
        self.interface = Interface(self.books, self.clockwork, f"http://{host}:{self.server_port}")


def serve(host: str, port: int, folder: Path) -> None:
    """Serve until interrupted."""
    with Bank(host, port, folder) as bank:
        bank.clockwork.start()
        print(f"Test bank at http://{host}:{bank.server_port}", flush=True)
        bank.serve_forever()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Bank
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self) -> None:
        """Pages, the style sheet, and calls of the interface that change nothing."""
        self._answer(b"")

    def do_POST(self) -> None:
        """Buttons, entering by a form, and calls of the interface."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MOST_BYTES:
            self.close_connection = True
            # A connection that is closed with bytes unread is reset, and the answer with it.
            self.rfile.read(min(int(length), _MOST_READ) if length.isdecimal() else 0)
            self._send(413, "text/plain", b"too long")
            return
        self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        address = urlsplit(self.path)
        if address.path.startswith("/api/"):
            self._call(address.path.removeprefix("/api/"), address.query, body)
        elif address.path == "/style.css":
            self._send(200, "text/css", pages.STYLE)
        elif address.path == "/health":
            self._send(200, "text/plain", b"ok")
        elif address.path == "/enter" and self.command == "POST":
            self._enter(_typed(body))
        elif address.path.startswith("/pay/"):
            self._pay(address.path.removeprefix("/pay/"), body)
        else:
            self._page(404, pages.problem_page("unknown"))

    def _call(self, path: str, query: str, body: bytes) -> None:
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            sent = json.loads(body) if body else None
            answer = self.server.interface.call(self.command, path, dict(parse_qsl(query)), key, sent)
        except Refusal as refusal:
            self._send_json(refusal.status, {"error": refusal.code})
        except (ValueError, TypeError):
            self._send_json(400, {"error": "malformed"})
        else:
            self._send_json(200, answer)

    def _enter(self, typed: dict[str, str]) -> None:
        session = self.server.books.sessions.get(typed.get("session", ""))
        if session is None:
            self._page(404, pages.problem_page("unknown"))
            return
        right = form_signature(self.server.books.accounts[session.account], session.id)
        if hmac.compare_digest(right.encode(), typed.get("signature", "").encode()):
            self._redirect(f"/pay/{session.id}")
        else:
            self._page(403, pages.problem_page("refused", session.language))

    def _pay(self, name: str, body: bytes) -> None:
        session = self.server.books.sessions.get(name)
        if session is None:
            self._page(404, pages.problem_page("unknown"))
        elif self.command == "GET":
            self._page(200, pages.session_page(session), session)
        else:
            self._press(session, _typed(body))

    def _press(self, session: Session, typed: dict[str, str]) -> None:
        try:
            goes_back = act(self.server.books, self.server.clockwork, session, typed)
        except Refusal:
            self._page(409, pages.problem_page("refused", session.language))
            return
        if not goes_back:
            self._page(200, pages.session_page(session, said="told"), session)
        elif typed.get("return_by", session.return_by) == "post":
            self._page(200, pages.return_page(session), session)
        else:
            self._redirect(session.return_url)

    def _redirect(self, address: str) -> None:
        self._send(303, "text/plain", b"", {"Location": address})

    def _page(self, status: int, html: str, session: Session | None = None) -> None:
        shop = urlsplit(session.return_url) if session else None
        leads_to = f"'self' {shop.scheme}://{shop.netloc}" if shop else "'self'"
        headers = {"Content-Security-Policy": _POLICY + leads_to, "Cache-Control": "no-store"}
        self._send(status, "text/html; charset=utf-8", html.encode(), headers)

    def _send_json(self, status: int, answer: dict[str, Any]) -> None:
        self._send(status, "application/json", json.dumps(answer).encode())

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        fixed = {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }
        if self.close_connection:
            fixed["Connection"] = "close"
        for name, value in (fixed | (headers or {})).items():
            self.send_header(name, value)
        # In one piece with the head: two small packets would wait for each other.
        self._headers_buffer.append(b"\r\n" + body)  # type: ignore[attr-defined]
        self.flush_headers()

    def version_string(self) -> str:
        """What the Server header says."""
        return "test-bank"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Only what went wrong on our side."""
        if int(code) >= 500:
            print(f"{self.command} {'api' if self.path.startswith('/api/') else 'page'} {int(code)}", flush=True)

    def log_message(self, format: str, *args: Any) -> None:
        """The library's words quote requests, so they are dropped."""


def _typed(body: bytes) -> dict[str, str]:
    fields = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
