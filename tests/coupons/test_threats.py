"""What somebody may try on codes and clocks beside the races and guesses (trust C9 to C11; C30)."""

import logging
from datetime import timedelta

import pytest

from coupons.models import Redemption
from coupons.services.coupons import pause_coupon
from kwiga import clock
from orders.errors import TooManyFreeOrders
from orders.selectors.quote import quote_offer
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import placed, sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of, now_in, orders_of, submit
from tests.support.coupons import pay, uses, with_coupon

HTMX = {"HX-Request": "true"}
PAYLOADS = [
    "<script>canary(1)</script>",
    "canary\r\nSet-Cookie: stolen=1",
    "canary%0d%0aX-Stolen: 1",
    "\u202eyranac\u200b",
    "canary'; DROP TABLE coupons_coupon;--",
    "canary" * 200_000,
]


@pytest.fixture
def offer(school):
    return sold_offer(school, price_minor=120_000)


# --- A pause in the middle (C30.2) ---


@pytest.mark.spec("C30.2: paused between applying and ordering, it is refused; a use that is held is honored")
def test_a_pause_refuses_new_orders_and_honors_held_uses(school, visitor, offer):
    coupon = CouponFactory(school=school, code="SPRING", max_uses=5)
    held = with_coupon(offer, email="before@example.test")
    client = visitor(school)
    form = fields_of(client.get(address_of(offer, "?coupon=SPRING"))) | {"email": "me@example.test", "name": "Me"}
    with school_scope(school):
        pause_coupon(coupon=coupon, actor=None)
    page = client.post(address_of(offer), form)
    assert page.status_code == 200 and "This code is not valid here" in page.text
    assert fields_of(page)["shown_total"] == "120000" and fields_of(page)["email"] == "me@example.test"
    assert len(orders_of(school)) == 1
    pay(held)
    assert uses(coupon) == (1, ["confirmed"])


# --- Clocks (C9) ---


@pytest.mark.spec("C9: a machine whose clock is ten minutes off changes no redemption")
@pytest.mark.parametrize("minutes", [-10, 10])
def test_the_clock_of_the_machine_decides_nothing(school, offer, time_machine, minutes):
    now = now_in(school)
    CouponFactory(school=school, code="OVER1", starts_at=now - timedelta(days=1), ends_at=now - timedelta(minutes=5))
    CouponFactory(school=school, code="RUNS1", starts_at=now - timedelta(minutes=5), ends_at=now + timedelta(minutes=5))
    CouponFactory(school=school, code="LATER1", starts_at=now + timedelta(minutes=5))
    time_machine.move_to(now + timedelta(minutes=minutes), tick=True)
    found = {}
    for code in ("OVER1", "RUNS1", "LATER1"):
        with school_scope(school):
            quote = quote_offer(offer=offer, at=clock.now(), code=code)
        found[code] = str(quote.refusal.reason) if quote.refusal else ""
    assert found == {"OVER1": "ended", "RUNS1": "", "LATER1": "starts_later"}
    order = with_coupon(offer, code="RUNS1")
    with school_scope(school):
        use = Redemption.objects.get()
    assert abs(use.created_at - now) < timedelta(minutes=2)
    assert timedelta(minutes=28) < order.held_until - now < timedelta(minutes=32)


# --- What was typed (C10) ---


@pytest.mark.spec("C10: no line of the log and no header holds what was typed, only the id of a coupon that applied")
@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_nothing_that_was_typed_is_logged_or_sent_back_as_a_header(school, visitor, offer, caplog, payload):
    caplog.set_level(logging.DEBUG)
    client = visitor(school)
    answers = [
        client.get(address_of(offer), {"coupon": payload[:2_000]}),
        client.post(f"/o/{offer.token}/quote/", {"coupon": payload, "apply": "1"}, headers=HTMX),
        client.post(address_of(offer), {"coupon": payload, "apply": "1"}),
    ]
    assert {answer.status_code for answer in answers} <= {200, 400, 413}
    for answer in answers:
        assert "stolen" not in str(dict(answer.headers)).lower() and "canary" not in str(dict(answer.headers))
        assert "stolen" not in answer.cookies
    logged = "\n".join(str(record.__dict__) for record in caplog.records)
    assert "code tried" in logged and "canary" not in logged and "yranac" not in logged


@pytest.mark.spec("C10: applying is counted in the log by the id of the coupon, with what came of it")
def test_applying_is_counted_without_the_code(school, visitor, offer, caplog):
    coupon = CouponFactory(school=school, code="CANARY-CODE")
    client = visitor(school)
    client.get(address_of(offer, "?coupon=canary-code"))
    client.post(f"/o/{offer.token}/quote/", {"coupon": "canary-code", "apply": "1"}, headers=HTMX)
    client.post(f"/o/{offer.token}/quote/", {"coupon": "canary-code", "email": "a@b.test"}, headers=HTMX)
    client.get(address_of(offer, "?coupon=NOSUCHCODE"))
    client.get(address_of(offer))
    told = [record.msg for record in caplog.records if record.name == "kwiga.codes"]
    assert [(line["reason"], line["row"]) for line in told] == [
        ("applied", coupon.pk),
        ("applied", coupon.pk),
        ("unknown", None),
    ]
    assert "canary-code" not in str(told).lower() and "nosuchcode" not in str(told).lower()


# --- Free orders (C11) ---


@pytest.mark.spec("C11: of 200 orders that a coupon makes free, one client gets twenty; paid ones have no limit")
def test_two_hundred_free_orders_stop_at_the_limit(school, visitor, offer):
    coupon = CouponFactory(school=school, code="GIFT", percent_bp=10_000, max_uses=500)
    for number in range(25):
        answer = submit(visitor(school), offer, "?coupon=GIFT", email=f"s{number}@example.test").status_code
        assert answer == 303 if number < 20 else answer not in {303, 500, 503}
    # The rest without the pages, from the address that the pages were asked from.
    for number in range(25, 200):
        with pytest.raises(TooManyFreeOrders):
            placed(offer, code="GIFT", shown_total_minor=0, email=f"s{number}@example.test", client_address="127.0.0.1")
    counter, states = uses(coupon)
    assert (counter, states) == (20, ["confirmed"] * 20)
    for number in range(3):
        assert submit(visitor(school), offer, email=f"p{number}@example.test").status_code == 303
