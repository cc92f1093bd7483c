"""What a use locks: by the service, and by the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from coupons.models import Coupon, CouponCode, Redemption
from coupons.services.coupons import terms_in
from coupons.services.errors import TermsLocked
from kwiga import clock
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.orders import sold_offer
from tests.support.coupon_verbs import change, make, used

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.mark.spec("P5.1: the server refuses a forged change of a used coupon")
@pytest.mark.spec("C12: by the service")
@pytest.mark.parametrize(
    "fields",
    [
        {"code": "OTHER"},
        {"percent_bp": 5_000},
        {"kind": "fixed", "percent_bp": None, "amount_minor": 1, "currency": "UAH"},
        {"currency": "UAH"},
        {"currency": "UAH", "maximum_minor": 1},
        {"currency": "UAH", "minimum_minor": 1},
        {"combines": True},
    ],
)
def test_a_used_coupon_keeps_what_it_gave(school: School, fields: dict[str, Any]) -> None:
    with pytest.raises(TermsLocked):
        change(used(school), **fields)


def test_the_rest_of_a_used_coupon_stays_open(school: School) -> None:
    coupon, contact, offer = used(school), ContactFactory(school=school), sold_offer(school)
    end = clock.now() + DAY
    wanted = {"ends_at": end, "starts_at": end - 2 * DAY, "max_uses": 7, "max_uses_per_contact": 3, "comment": "x"}
    wanted |= {"for_all_offers": False, "offer_ids": (offer.pk,), "audience": "contact", "contact_id": contact.pk}
    after = change(coupon, **wanted)
    with school_scope(school):
        assert {name: getattr(terms_in(after), name) for name in wanted} == wanted


LOCKED: dict[str, Any] = {
    "kind": "fixed",
    "percent_bp": 5_000,
    "amount_minor": 1,
    "currency": "USD",
    "maximum_minor": 1,
    "minimum_minor": 1,
    "combines": True,
    "is_used": False,
}


@pytest.mark.spec("C12: by the raw ORM and by SQL, as the role of the web")
@pytest.mark.parametrize("field", LOCKED)
def test_the_database_keeps_them_as_well(school: School, field: str) -> None:
    coupon = used(school)
    with school_scope(school):
        with pytest.raises(IntegrityError, match="locked"), transaction.atomic():
            Coupon.objects.filter(pk=coupon.pk).update(**{field: LOCKED[field]})
        statement = f"UPDATE coupons_coupon SET {field} = %s WHERE id = %s"
        with pytest.raises(IntegrityError, match="locked"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [LOCKED[field], coupon.pk])


@pytest.mark.spec("C12: its code as well, and what each use gave")
def test_the_database_keeps_codes_and_uses(school: School) -> None:
    used(school)
    with school_scope(school):
        for rows, values in [
            (CouponCode.objects.all(), {"code": "OTHER", "code_key": "OTHER"}),
            (Redemption.objects.all(), {"amount_minor": 1}),
            (Redemption.objects.all(), {"snapshot": {}}),
        ]:
            with pytest.raises(IntegrityError, match=r"locked|frozen"), transaction.atomic():
                rows.update(**values)
        for table in ("coupons_coupon", "coupons_couponcode"):
            with pytest.raises(IntegrityError, match="locked"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {table}")


def test_an_unused_coupon_is_locked_by_nothing(school: School) -> None:
    """The control of the two above."""
    coupon = make(school)
    with school_scope(school):
        Coupon.objects.filter(pk=coupon.pk).update(percent_bp=5_000)
        CouponCode.objects.update(code="OTHER", code_key="OTHER")
        CouponCode.objects.all().delete()
