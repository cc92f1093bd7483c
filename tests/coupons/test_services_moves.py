"""The table of moves, deleting with its way back, and the end on the clock."""

from datetime import timedelta

import pytest

from coupons.models import Coupon, CouponCode, Redemption
from coupons.services import coupons as verbs
from coupons.services.coupons import delete_coupon, terms_in
from coupons.services.errors import ActionRefused, CodeTaken, TermsRefused
from coupons.status import ALLOWED, Action, Status, status_of
from kwiga import clock
from orders.models import OrderDiscount
from schools import search
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.coupons import list_of
from tests.factories.orders import sold_offer
from tests.support.coupon_verbs import act, fresh, kinds, make, used
from tests.support.coupons import pay

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


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
