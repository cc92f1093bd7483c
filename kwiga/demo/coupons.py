"""Coupons of the sample school, one in every state, some of them used by its orders."""

from datetime import datetime, timedelta
from typing import Any

from contacts.models import Contact
from contacts.services.lists import add_members, create_list
from coupons.models import Coupon
from coupons.services.coupons import (
    CouponTerms,
    archive_coupon,
    create_coupon,
    end_coupon,
    pause_coupon,
)
from kwiga import clock
from kwiga.demo.offers import MAIN
from kwiga.demo.plan import PlannedOrder
from kwiga.demo.rows import MadeRows
from offers.models import Offer
from schools.models import User

SPRING, FIRST = "SPRING", "FIRST-THREE"
DAY = timedelta(days=1)


def make_coupons(rows: MadeRows, offers: dict[str, Offer], owner: User, today: datetime) -> None:
    """Those that orders of the past used, made before the first of them."""
    _make(rows, owner, code=SPRING, percent_bp=1_000, max_uses_per_contact=None, comment="For everybody, on the flyer")
    _make(
        rows,
        owner,
        code=FIRST,
        percent_bp=2_500,
        max_uses=3,
        for_all_offers=False,
        offer_ids=(offers[MAIN].pk,),
        comment="The first three of the new course",
    )
    _make(
        rows,
        owner,
        code="WINTER",
        percent_bp=1_500,
        ends_at=today - 40 * DAY,
        comment="Ran out by itself",
    )


def code_for(plan: PlannedOrder) -> str:
    """What the buyer of a planned order types; empty for most."""
    if plan.offer == MAIN and plan.number % 2:
        return FIRST
    return SPRING if plan.number % 5 == 0 else ""


def finish_coupons(rows: MadeRows, offers: dict[str, Offer], owner: User, today: datetime) -> None:
    """The others, as the school's team left them by now; contacts are there to give some to."""
    with clock.at(today - 20 * DAY):
        _for_people(rows, owner)
        _make(
            rows,
            owner,
            code="MINUS-100",
            kind=Coupon.Kind.FIXED,
            amount_minor=10_000,
            currency="UAH",
            minimum_minor=50_000,
            ends_at=today + 60 * DAY,
            comment="From UAH 500",
        )
        _make(rows, owner, code="SUMMER", percent_bp=2_000, starts_at=today + 30 * DAY, ends_at=today + 120 * DAY)
        _make(rows, owner, code="GIFT-COURSE", percent_bp=10_000, max_uses=5, comment="Prizes of the quiz: all of it")
        draft = {"percent_bp": 3_000, "is_draft": True, "comment": "To be agreed with the teachers"}
        _make(rows, owner, code="AUTUMN", **draft)
        paused = _make(rows, owner, code="PARTNER15", percent_bp=1_500, comment="Until the partner signs again")
        ended = _make(rows, owner, code="FLASH", percent_bp=4_000, comment="One evening on the radio")
        archived = _make(rows, owner, code="FRIENDS-2025", percent_bp=2_000)
    with clock.at(today - 10 * DAY):
        pause_coupon(coupon=paused, actor=owner)
        end_coupon(coupon=ended, actor=owner)
        archive_coupon(coupon=archived, actor=owner)


def _for_people(rows: MadeRows, owner: User) -> None:
    first, *others = Contact.objects.order_by("created_at", "id")[:9]
    _make(
        rows,
        owner,
        code="THANK-YOU-4XK7",
        percent_bp=3_000,
        audience=Coupon.Audience.CONTACT,
        contact_id=first.pk,
        comment="For the review",
    )
    graduates = rows.add(create_list(name="Graduates", actor=owner))
    add_members(contact_list=graduates, contacts=others, actor=owner)
    _make(rows, owner, code="ALUMNI20", percent_bp=2_000, audience=Coupon.Audience.LIST, contact_list_id=graduates.pk)


def _make(rows: MadeRows, owner: User, **terms: Any) -> Coupon:
    return rows.add(create_coupon(terms=CouponTerms(**terms), actor=owner))
