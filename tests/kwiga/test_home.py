"""A school's home: what needs a hand, and what happened last."""

import pytest

from kwiga import clock
from schools.models import OutboxRow
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory
from tests.factories.schools import MemberFactory


@pytest.fixture
def failed_delivery(school):
    OfferFactory(school=school, title="Yoga")
    with school_scope(school):
        OutboxRow.objects.update(done_at=None, dead_at=clock.now(), last_error="ConnectionError")


def test_failed_deliveries_stand_on_top_for_who_may_see_them(school, owner, failed_delivery, staff):
    page = staff(owner).get("/green/").text
    assert "1 delivery has failed for good." in page
    assert "/green/deliveries/" in page


def test_who_may_not_see_deliveries_is_not_told_of_them(school, failed_delivery, staff):
    teacher = MemberFactory(school=school, role=Role.TEACHER).user
    page = staff(teacher).get("/green/").text
    assert "has failed for good" not in page
    assert "Latest" not in page


def test_latest_shows_five_lines_of_this_school_alone(school, other_school, owner, staff):
    OfferFactory(school=other_school, title="Next door")
    for number in range(7):
        OfferFactory(school=school, title=f"Offer {number}")
    page = staff(owner).get("/green/").text
    assert [number for number in range(7) if f">Offer {number}<" in page] == [2, 3, 4, 5, 6]
    assert "Next door" not in page


def test_a_quiet_home_says_nothing_of_either(school, owner, staff):
    page = staff(owner).get("/green/").text
    assert "has failed for good" not in page and "Latest" not in page
