"""Everything an offer says: written, changed, refused."""

from dataclasses import fields, replace
from typing import Any

import pytest

from courses.models import Lesson
from kwiga.errors import DomainError
from offers import services
from offers.models import Offer
from offers.selectors import items_of, questions_of
from offers.services import DocumentTerms, ItemTerms, MailTerms, OfferRefused, OfferTerms, QuestionTerms, terms_in
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory, whole_course
from tests.support.offer_terms import DAY, NOW, document, everything, plain, without_ids


def test_an_offer_keeps_all_that_is_written(scope: School) -> None:
    terms = everything(scope)
    untouched = [field.name for field in fields(OfferTerms) if getattr(terms, field.name) == field.default]
    assert untouched == [], "a field of the terms that this test says nothing about"
    offer = services.create_offer(terms=terms, actor=None)
    assert without_ids(terms_in(Offer.objects.get(pk=offer.pk))) == terms


def test_a_change_replaces_all_that_was_written(scope: School) -> None:
    offer = services.create_offer(terms=everything(scope), actor=None)
    services.change_offer(offer=offer, terms=plain(description="<p>New</p>"), actor=None)
    assert terms_in(Offer.objects.get(pk=offer.pk)) == plain(description="<p>New</p>")


def test_a_question_that_is_reworded_is_the_same_question(scope: School) -> None:
    offer = services.create_offer(terms=everything(scope), actor=None)
    first, second = terms_in(offer).questions
    asked = (replace(second, label="Why now?"), QuestionTerms(label="New"))
    services.change_offer(offer=offer, terms=plain(questions=asked), actor=None)
    rows = questions_of(offer)
    assert [(row.label, row.position) for row in rows] == [("Why now?", 0), ("New", 1)]
    assert rows[0].pk == second.pk
    assert first.pk not in {row.pk for row in rows}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"price_minor": -1}, "Enter an amount"),
        ({"price_minor": 10**13 + 1}, "Enter an amount"),
        ({"currency": "ZZZ"}, "Enter an amount"),
        ({"promo_price_minor": 120_000}, "lower than the price"),
        ({"price_minor": 0, "promo_price_minor": 0}, "lower than the price"),
        ({"promo_price_minor": 1, "promo_starts_at": NOW, "promo_ends_at": NOW}, "promo price must end"),
        ({"sales_start_at": NOW + DAY, "sales_end_at": NOW}, "sale must end"),
        ({"opens_at": NOW, "closes_at": NOW}, "Access must end"),
        ({"open_for": 0}, "from 1 up to"),
        ({"open_for": 3_651}, "from 1 up to"),
        ({"thank_you_url": "http://x.test/"}, "https://"),
        ({"thank_you_url": "javascript:alert(1)"}, "https://"),
        ({"thank_you_url": "https://{{ contact.name }}/"}, "https://"),
        ({"thank_you_url": "https://x.test@evil.test/"}, "https://"),
        ({"thank_you_url": "//x.test/"}, "https://"),
        ({"questions": tuple(QuestionTerms(label=str(n)) for n in range(11))}, "at most 10"),
        ({"mails": (MailTerms(occasion="purchased", mode="own", subject="Hi", body=" "),)}, "subject and a text"),
        ({"items": (ItemTerms(course_id=10**9),)}, "no longer there"),
        ({"items": (ItemTerms(course_id=1, module_id=1, lesson_id=1),)}, "no longer there"),
        ({"documents": (DocumentTerms(document_id=10**9),)}, "no longer there"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(scope: School, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OfferRefused, match=sentence):
        services.create_offer(terms=plain(**changes), actor=None)
    assert not Offer.objects.exists()


@pytest.mark.spec("K37.5: another school's text is not chosen")
def test_things_of_another_school_cannot_be_sold(scope: School, other_school: School) -> None:
    with school_scope(other_school):
        item, theirs = whole_course(other_school), document()
    for changes in ({"items": (item,)}, {"documents": (theirs,)}):
        with pytest.raises(OfferRefused):
            services.create_offer(terms=plain(**changes), actor=None)  # type: ignore[arg-type]


def test_a_lesson_is_sold_with_its_own_course_only(scope: School) -> None:
    one, two = CourseFactory(school=scope), CourseFactory(school=scope)
    lesson = Lesson.objects.filter(course=two).first()
    assert lesson
    with pytest.raises(OfferRefused, match="no longer there"):
        services.create_offer(terms=plain(items=(ItemTerms(course_id=one.pk, lesson_id=lesson.pk),)), actor=None)


def test_a_whole_course_swallows_its_parts(scope: School) -> None:
    course = CourseFactory(school=scope)
    lesson = Lesson.objects.filter(course=course).first()
    assert lesson
    parts = (ItemTerms(course_id=course.pk, lesson_id=lesson.pk), ItemTerms(course_id=course.pk))
    offer = services.create_offer(terms=plain(items=parts), actor=None)
    assert [(item.module_id, item.lesson_id) for item in items_of(offer)] == [(None, None)]


@pytest.mark.parametrize(("seats", "refused"), [(3, False), (2, True), (None, False)])
def test_there_are_never_fewer_seats_than_are_taken(scope: School, seats: int | None, refused: bool) -> None:
    offer = OfferFactory(school=scope, seats=5)
    Offer.objects.filter(pk=offer.pk).update(seats_taken=3)
    if refused:
        with pytest.raises(OfferRefused, match="3 seats are taken"):
            services.change_offer(offer=offer, terms=plain(seats=seats), actor=None)
    else:
        assert services.change_offer(offer=offer, terms=plain(seats=seats), actor=None).seats == seats


def test_a_description_is_cleaned_when_it_is_saved(scope: School) -> None:
    html = '<p onclick="x()">Hi <script>alert(1)</script><a href="javascript:x()">there</a></p>'
    offer = services.create_offer(terms=plain(description=html), actor=None)
    assert "script" not in offer.description and "onclick" not in offer.description
    assert "Hi" in offer.description


def test_refusals_are_sentences_for_people() -> None:
    assert issubclass(OfferRefused, DomainError)
