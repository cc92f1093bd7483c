"""What a used coupon gave is rewritten through no door: form, import, service, SQL of the web's role (P5, C12)."""

from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError, ProgrammingError

from coupons.forms.coupon import LOCKED
from coupons.models import Coupon, CouponCode, Redemption
from coupons.models.coupons import LOCKED_FIELDS
from orders.models import Order
from orders.services.closing import cancel_order
from schools.tenancy.scope import school_scope
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.kwiga.pages.buyers import orders_of
from tests.support.coupons import pay, with_coupon

pytestmark = pytest.mark.django_db

TERMS = ("kind", "percent_bp", "amount_minor", "currency", "maximum_minor", "minimum_minor", "combines")
FORGED = {
    "code": "OTHER",
    "size": "90",
    "unit": "USD",
    "minimum": "5",
    "maximum": "5",
    "sums_currency": "USD",
}
SENT = {"audience": "everyone", "reach": "all", "max_uses_per_contact": "1"}


@pytest.fixture
def used(school) -> Coupon:
    """Locked by its first use through a checkout, not by a flag that a test has set."""
    CouponFactory(school=school, code="SPRING", max_uses=5)
    with_coupon(sold_offer(school, price_minor=120_000))
    with school_scope(school):
        return Coupon.objects.get()


def terms_of(school) -> dict[str, Any]:
    with school_scope(school):
        coupon = Coupon.objects.get()
        use = Redemption.objects.get()
        frozen = {"amount": use.amount_minor, "snapshot": use.snapshot, "currency": use.currency}
        return {name: getattr(coupon, name) for name in TERMS} | frozen | {"code": coupon.codes.get().code}


@contextmanager
def refused(school, *kinds: type[DatabaseError]):
    with school_scope(school), pytest.raises(kinds or (IntegrityError,)), transaction.atomic():
        yield


def test_the_lists_of_what_is_locked_are_those_tried_here():
    assert set(LOCKED_FIELDS) == set(TERMS) and set(LOCKED) == set(FORGED)


@pytest.mark.spec("P5.1: each locked field by itself, forged")
@pytest.mark.parametrize("name", FORGED)
def test_the_form_refuses_each_forged_field(school, owner, staff, used, name):
    before, client = terms_of(school), staff(owner)
    address = f"/green/coupons/{used.token}/edit/"
    assert client.get(address).context["form"].fields[name].disabled
    answer = client.post(address, SENT | {name: FORGED[name]})
    assert answer.status_code == 200 and name in answer.context["form"].errors
    assert terms_of(school) == before


@pytest.mark.spec("P5.1: and an honest one is saved with all of them as they were")
def test_the_form_saves_what_is_open_and_keeps_what_is_locked(school, owner, staff, used):
    before = terms_of(school)
    sent = SENT | {"max_uses": "9", "max_uses_per_contact": "3", "comment": "New", "ends_at_day": "2031-01-01"}
    assert staff(owner).post(f"/green/coupons/{used.token}/edit/", sent).status_code == 302
    with school_scope(school):
        after = Coupon.objects.get()
    assert (after.max_uses, after.max_uses_per_contact, after.comment) == (9, 3, "New")
    assert terms_of(school) == before


ATTEMPTS = [
    "UPDATE coupons_coupon SET percent_bp = 9000",
    "UPDATE coupons_coupon SET is_used = false",
    "UPDATE coupons_coupon SET is_used = false, percent_bp = 9000",
    "UPDATE coupons_coupon SET kind = 'fixed', percent_bp = NULL, amount_minor = 1, currency = 'UAH'",
    "UPDATE coupons_coupon SET currency = 'UAH', minimum_minor = 1",
    "UPDATE coupons_coupon SET currency = 'UAH', maximum_minor = 1",
    "UPDATE coupons_coupon SET combines = true",
    "UPDATE coupons_couponcode SET code = 'OTHER', code_key = 'OTHER'",
    "UPDATE coupons_couponcode SET code = 'spring'",
    "UPDATE coupons_redemption SET amount_minor = 1",
    "UPDATE coupons_redemption SET currency = 'USD'",
    "UPDATE coupons_redemption SET snapshot = '{}'",
    "UPDATE coupons_redemption SET ends_at = now()",
    "DELETE FROM coupons_coupon",
    "DELETE FROM coupons_couponcode",
    "INSERT INTO coupons_coupon SELECT * FROM coupons_coupon ON CONFLICT (id) DO UPDATE SET percent_bp = 9000",
    "WITH gone AS (DELETE FROM coupons_couponcode RETURNING *) SELECT count(*) FROM gone",
]


@pytest.mark.spec("C12: SQL of the role of the web, statement by statement")
@pytest.mark.parametrize("statement", ATTEMPTS)
def test_no_statement_of_the_web_rewrites_it(school, used, statement):
    before = terms_of(school)
    with refused(school), connection.cursor() as cursor:
        cursor.execute(statement)
    assert terms_of(school) == before


@pytest.mark.spec("C12: the locks themselves are out of reach of the role of the web")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE coupons_coupon DISABLE TRIGGER ALL",
        "ALTER TABLE coupons_coupon DISABLE TRIGGER USER",
        "SET session_replication_role = replica",
        "TRUNCATE coupons_coupon CASCADE",
        "CREATE OR REPLACE RULE quiet AS ON UPDATE TO coupons_coupon DO INSTEAD NOTHING",
    ],
)
def test_the_role_of_the_web_cannot_open_the_locks(school, used, statement):
    with refused(school, ProgrammingError), connection.cursor() as cursor:
        cursor.execute(statement)
    with refused(school):
        Coupon.objects.update(percent_bp=9_000)


@pytest.mark.parametrize("statement", ATTEMPTS[:1] + ATTEMPTS[6:9])
def test_the_same_statements_change_an_unused_coupon(school, statement):
    """The control: it is the use that locks."""
    CouponFactory(school=school, code="SPRING")
    with school_scope(school), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount == 1


@pytest.mark.spec("C12: old receipts stay as they were, whatever becomes of coupon, code and offer")
def test_an_old_receipt_stays_as_it_was(school, owner, staff, used):
    (order,) = orders_of(school)
    pay(order)
    client, address = staff(owner), f"/green/orders/{order.number}/"

    def shown() -> str:
        page = client.get(address).text
        return page.partition("Discount with")[2].partition("</table>")[0]

    before = shown()
    assert "SPRING" in before and "120" in before
    client.post(f"/green/coupons/{used.token}/edit/", SENT | {"max_uses": "50", "comment": "x"})
    client.post(f"/green/coupons/{used.token}/moves/delete/")
    with school_scope(school):
        assert Coupon.objects.get().archived_at is not None and CouponCode.objects.get().code == "SPRING"
    assert shown() == before


@pytest.mark.spec("C12: a code given back with its order leaves the coupon locked")
def test_a_use_that_was_given_back_locks_as_well(school, used):
    with school_scope(school):
        cancel_order(order=Order.objects.get(), reason="", actor=None)
        assert Redemption.objects.get().state == "released" and Coupon.objects.get().is_used
    with refused(school):
        Coupon.objects.update(percent_bp=9_000)
