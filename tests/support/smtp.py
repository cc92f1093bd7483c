"""A mail server on loopback that writes down what it is given, and can be slow, closed or unwilling."""

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class MailServer(socketserver.ThreadingTCPServer):
    """Accepts every mail, each after `delay` seconds; `answers` sets another reply for a command ("RCPT", "HELO")."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 50

    def __init__(self, port: int = 0, delay: float = 0.0) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.delay = delay
        self.answers: dict[str, str] = {}
        self.accepted: list[bytes] = []
        self.port: int = self.server_address[1]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for raw in list(self.accepted)]

    def message_ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails()]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle is what these tests are about."""


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line[:4].decode().upper().strip()
            if verb in self.server.answers:
                self._say(self.server.answers[verb])
            elif verb == "DATA":
                self._data()
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _data(self) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        time.sleep(self.server.delay)
        if line:
            self.server.accepted.append(b"".join(lines))
            self._say("250 accepted")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server(port: int = 0, delay: float = 0.0) -> Iterator[MailServer]:
    """A running server, closed at the end."""
    with MailServer(port, delay) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


def mailers_for(url_port: int) -> dict[str, Any]:
    """MAILERS with Django's SMTP client pointed at a port of this machine."""
    options = {"host": "127.0.0.1", "port": url_port, "timeout": 2}
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
