"""One purchase through the running product, with names, addresses, tokens and keys that are then looked for (D7)."""

import http.client
import re
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from kwiga.local.processes import wait_until
from orders.models import Order
from orders.services.connections import account_of, connect
from schools.models import OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import fields_of
from tests.support.stack import Stack, stack_on

PERSON = {"email": "canarybird@example.test", "name": "Canaria 4111111111111111"}
CSRF = "c" * 32


class Page:
    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status, self.location = answer.status, answer.headers.get("Location", "")
        self.text = answer.read().decode()


@pytest.fixture
def stack(transactional_db: None, database_name: str):
    with stack_on(database_name) as stack:
        stack.environment |= {"DEBUG": "0", "PLAIN_STATIC_FILES": "1"}
        stack.start_all()
        yield stack


def ask(stack: Stack, address: str, form: dict[str, str] | None = None) -> Page:
    """A page of the school's site or of the bank, as a browser with our cookie asks for it."""
    parts = urlsplit(address)
    port = parts.port or stack.port
    headers = {"Host": parts.netloc or f"green.localhost:{stack.port}", "Cookie": f"csrf={CSRF}"}
    body = None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form | {"csrfmiddlewaretoken": CSRF})
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        client.request("GET" if form is None else "POST", f"{parts.path}?{parts.query}", body, headers)
        return Page(client.getresponse())


def buy(stack: Stack, offer_path: str) -> str:
    """From the offer to the thank-you page; the token of the pay link."""
    form = fields_of(ask(stack, offer_path)) | PERSON
    placed = ask(stack, offer_path, form)
    assert placed.status in {302, 303}, placed.text
    token = urlsplit(placed.location).path.strip("/").removeprefix("pay/")
    page = ask(stack, placed.location)
    method = re.search(r'name="method"\s+value="(\w+)"', page.text) or re.search(r'value="(\w{22})"', page.text)
    assert method, page.text
    at_bank = ask(stack, placed.location, {"method": method[1]})
    assert at_bank.location.startswith(f"http://127.0.0.1:{stack.bank_port}/pay/")
    back = ask(stack, at_bank.location, {"do": "pay", "notices": "twice"})
    done = ask(stack, back.location)
    assert done.location.endswith("/done/"), done.text
    assert ask(stack, done.location).status == 200
    return token


def everything_in_redis(stack: Stack) -> bytes:
    """All that was ever written there: the log of its commands."""
    return b"".join(path.read_bytes() for path in (stack.folder / "appendonlydir").iterdir())


@pytest.mark.spec("D7")
@pytest.mark.prove
@pytest.mark.timeout(180)
def test_no_canary_of_a_purchase_is_in_logs_redis_or_tasks(stack: Stack, school: Any, settings: Any) -> None:
    settings.TEST_BANK_URL = stack.environment["TEST_BANK_URL"]
    offer = sold_offer(school)
    with school_scope(school):
        key = account_of(connect(provider="test_bank", actor=None)).secrets["api_key"]

    token = buy(stack, f"/o/{offer.token}")

    def is_over() -> bool:
        with school_scope(school):
            waiting = OutboxRow.objects.filter(done_at=None, dead_at=None, kind__in=["event", "mail", "inbox"])
            return Order.objects.get().state == "paid" and not waiting.exists()

    assert wait_until(is_over, 60)
    with school_scope(school):
        payloads = repr(list(OutboxRow.objects.values_list("payload", flat=True)))
    written = {name: stack.log(name) for name in ("web", "worker", "beat", "bank")}
    written |= {"redis": everything_in_redis(stack).decode(errors="replace"), "payloads": payloads}
    assert '"view": "pay_return"' in written["web"] and '"view": "webhook"' in written["web"]
    assert len(written["redis"]) > 1_000 and stack.mails(str(school.pk))
    canaries = ("canarybird", "Canaria", "4111111111111111", token, key)
    assert [(place, canary) for place, text in written.items() for canary in canaries if canary in text] == []
