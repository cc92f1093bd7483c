"""The rules of coupons: silent on what the services make, loud about each kind of damage."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from coupons.models import Coupon, CouponImport, Redemption
from kwiga import clock
from orders.models import Order, OrderDiscount, OrderLineDiscount
from orders.services.closing import cancel_order
from orders.services.refunds import request_refund
from schools.invariants import check_invariants, find_invariants
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.support.coupons import pay, with_coupon

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"])


def broken() -> dict[str, list[tuple[Any, ...]]]:
    return {finding.invariant.name: finding.rows for finding in check_invariants() if finding.rows}


def test_what_the_services_make_breaks_no_rule(school: School) -> None:
    """Every end of a use, of a limited coupon and of one without a limit, and a hundred percent."""
    offer = sold_offer(school)
    for code, limit in (("SPRING", 9), ("FREELY", None)):
        CouponFactory(school=school, code=code, max_uses=limit)
        orders = [with_coupon(offer, code, email=f"{code}{n}@x.test") for n in range(6)]
        _held, paid, canceled, back, over, dead = orders
        for order in (paid, back):
            pay(order)
        with school_scope(school):
            cancel_order(order=canceled, reason="", actor=None)
            request_refund(
                payment=back.payments.get(), amount_minor=108_000, reason="", returns_coupon=True, actor=None
            )
        with clock.at(over.held_until), school_scope(school):
            pay(with_coupon(offer, code, email=f"{code}-late@x.test"))
        assert dead.expires_at
    CouponFactory(school=school, code="GIFT", percent_bp=10_000)
    with_coupon(offer, "GIFT", shown_total_minor=0)
    drain()
    assert broken() == {}


# --- Damage, and who finds it ---


def a_use(school: School, **fields: Any) -> Redemption:
    CouponFactory(school=school, **({"code": "SPRING", "max_uses": 5} | fields))
    order = with_coupon(sold_offer(school))
    return Redemption.objects.select_related("coupon").get(order_discounts__order=order)


def more_uses_than_the_limit(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school, max_uses=1)
    copy(use, contact=ContactFactory(school=school))
    return [(school.pk, use.coupon_id)]


def the_counter_is_off(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    Coupon.objects.filter(pk=use.coupon_id).update(uses=2)
    return [(school.pk, use.coupon_id)]


def one_person_twice(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    copy(use)
    return [(school.pk, use.coupon_id, use.contact_id)]


def somebody_elses(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    other = ContactFactory(school=school)
    stray = copy(use, contact=other, state="released", snapshot={"contact": use.contact_id})
    return [(school.pk, use.coupon_id, stray.contact_id)]


def too_late(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    late = copy(use, state="released", ends_at=use.created_at)
    return [(school.pk, late.pk)]


def too_early(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    early = copy(use, state="released", starts_at=use.created_at + timedelta(seconds=1))
    return [(school.pk, early.pk)]


def held_for_a_closed_order(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    Order.objects.update(state="expired")
    return [(school.pk, use.pk, "held")]


def used_by_an_unpaid_order(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    Redemption.objects.filter(pk=use.pk).update(state="confirmed")
    return [(school.pk, use.pk, "confirmed")]


def given_back_by_a_paid_order(school: School) -> list[tuple[Any, ...]]:
    use = a_use(school)
    Redemption.objects.filter(pk=use.pk).update(state="released")
    Order.objects.update(state="paid", paid_at=clock.now())
    return [(school.pk, use.pk, "released")]


def a_discount_without_a_coupon(school: School) -> list[tuple[Any, ...]]:
    order = a_use(school).order_discounts.get().order
    OrderLineDiscount.objects.all().delete()
    OrderDiscount.objects.all().delete()
    return [(school.pk, order.pk)]


def a_share_is_lost(school: School) -> list[tuple[Any, ...]]:
    order = a_use(school).order_discounts.get().order
    OrderLineDiscount.objects.update(amount_minor=1)
    return [(school.pk, order.pk)]


def nobody_will_look_at_the_hold(school: School) -> list[tuple[Any, ...]]:
    order = a_use(school).order_discounts.get().order
    OutboxRow.objects.filter(kind="order_hold").delete()
    return [(school.pk, order.pk)]


def nobody_works_the_import(school: School) -> list[tuple[Any, ...]]:
    kept = CouponImport.objects.create(school=school, file_name="codes.csv", started_at=clock.now())
    return [(school.pk, kept.pk)]


def copy(use: Redemption, **fields: Any) -> Redemption:
    names = [field.name for field in Redemption._meta.fields if field.name != "id"]
    return Redemption.objects.create(**({name: getattr(use, name) for name in names} | fields))


DAMAGE = [
    pytest.param("coupon_within_limit", more_uses_than_the_limit, marks=pytest.mark.spec("I1")),
    pytest.param("counter_equals_uses", the_counter_is_off, marks=pytest.mark.spec("I2")),
    pytest.param("contact_within_limit", one_person_twice, marks=pytest.mark.spec("I3")),
    ("contact_within_limit", somebody_elses),
    pytest.param("use_inside_its_window", too_late, marks=pytest.mark.spec("I10")),
    ("use_inside_its_window", too_early),
    pytest.param("use_belongs_to_live_order", held_for_a_closed_order, marks=pytest.mark.spec("I9: coupons as well")),
    ("use_belongs_to_live_order", used_by_an_unpaid_order),
    ("use_belongs_to_live_order", given_back_by_a_paid_order),
    ("discount_adds_up", a_discount_without_a_coupon),
    ("discount_adds_up", a_share_is_lost),
    ("unpaid_order_has_an_end", nobody_will_look_at_the_hold),
    pytest.param("coupon_imports_add_up", nobody_works_the_import, marks=pytest.mark.spec("I12")),
]


@pytest.mark.parametrize(("rule", "damage"), DAMAGE)
def test_damage_is_found(school: School, rule: str, damage: Callable[[School], list[tuple[Any, ...]]]) -> None:
    with school_scope(school):
        expected = damage(school)
    assert broken().get(rule) == expected


def test_every_rule_of_coupons_has_a_control_here() -> None:
    tried = {getattr(each, "values", each)[0] for each in DAMAGE}
    assert tried >= {rule.name for rule in find_invariants() if rule.app == "coupons"}
