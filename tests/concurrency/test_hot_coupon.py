"""R1: many clients with one coupon at once, over HTTP against the running processes; and with the guard taken down."""

import os
import threading
from collections import Counter
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest

from coupons.models import Redemption
from kwiga.local import processes
from orders.models import Order
from schools.invariants import check_invariants
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import _Fields
from tests.support.stack import WEB, Stack, stack_on

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"]),
    pytest.mark.prove,
    pytest.mark.timeout(600),
]

# Under bin/prove in full size.
IN_FULL = "PROVE_SEEDS" in os.environ
ATTEMPTS, LIMIT = (1_000, 100) if IN_FULL else (120, 12)
CLIENTS = 32


class Shop:
    """The checkout of one offer as 32 strangers use it."""

    def __init__(self, stack: Stack, host: str, path: str) -> None:
        self.port, self.host, self.path = stack.port, f"{host}:{stack.port}", path
        self.numbers = iter(range(ATTEMPTS))
        self.answers: list[tuple[int, str]] = []
        self.lock = threading.Lock()

    def sell(self) -> Counter[int]:
        threads = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return Counter(status for status, _page in self.answers)

    def _client(self) -> None:
        while True:
            with self.lock:
                number = next(self.numbers, None)
            if number is None:
                return
            answer = self._attempt(number)
            with self.lock:
                self.answers.append(answer)

    def _attempt(self, number: int) -> tuple[int, str]:
        """Open the page with the code in the link, then send the form: each from an address of its own."""
        source = f"127.{40 + number // 250}.1.{1 + number % 250}"
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(source, 0))
        try:
            page, cookies = self._ask(connection, "GET", f"{self.path}?coupon=SPRING")
            reader = _Fields()
            reader.feed(page[1])
            form = reader.fields | {"email": f"s{number}@example.test", "name": "A Buyer"}
            return self._ask(connection, "POST", self.path, urlencode(form), cookies)[0]
        finally:
            connection.close()

    def _ask(
        self, connection: HTTPConnection, method: str, path: str, body: str = "", cookies: str = ""
    ) -> tuple[tuple[int, str], str]:
        headers = {"Host": self.host, "Content-Type": "application/x-www-form-urlencoded"}
        if cookies:
            headers["Cookie"] = cookies
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        given = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])
        return (answer.status, text), given


def sell_out(database, school, entry):
    """Statuses, orders with the coupon, and the rules that are broken."""
    offer, coupon = sold_offer(school), CouponFactory(school=school, code="SPRING", max_uses=LIMIT)
    with stack_on(database) as stack:
        stack.start_valkey()
        command = [entry if part == "kwiga.wsgi:application" else part for part in WEB]
        stack.start("web", [*command, "--bind", f"127.0.0.1:{stack.port}"])
        assert processes.wait_until(stack.web_answers, 90), stack.log("web")
        statuses = Shop(stack, f"{school.slug}.localhost", f"/o/{offer.token}").sell()
    with school_scope(school):
        sold = Order.objects.filter(discount_minor__gt=0).count()
        counted = Redemption.objects.filter(coupon=coupon, state__in=Redemption.COUNTED).count()
    assert sold == counted
    return statuses, sold, {finding.invariant.name for finding in check_invariants() if finding.rows}


@pytest.mark.spec("C4: R1 over HTTP: exactly as many orders as uses, the others a polite refusal, no 5xx")
def test_a_hot_coupon_is_sold_exactly_as_often_as_its_limit(school, database_name):
    statuses, sold, broken = sell_out(database_name, school, "kwiga.wsgi:application")
    assert sold == LIMIT
    assert set(statuses) <= {200, 303} and sum(statuses.values()) == ATTEMPTS, statuses
    assert "coupon_within_limit" not in broken and "counter_equals_uses" not in broken, broken


@pytest.mark.spec("C4: and without its guard it is oversold")
def test_without_the_guard_it_is_oversold(school, database_name):
    _statuses, sold, broken = sell_out(database_name, school, "tests.concurrency.unsafe_wsgi:application")
    assert sold > LIMIT
    assert {"coupon_within_limit", "counter_equals_uses"} <= broken
