"""A guest who buys: seven requests to the store, and what a browser would do at the Test bank in between.

Plain sockets and regular expressions, so that the buyer costs as little as possible beside what is measured.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

REQUESTS = ("offer", "quote", "place", "pay page", "go", "return", "done")
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_METHOD = re.compile(r'name="method"\s+value="([^"]+)"|value="([^"]+)"\s+name="method"')


class Unexpected(Exception):
    """The store answered something else than a buyer needs to go on."""


@dataclass(frozen=True)
class Shop:
    """Where to buy what. `acknowledged` hears of everything the store promised: a kind and a name."""

    port: int
    host: str
    offer: str
    code: str = "SPRING"
    acknowledged: Callable[[str, str], None] = lambda kind, name: None


@dataclass
class Buyer:
    """One guest on one address of the loopback network, as the limits count them."""

    shop: Shop
    number: int
    prefix: str = "buyer"
    times: list[float] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """A loopback address that belongs to this guest alone."""
        return f"127.{20 + self.number // 62_500 % 200}.{self.number // 250 % 250}.{1 + self.number % 250}"

    def buy(self, *, button: str = "pay") -> str:
        """Buy the offer; the address of the thank-you page. Raises Unexpected, OSError."""
        connection = HTTPConnection("127.0.0.1", self.shop.port, timeout=30, source_address=(self.source, 0))
        try:
            pay = self.order(connection)
            return self.settle(connection, pay, button)
        finally:
            connection.close()

    def order(self, connection: HTTPConnection) -> str:
        """Look, try a code, submit; the path of the pay page."""
        path = f"/o/{self.shop.offer}"
        form = buyer_fields(self._ask(connection, "GET", path, wanted=200)[1])
        person = {"email": f"{self.prefix}{self.number}@example.test", "name": f"Buyer {self.number}"}
        summary = self._ask(
            connection, "POST", f"{path}/quote/", form | person | {"coupon": self.shop.code, "apply": "1"}, wanted=200
        )[1]
        form |= person | {"coupon": self.shop.code} | buyer_fields(summary)
        location, _page = self._ask(connection, "POST", path, form, wanted=303)
        self.shop.acknowledged("order", location.strip("/").rpartition("/")[2])
        return location

    def settle(self, connection: HTTPConnection, pay: str, button: str = "pay") -> str:
        """Choose the first way to pay, press a button at the bank, come back."""
        page = self._ask(connection, "GET", pay, wanted=200)[1]
        sent = buyer_fields(page) | {"method": method_on(page)}
        bank, _page = self._ask(connection, "POST", pay, sent, wanted=303)
        back = urlsplit(press(bank, button)).path
        done, _page = self._ask(connection, "GET", back, wanted=303)
        self._ask(connection, "GET", done, wanted=200)
        if not done.endswith("/done/"):
            raise Unexpected(f"came back to {done.rpartition('/pay/')[0]}/pay/… instead of the thanks")
        self.shop.acknowledged("paid", bank.rpartition("/")[2])
        return done

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, form: dict[str, str] | None = None, *, wanted: int
    ) -> tuple[str, str]:
        """Location and body of the answer, its time noted."""
        host = f"{self.shop.host}:{self.shop.port}"
        headers = {"Host": host, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}"}
            if path.endswith("/quote/"):
                headers["HX-Request"] = "true"
        begun = time.monotonic()
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        self.times.append(time.monotonic() - begun)
        self._keep_cookies(answer)
        if answer.status != wanted:
            raise Unexpected(f"{method} {_kind_of(path)} answered {answer.status}")
        return answer.getheader("Location", ""), body

    def _keep_cookies(self, answer: HTTPResponse) -> None:
        for header in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value


def _kind_of(path: str) -> str:
    """The address without its secrets."""
    return re.sub(r"[A-Za-z0-9_-]{12,}", "…", path)


def buyer_fields(page: str) -> dict[str, str]:
    """The hidden values of a page, and the boxes that have to be ticked."""
    found: dict[str, str] = {}
    for tag in _INPUT.findall(page):
        attributes = dict(_ATTRIBUTE.findall(tag))
        if attributes.get("type") in ("hidden", "checkbox") and "name" in attributes:
            found[attributes["name"]] = unescape(attributes.get("value", "on"))
    return found


def method_on(page: str) -> str:
    """The first way to pay on a pay page."""
    found = _METHOD.search(page)
    if not found:
        raise Unexpected("no way to pay")
    return found[1] or found[2]


def press(address: str, button: str) -> str:
    """What a buyer does at the bank; where it sends them back to."""
    bank = urlsplit(address)
    connection = HTTPConnection(bank.hostname or "", bank.port or 80, timeout=30)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", bank.path, urlencode({"do": button, "notices": "once"}), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 303:
            raise Unexpected(f"the bank answered {answer.status}")
        return answer.getheader("Location", "")
    finally:
        connection.close()
