"""Offers found, and the plans of a course."""

import pytest

from courses.models import Lesson
from offers import services
from offers.selectors import plans_of
from offers.services import ItemTerms
from schools import search
from schools.models import School
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory, PublishedOfferFactory, whole_course
from tests.support.offer_terms import plain


@pytest.mark.parametrize("typed", ["yog", "mor", "BODY", "gentle yoga"])
def test_offers_are_found_by_title_short_text_and_category(scope: School, typed: str) -> None:
    offer = services.create_offer(terms=plain(summary="Gentle mornings", category="Body"), actor=None)
    hits = list(search.found("offer", typed))
    assert hits and all(offer.pk in found.values_list("object_id", flat=True) for found in hits)


@pytest.mark.spec("K23.1: plans of a course stand in the order the school set")
def test_plans_stand_in_the_order_the_school_set(scope: School) -> None:
    course = CourseFactory(school=scope)
    lesson = Lesson.objects.filter(course=course).first()
    assert lesson
    part, whole = ItemTerms(course_id=course.pk, lesson_id=lesson.pk), ItemTerms(course_id=course.pk)
    PublishedOfferFactory(school=scope, title="With tutor", position=3, items=(whole,))
    PublishedOfferFactory(school=scope, title="Basic", position=1, items=(part,))
    PublishedOfferFactory(school=scope, title="Standard", position=2, items=(whole,))
    PublishedOfferFactory(school=scope, title="By link", is_listed=False, items=(whole,))
    PublishedOfferFactory(school=scope, title="Another course", items=(whole_course(scope),))
    OfferFactory(school=scope, title="Draft", items=(whole,))
    assert [offer.title for offer in plans_of(course)] == ["Basic", "Standard", "With tutor"]
