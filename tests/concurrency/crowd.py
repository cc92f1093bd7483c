"""Buyers in one crowd at one checkout of the running store: all open its page, then all send the form at once."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

from tests.kwiga.pages.buyers import _Fields

# So many open the page side by side; the forms are sent from a thread each.
_READERS, _PATIENCE_SECONDS = 16, 300


@dataclass(frozen=True)
class Answer:
    """What the store said to one form."""

    status: int
    page: str


@dataclass(frozen=True)
class Outcome:
    """All answers, and from the first form sent to the last answer read."""

    answers: list[Answer]
    seconds: float

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)

    def saying(self, sentence: str) -> int:
        """How many pages were shown again with that sentence."""
        return sum(answer.status == 200 and sentence in answer.page for answer in self.answers)


class Crowd:
    """So many browsers at the checkout at `path`, each with an address and cookies of its own."""

    def __init__(self, port: int, host: str, path: str, size: int, email_of: Callable[[int], str]) -> None:
        self.port, self.host, self.path, self.size = port, f"{host}:{port}", path, size
        self.email_of = email_of

    def buy(self, code: str) -> Outcome:
        """Open the page by a link with the code, and once everybody has it, send the form."""
        with ThreadPoolExecutor(_READERS) as readers:
            forms = list(readers.map(lambda number: self._opened(number, code), range(self.size)))
        together = threading.Barrier(self.size + 1)
        with ThreadPoolExecutor(self.size) as buyers:
            sent = [buyers.submit(self._send, number, form, together) for number, form in enumerate(forms)]
            together.wait(_PATIENCE_SECONDS)
            started = time.monotonic()
            answers = [each.result() for each in sent]
        return Outcome(answers, time.monotonic() - started)

    def _opened(self, number: int, code: str) -> tuple[str, str]:
        """The form of the page, filled in, and the cookies that came with it."""
        answer, cookies = self._ask(number, "GET", f"{self.path}?coupon={code}")
        assert answer.status == 200, answer.page
        reader = _Fields()
        reader.feed(answer.page)
        return urlencode(reader.fields | {"name": "A Buyer", "email": self.email_of(number)}), cookies

    def _send(self, number: int, form: tuple[str, str], together: threading.Barrier) -> Answer:
        together.wait(_PATIENCE_SECONDS)
        return self._ask(number, "POST", self.path, *form)[0]

    def _ask(self, number: int, method: str, path: str, body: str = "", cookies: str = "") -> tuple[Answer, str]:
        source = f"127.{40 + number // 250}.1.{1 + number % 250}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS, source_address=(source, 0))
        headers = {"Host": self.host, "Content-Type": "application/x-www-form-urlencoded", "Connection": "close"}
        if cookies:
            headers["Cookie"] = cookies
        try:
            connection.request(method, path, body=body or None, headers=headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        given = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, text), given
