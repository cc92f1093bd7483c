"""Many coupons at once: each is made or refused by itself, in as many statements as one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from coupons.models import Coupon, CouponCode
from coupons.services import creating
from coupons.services.coupons import CouponTerms, create_coupons, terms_in
from coupons.services.errors import CodeTaken, TermsRefused
from kwiga import clock
from schools import search
from schools.models import Event, OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory, list_of
from tests.factories.orders import sold_offer
from tests.support.order_races import in_school, meet_at
from tests.support.races import race


def every_kind(school) -> list[CouponTerms]:
    friend = ContactFactory(school=school, email="friend@example.test")
    group, offer = list_of(school, friend), sold_offer(school)
    return [
        CouponTerms(code="plain one", percent_bp=1_000, comment="For the poster"),
        CouponTerms(code="SUM", kind="fixed", amount_minor=500, currency="UAH", minimum_minor=1_000, max_uses=3),
        CouponTerms(code="FRIEND", percent_bp=2_500, audience="contact", contact_id=friend.pk, is_draft=True),
        CouponTerms(code="GROUP", percent_bp=300, audience="list", contact_list_id=group.pk, made_by="Import a.csv"),
        CouponTerms(code="ONE-OFFER", percent_bp=10_000, for_all_offers=False, offer_ids=(offer.pk,)),
        CouponTerms(code="ENDS", percent_bp=1_000, ends_at=clock.now() + timedelta(days=1)),
    ]


def found(word: str) -> list[int]:
    (hits,) = search.found("coupon", word)
    return [row.object_id for row in hits]


@pytest.mark.django_db
def test_each_keeps_its_own_terms_words_event_and_end(school, owner):
    terms = every_kind(school)
    with school_scope(school):
        made = create_coupons(terms=terms, actor=owner)
        assert [terms_in(Coupon.objects.get(pk=coupon.pk)) for coupon in made] == terms
        told = Event.objects.filter(kind="coupon.created", actor=owner).order_by("id")
        assert [event.subject_id for event in told] == [coupon.pk for coupon in made]
        noted = OutboxRow.objects.filter(kind="event", dedupe_key__in=[f"event:{event.pk}" for event in told])
        assert noted.count() == len(terms)
        pks = [coupon.pk for coupon in made]
        words = ("poster", "sum", "friend@example.test", "graduates", "one-offer", "ends")
        assert [found(word) for word in words] == [[pk] for pk in pks]
        ends = OutboxRow.objects.get(kind="coupon_end")
        assert (ends.payload["coupon"], ends.available_at) == (pks[5], terms[5].ends_at)


@pytest.mark.django_db
def test_what_is_refused_holds_up_nothing_else(school):
    taken = CouponFactory(school=school, code="TAKEN")
    terms = [
        CouponTerms(code="taken", percent_bp=1_000),
        CouponTerms(code="TWICE", percent_bp=1_000),
        CouponTerms(code=" twice ", percent_bp=2_000),
        CouponTerms(code="!", percent_bp=1_000),
        CouponTerms(code="ABROAD", percent_bp=1_000, audience="contact", contact_id=10**9),
        CouponTerms(code="LAST", percent_bp=1_000),
    ]
    with school_scope(school):
        answers = create_coupons(terms=terms, actor=None)
        kept = list(CouponCode.objects.order_by("id").values_list("code", flat=True))
    assert [type(each) for each in answers] == [CodeTaken, Coupon, CodeTaken, TermsRefused, TermsRefused, Coupon]
    assert (answers[0].coupon, answers[2].coupon, answers[4].field) == (taken, answers[1], "contact_id")
    assert sorted(kept) == ["LAST", "TAKEN", "TWICE"]


@pytest.mark.django_db
def test_many_take_as_many_statements_as_one(school):
    counts = []
    for place, size in enumerate((1, 1, 60)):
        terms = [CouponTerms(code=f"N{place}-{number}", percent_bp=1_000) for number in range(size)]
        with school_scope(school), CaptureQueriesContext(connection) as queries:
            create_coupons(terms=terms, actor=None)
        counts.append(len(queries))
    assert counts[1] == counts[2] < 20


def race_for_the_same_codes(school, monkeypatch) -> list:
    """Both find the codes free; each has one of its own besides."""
    meet_at(monkeypatch, creating, "_drafted", racers=2)
    shared = [CouponTerms(code=f"SHARED-{number}", percent_bp=1_000) for number in range(20)]
    own = [[CouponTerms(code=f"OWN-{racer}", percent_bp=1_000)] for racer in range(2)]
    return race(
        in_school(school, create_coupons, terms=shared + own[0], actor=None),
        in_school(school, create_coupons, terms=own[1] + shared[::-1], actor=None),
    )


@pytest.mark.django_db(transaction=True, databases=["default", "ops"])
def test_two_who_make_the_same_codes_at_once_get_each_code_once(school, monkeypatch):
    outcomes = race_for_the_same_codes(school, monkeypatch)
    made = [sum(isinstance(each, Coupon) for each in answers) for answers in outcomes]
    assert sorted(made) == [1, 21], outcomes
    with school_scope(school):
        assert Coupon.objects.count() == CouponCode.objects.count() == 22
        assert Event.objects.filter(kind="coupon.created").count() == 22


@pytest.mark.django_db(transaction=True, databases=["default", "ops"])
def test_without_a_second_look_one_of_them_makes_nothing(school, monkeypatch):
    monkeypatch.setattr(creating, "IntegrityError", ZeroDivisionError)
    outcomes = race_for_the_same_codes(school, monkeypatch)
    assert sorted(type(each).__name__ for each in outcomes) == ["IntegrityError", "list"]
