"""Schools side by side, and the zone in which a school reads its instants."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone

from contacts.models import Contact
from offers.models import Offer
from schools.models import School
from schools.services.schools import SchoolFacts, change_school
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory

pytestmark = pytest.mark.django_db

ENDS_AT = datetime(2026, 11, 1, 22, 30, tzinfo=UTC)


@pytest.mark.spec("K08.1")
def test_two_schools_know_the_same_person_apart(school, other_school):
    for each in (school, other_school):
        with school_scope(each):
            Contact.objects.create(school=each, email="same@example.test", name=each.name)
    with school_scope(school):
        assert [contact.name for contact in Contact.objects.filter(email="same@example.test")] == ["Green School"]


@pytest.mark.spec("K08.2")
def test_another_zone_shows_the_same_instant_by_its_own_clocks(school, owner):
    offer = PublishedOfferFactory(school=school, price_minor=100_000)
    with school_scope(school):
        Offer.objects.filter(pk=offer.pk).update(promo_price_minor=50_000, promo_ends_at=ENDS_AT)
    assert shown(school, offer) == "2026-11-02 00:30"
    facts = {"name": school.name, "currency": "UAH", "language": "en"}
    plain = {"legal_name": "", "address": "", "contact_email": "", "contact_phone": ""}
    with school_scope(school):
        change_school(school=school, facts=SchoolFacts(time_zone="Asia/Tokyo", **facts, **plain), actor=owner)
    assert shown(school, offer) == "2026-11-02 07:30"
    with school_scope(school):
        kept = Offer.objects.get(pk=offer.pk)
        assert kept.promo_ends_at == ENDS_AT
        assert [kept.promo_runs(ENDS_AT.replace(minute=29)), kept.promo_runs(ENDS_AT)] == [True, False]


def shown(school: School, offer: Offer) -> str:
    """The end of the promo as a page of the school writes it."""
    fresh = School.objects.get(pk=school.pk)
    with school_scope(fresh), timezone.override(fresh.time_zone):
        kept = Offer.objects.get(pk=offer.pk)
        return Template("{{ offer.promo_ends_at|date:'Y-m-d H:i' }}").render(Context({"offer": kept}))
