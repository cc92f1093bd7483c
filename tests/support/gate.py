"""A door between a process and its database that can be shut: connections break, and new ones are refused."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Gate:
    """Listens on a port of its own and passes everything on to `target`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port = 0

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._run(self._accept, self._listener)

    def shut(self) -> None:
        """Break what is connected and refuse what comes."""
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            self._listener.close()
            self._listener = None
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)
        while self._threads:
            self._threads.pop().join(5)

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _address = listener.accept()
                answerer = socket.create_connection(self._target)
                self._open += [caller, answerer]
                self._run(_pass_on, caller, answerer)
                self._run(_pass_on, answerer, caller)

    def _run(self, work: Callable[..., None], *sockets: socket.socket) -> None:
        thread = threading.Thread(target=work, args=sockets, daemon=True)
        thread.start()
        self._threads.append(thread)


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Until either end closes; each socket is the source of one thread, which closes it."""
    with source:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def gate_to(host: str, port: int) -> Iterator[Gate]:
    """An open gate, shut for good at the end."""
    gate = Gate((host, port))
    gate.open()
    try:
        yield gate
    finally:
        gate.shut()
