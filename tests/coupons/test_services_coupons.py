"""Coupons as the team makes and changes them: what no coupon says, the table of moves, and what a use locks."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from coupons.models import Coupon, CouponCode, CouponOffer, Redemption
from coupons.services import coupons as verbs
from coupons.services.coupons import CouponTerms, change_coupon, create_coupon, delete_coupon, terms_in
from coupons.services.errors import ActionRefused, CodeTaken, LimitBelowUsed, TermsLocked, TermsRefused
from coupons.status import ALLOWED, Action, Status, status_of
from kwiga import clock
from orders.models import OrderDiscount
from schools import search
from schools.models import Event, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.support.coupons import pay, with_coupon

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
GOOD = CouponTerms(code="SPRING", percent_bp=1_000)


def make(school: School, **fields: Any) -> Coupon:
    return CouponFactory(school=school, **({"code": "SPRING"} | fields))


def used(school: School, **fields: Any) -> Coupon:
    coupon = make(school, **fields)
    with_coupon(sold_offer(school))
    return fresh(coupon)


def fresh(coupon: Coupon) -> Coupon:
    with school_scope(coupon.school_id):
        return Coupon.objects.get(pk=coupon.pk)


def change(coupon: Coupon, **fields: Any) -> Coupon:
    with school_scope(coupon.school_id):
        now = Coupon.objects.get(pk=coupon.pk)
        return change_coupon(coupon=coupon, terms=replace(terms_in(now), **fields), actor=None)


def act(name: str, coupon: Coupon, **said: Any) -> Any:
    with school_scope(coupon.school_id):
        return getattr(verbs, f"{name}_coupon")(coupon=coupon, actor=None, **said)


def kinds(school: School) -> list[str]:
    with school_scope(school):
        return list(Event.objects.filter(kind__startswith="coupon.").order_by("id").values_list("kind", flat=True))


# --- Making ---


def test_a_coupon_is_made_findable_and_told(school: School, owner: Any) -> None:
    offer, now = sold_offer(school), clock.now()
    terms = replace(GOOD, code="black friday", comment="For the poster", offer_ids=(offer.pk,), ends_at=now + DAY)
    with school_scope(school):
        coupon = create_coupon(terms=terms, actor=owner)
        code = coupon.codes.get()
        assert (code.code, code.code_key, coupon.created_by) == ("black friday", "BLACK-FRIDAY", owner)
        assert CouponOffer.objects.get().offer_id == offer.pk
        assert terms_in(coupon) == terms
        for typed in ("black", "poster"):
            (hits,) = search.found("coupon", typed)
            assert [row.object_id for row in hits] == [coupon.pk]
    assert kinds(school) == ["coupon.created"]


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("code", {"code": "!"}),
        ("percent_bp", {"percent_bp": 10_001}),
        ("percent_bp", {"percent_bp": 99}),
        ("percent_bp", {"percent_bp": None}),
        ("amount_minor", {"kind": "fixed", "percent_bp": None}),
        ("currency", {"kind": "fixed", "percent_bp": None, "amount_minor": 1}),
        ("currency", {"minimum_minor": 1}),
        ("kind", {"kind": "gift"}),
        ("max_uses", {"max_uses": 0}),
        ("max_uses_per_contact", {"max_uses_per_contact": 0}),
        ("audience", {"audience": "contact"}),
        ("contact_id", {"audience": "contact", "contact_id": 10**9}),
        ("contact_list_id", {"audience": "list", "contact_list_id": 10**9}),
        ("offer_ids", {"offer_ids": (10**9,)}),
    ],
)
def test_what_no_coupon_says(school: School, field: str, fields: dict[str, Any]) -> None:
    with school_scope(school), pytest.raises(TermsRefused) as refused:
        create_coupon(terms=replace(GOOD, **fields), actor=None)
    assert refused.value.field == field or (field, refused.value.field) == ("audience", "contact_id")


def test_it_ends_after_it_starts(school: School) -> None:
    now = clock.now()
    with school_scope(school), pytest.raises(TermsRefused, match="end"):
        create_coupon(terms=replace(GOOD, starts_at=now, ends_at=now), actor=None)


@pytest.mark.spec("P5.4: the code of an archived coupon is not taken again silently")
def test_a_code_is_taken_once_archived_ones_included(school: School, other_school: School) -> None:
    first = make(school)
    act("archive", first)
    with school_scope(school), pytest.raises(CodeTaken) as taken:
        create_coupon(terms=replace(GOOD, code=" spring "), actor=None)
    assert taken.value.coupon == first
    assert "archived" in str(taken.value).lower()
    assert make(other_school).pk != first.pk


# --- Changing ---


def test_a_change_names_its_fields_and_no_change_says_nothing(school: School) -> None:
    coupon = make(school)
    change(coupon, comment="new", percent_bp=2_000)
    change(coupon)
    with school_scope(school):
        assert [event.data for event in Event.objects.filter(kind="coupon.changed")] == [
            {"fields": ["comment", "percent_bp"]}
        ]


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


# --- Limits ---


@pytest.mark.spec("P5.2: a limit below what is used is refused")
def test_no_limit_goes_below_what_is_used(school: School) -> None:
    coupon, offer = make(school, max_uses=5, max_uses_per_contact=2), sold_offer(school)
    for _time in range(2):
        with_coupon(offer)
    for field in ("max_uses", "max_uses_per_contact"):
        with pytest.raises(LimitBelowUsed) as refused:
            change(fresh(coupon), **{field: 1})
        assert (refused.value.field, refused.value.used) == (field, 2)
    assert change(fresh(coupon), max_uses=2).max_uses == 2


def test_a_limit_set_later_counts_what_was_used_before(school: School) -> None:
    coupon, offer = make(school), sold_offer(school)
    for number in range(3):
        with_coupon(offer, email=f"s{number}@x.test")
    assert fresh(coupon).uses == 0
    with pytest.raises(LimitBelowUsed):
        change(fresh(coupon), max_uses=2)
    assert change(fresh(coupon), max_uses=4).uses == 3
    assert change(fresh(coupon), max_uses=None).uses == 0


# --- Moves ---


def in_status(school: School, status: Status) -> Coupon:
    now = clock.now()
    window = {Status.SCHEDULED: {"starts_at": now + DAY}, Status.DRAFT: {"is_draft": True}}
    coupon = make(school, ends_at=now + 9 * DAY, **window.get(status, {}))
    for name in {Status.PAUSED: ("pause",), Status.ENDED: ("end",), Status.ARCHIVED: ("archive",)}.get(status, ()):
        act(name, coupon)
    coupon = fresh(coupon)
    assert status_of(coupon, clock.now()) == status
    return coupon


@pytest.mark.spec("C30.1: each cell of the table, and any other move refused by the server")
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", [action for action in Action if action not in (Action.CHANGE, Action.DELETE)])
def test_each_cell_of_the_table(school: School, status: Status, action: Action) -> None:
    coupon = in_status(school, status)
    said = {"ends_at": clock.now() + 30 * DAY} if action == Action.EXTEND else {}
    # Ended by hand: for good. By the clock: see below.
    if action in ALLOWED[status] and (status, action) != (Status.ENDED, Action.EXTEND):
        act(action.value, coupon, **said)
        assert kinds(school)[-1] != "coupon.created"
    else:
        with pytest.raises(ActionRefused):
            act(action.value, coupon, **said)


@pytest.mark.spec("C30.4: resumed after its end it is ended, not active")
def test_what_ran_out_while_paused_has_ended(school: School) -> None:
    coupon = make(school, ends_at=clock.now() + DAY)
    act("pause", coupon)
    with clock.at(clock.now() + 2 * DAY):
        assert status_of(fresh(coupon), clock.now()) == Status.ENDED
        with pytest.raises(ActionRefused):
            act("resume", coupon)
        with pytest.raises(TermsRefused):
            act("extend", coupon, ends_at=clock.now() - DAY / 2)
        act("extend", coupon, ends_at=None)
        assert status_of(fresh(coupon), clock.now()) == Status.PAUSED


def test_an_extension_is_taken_back(school: School) -> None:
    end = clock.now() + DAY
    coupon = make(school, ends_at=end)
    act("extend", coupon, ends_at=end + DAY)
    with school_scope(school):
        verbs.undo_extension(coupon=coupon, ends_at=end, actor=None)
    assert fresh(coupon).ends_at == end


@pytest.mark.spec("P5.3: the orders of a deleted coupon still show code and discount")
def test_deleting_a_used_coupon_archives_it(school: School) -> None:
    coupon = used(school)
    assert act("delete", coupon) == ""
    assert status_of(fresh(coupon), clock.now()) == Status.ARCHIVED
    with school_scope(school):
        given = OrderDiscount.objects.select_related("order").get()
        assert (given.code, given.amount_minor) == ("SPRING", 12_000)
    pay(given.order)
    with school_scope(school):
        assert Redemption.objects.get().state == "confirmed"


def test_deleting_an_unused_one_deletes_and_can_be_undone(school: School) -> None:
    group = list_of(school)
    offer = sold_offer(school)
    coupon = make(school, audience="list", contact_list_id=group.pk, for_all_offers=False, offer_ids=(offer.pk,))
    with school_scope(school):
        before = terms_in(coupon)
        kept = delete_coupon(coupon=coupon, actor=None)
        assert not Coupon.objects.exists() and not CouponCode.objects.exists()
        assert not any(hits.exists() for hits in search.found("coupon", "spring"))
        back = verbs.undo_delete(kept=kept, actor=None)
        assert (back.pk, back.token, terms_in(Coupon.objects.get())) == (coupon.pk, coupon.token, before)
        assert all(hits.exists() for hits in search.found("coupon", "spring"))
    assert kinds(school) == ["coupon.created", "coupon.deleted", "coupon.restored"]


def test_a_code_taken_meanwhile_cannot_come_back(school: School) -> None:
    with school_scope(school):
        kept = delete_coupon(coupon=make(school), actor=None)
    make(school)
    with school_scope(school), pytest.raises(CodeTaken):
        verbs.undo_delete(kept=kept, actor=None)


def test_an_offer_ticks_and_unticks_a_coupon(school: School) -> None:
    offer, coupon = sold_offer(school), make(school, for_all_offers=False)
    with school_scope(school):
        for is_linked in (True, True, False):
            verbs.link_offer(coupon=coupon, offer=offer, is_linked=is_linked, actor=None)
            assert CouponOffer.objects.exists() == is_linked
    assert kinds(school) == ["coupon.created", "coupon.changed", "coupon.changed"]
    with school_scope(school), pytest.raises(ActionRefused):
        verbs.link_offer(coupon=make(school, code="ALL"), offer=offer, is_linked=True, actor=None)


# --- The end on the clock ---


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_its_end_is_told_once_and_moves_with_the_date(school: School) -> None:
    end = clock.now() + DAY
    coupon = make(school, ends_at=end)
    act("extend", coupon, ends_at=end + DAY)
    with school_scope(school):
        due = (
            OutboxRow.objects.filter(kind="coupon_end").order_by("available_at").values_list("available_at", flat=True)
        )
        assert list(due) == [end, end + DAY]
    with clock.at(end):
        drain()
    assert "coupon.ended" not in kinds(school)
    with clock.at(end + DAY):
        drain()
        drain()
    assert kinds(school).count("coupon.ended") == 1


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_what_was_ended_by_hand_is_told_once(school: School) -> None:
    coupon = make(school, ends_at=clock.now() + DAY)
    act("end", coupon)
    with clock.at(clock.now() + DAY):
        drain()
    assert kinds(school).count("coupon.ended") == 1
