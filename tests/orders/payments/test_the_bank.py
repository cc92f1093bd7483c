"""The Test bank itself: its ledger, its notices, its pages, what it does not want to know."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from secrets import token_hex
from typing import Any

import pytest

from kwiga.local.paths import ROOT
from kwiga.local.processes import wait_until
from orders.payments.test_bank.bank.words import LANGUAGES, words_in
from orders.payments.test_bank.signing import HEADER, is_genuine, notice_secret
from tests.support.bank import RunningBank, running_bank

KEY = f"tb_{token_hex(16)}"


class Shop(HTTPServer):
    """Takes notices, the first `refusals` of them with 503."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taker)
        self.url = f"http://127.0.0.1:{self.server_port}/notices/"
        self.told: list[tuple[dict[str, Any], bool]] = []
        self.refusals = 0

    @property
    def kinds(self) -> list[str]:
        return [notice["kind"] for notice, _genuine in self.told]


class _Taker(BaseHTTPRequestHandler):
    server: Shop

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((json.loads(body), is_genuine(notice_secret(KEY), self.headers[HEADER], body)))
        self.send_response(503 if len(self.server.told) <= self.server.refusals else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def open_shop() -> Iterator[Shop]:
    with Shop() as shop:
        threading.Thread(target=shop.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield shop
        shop.shutdown()


@pytest.fixture
def shop() -> Iterator[Shop]:
    with open_shop() as shop:
        yield shop


@pytest.fixture
def bank() -> Iterator[RunningBank]:
    """One of this test's own, which may be killed."""
    with running_bank() as bank:
        yield bank


def session(bank: RunningBank, shop: Shop, **changes: Any) -> dict[str, Any]:
    wanted = {
        "reference": token_hex(6),
        "order_number": "ABCD2345",
        "title": "<b>Йога</b>",
        "amount_minor": 120_000,
        "currency": "UAH",
        "language": "en",
        "return_url": "http://green.localhost:8000/pay/x/return/",
        "notice_url": shop.url,
        "ends_at": None,
        "entry": "link",
        "return_by": "get",
    }
    status, answer = bank.call(KEY, "POST", "sessions", wanted | changes)
    assert status == 200, answer
    return answer


def state(bank: RunningBank, name: str) -> str:
    return bank.call(KEY, "GET", f"sessions/{name}")[1]["status"]


def test_it_knows_nothing_of_django_and_of_the_database():
    program = "import sys, orders.payments.test_bank.bank.server; print(*({'django', 'psycopg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_it_takes_nothing_about_the_buyer(bank, shop):
    for extra in ("email", "name", "buyer", "phone"):
        status, answer = bank.call(KEY, "POST", "sessions", {"reference": "r", extra: "olena@example.test"})
        assert (status, answer["error"]) == (400, "unknown_or_missing_field")


@pytest.mark.parametrize("key", ["", "sk_test_x", "tb_short", "tb_" + "x" * 65])
def test_a_key_of_another_shape_opens_no_account(bank, key):
    assert bank.call(key, "GET", "account")[0] == 401


def test_accounts_do_not_see_each_other(bank, shop):
    name = session(bank, shop)["id"]
    assert bank.call(f"tb_{token_hex(16)}", "GET", f"sessions/{name}")[0] == 404


def test_a_notice_is_signed_and_told_until_it_is_taken(bank, shop):
    shop.refusals = 2
    name = session(bank, shop)["id"]
    assert bank.press(name, "pay").status == 303
    assert wait_until(lambda: len(shop.told) >= 3, 10)
    assert all(genuine for _notice, genuine in shop.told)
    assert len({notice["id"] for notice, _genuine in shop.told}) == 1
    assert not wait_until(lambda: len(shop.told) > 3, 0.5)


@pytest.mark.parametrize(
    ("how", "kinds"),
    [("twice", ["payment.paid"] * 5), ("reverse", ["payment.paid", "payment.started"]), ("none", [])],
)
def test_notices_as_testers_want_them(bank, shop, how, kinds):
    bank.press(session(bank, shop)["id"], "pay", notices=how)
    assert wait_until(lambda: len(shop.told) >= len(kinds), 5)
    assert not wait_until(lambda: len(shop.told) > len(kinds), 0.4)
    assert shop.kinds == kinds


def test_repeats_on_demand(bank, shop):
    name = session(bank, shop)["id"]
    bank.press(name, "decline")
    assert bank.press(name, "repeat").status == 200
    assert wait_until(lambda: shop.kinds == ["payment.failed"] * 2, 5)


def test_a_slow_payment_survives_a_kill(bank, shop):
    name = session(bank, shop)["id"]
    bank.press(name, "later", seconds="1")
    assert state(bank, name) == "pending"
    bank.restart()
    assert wait_until(lambda: state(bank, name) == "paid", 5)
    assert wait_until(lambda: shop.kinds == ["payment.paid"], 5)


def test_what_was_not_taken_is_told_after_a_kill(bank, shop):
    shop.refusals = 1
    name = session(bank, shop)["id"]
    bank.press(name, "pay")
    assert wait_until(lambda: len(shop.told) == 1, 5)
    bank.restart()
    assert wait_until(lambda: len(shop.told) == 2, 5)
    assert state(bank, name) == "paid"


def test_half_a_line_at_the_end_of_the_ledger_is_dropped(bank, shop):
    name = session(bank, shop)["id"]
    bank.press(name, "pay", notices="none")
    with (bank.folder / "ledger.jsonl").open("ab") as ledger:
        ledger.write(b'{"do":"move","session":"')
    bank.restart()
    assert state(bank, name) == "paid"
    refund = {"reference": "1", "amount_minor": 1, "currency": "UAH"}
    assert bank.call(KEY, "POST", f"sessions/{name}/refunds", refund)[0] == 200
    bank.restart()
    assert bank.call(KEY, "GET", f"sessions/{name}")[1]["refunds"][0]["amount_minor"] == 1


def test_sessions_end_by_themselves(bank, shop):
    name = session(bank, shop, ends_at=time.time() + 0.5)["id"]
    assert wait_until(lambda: state(bank, name) == "canceled", 5)
    assert wait_until(lambda: shop.kinds == ["payment.canceled"], 5)
    assert bank.press(name, "pay").status == 409


def test_buttons_that_come_too_late(bank, shop):
    name = session(bank, shop)["id"]
    bank.press(name, "pay", notices="none")
    for button in ("pay", "decline", "later"):
        assert bank.press(name, button).status == 409
    assert bank.press(name, "close").status == 303
    assert state(bank, name) == "paid"
    assert bank.press(name, "nonsense").status == 409


def test_entering_by_a_form_needs_its_signature(bank, shop):
    made = session(bank, shop, entry="form")
    assert made["url"].endswith("/enter") and set(made["fields"]) == {"session", "signature"}
    good = bank.post("/enter", made["fields"])
    assert (good.status, good.headers["Location"]) == (303, f"/pay/{made['id']}")
    assert bank.post("/enter", made["fields"] | {"signature": "0" * 64}).status == 403
    assert bank.post("/enter", {}).status == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_speak_the_language_and_escape(bank, shop, language):
    name = session(bank, shop, language=language)["id"]
    page = bank.page(f"/pay/{name}")
    text = page.data.decode()
    assert f'lang="{language}"' in text and words_in(language)["button_pay"] in text
    assert "<b>Йога" not in text and "&lt;b&gt;Йога" in text
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "script" not in policy
    assert policy.endswith("form-action 'self' http://green.localhost:8000")


def test_every_language_says_everything():
    first, *others = (set(words_in(language)) for language in LANGUAGES)
    assert all(other == first for other in others)


def test_the_way_back_by_a_form(bank, shop):
    name = session(bank, shop, return_by="post")["id"]
    page = bank.press(name, "pay", notices="none")
    assert page.status == 200
    assert 'method="post" action="http://green.localhost:8000/pay/x/return/"' in page.data.decode()


def test_the_log_names_nobody(bank, shop):
    made = session(bank, shop, title="Olena Canary", notice_url="http://127.0.0.1:9/secret-canary/")
    bank.press(made["id"], "pay")
    bank.call(KEY, "POST", "knobs", {"failures": 1})
    bank.call(KEY, "GET", "account")
    bank.page("/pay/<script>canary")
    assert wait_until(lambda: "not taken" in bank.log and "api 503" in bank.log, 10)
    for canary in ("anary", KEY, made["id"], made["reference"]):
        assert canary not in bank.log


def test_the_ledger_keeps_no_key(bank, shop):
    session(bank, shop)
    assert KEY not in (bank.folder / "ledger.jsonl").read_text()
    assert (bank.folder / "ledger.jsonl").stat().st_mode & 0o077 == 0


def test_too_long_and_malformed_requests(bank):
    assert bank.post("/enter", {"session": "x" * 70_000}).status == 413
    assert bank.call(KEY, "POST", "sessions", [1])[0] == 400
    assert bank.call(KEY, "GET", "sessions?since=never")[0] == 400
    assert bank.call(KEY, "GET", "nowhere")[0] == 404
    assert bank.page("/nowhere").status == 404
