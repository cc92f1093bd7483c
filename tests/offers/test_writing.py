"""Everything an offer says: written, changed, copied, deleted."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from courses.models import Course, Lesson
from courses.selectors import owned_course_ids
from kwiga import clock
from kwiga.errors import DomainError
from offers import services
from offers.models import Offer, OfferItem
from offers.selectors import items_of, plans_of, questions_of
from offers.services import (
    DocumentTerms,
    ItemTerms,
    MailTerms,
    OfferRefused,
    OfferTerms,
    QuestionTerms,
    terms_in,
)
from orders.errors import NotOnSale, PriceChanged
from orders.services.placing import place_order
from schools import search
from schools.models import Event, School, StoredFile
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory, PublishedOfferFactory, whole_course
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, checkout_of, placed, sold_offer

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def plain(**changes: Any) -> OfferTerms:
    return replace(OfferTerms(title="Yoga", description="Mornings", price_minor=120_000, currency="UAH"), **changes)


def document(name: str = "Public offer") -> DocumentTerms:
    texts = (services.DocumentTexts(language="en", title=name, body="<p>Text</p>"),)
    made = services.create_document(name=name, is_in_footer=True, texts=texts, actor=None)
    return DocumentTerms(document_id=made.pk)


def everything(school: School) -> OfferTerms:
    """Terms with another value than the default in every field."""
    cover = StoredFile.objects.create(
        school=school, name="c.png", content_type="image/png", size=3, path=f"{school.pk}/c.png"
    )
    return plain(
        summary="Short",
        description="<p>Long</p>",
        category="Body",
        cover=cover,
        promo_price_minor=90_000,
        promo_starts_at=NOW,
        promo_ends_at=NOW + DAY,
        allows_coupons=False,
        coupon_on_promo=True,
        opens_at=NOW + DAY,
        closes_at=NOW + 30 * DAY,
        open_for=3,
        open_for_unit=Offer.Unit.MONTHS,
        is_listed=False,
        position=7,
        is_highlighted=True,
        difference="All lessons\nA teacher",
        sales_start_at=NOW,
        sales_end_at=NOW + 10 * DAY,
        seats=25,
        once_per_contact=True,
        language="pl",
        guest_checkout=False,
        phone=Offer.Phone.REQUIRED,
        thank_you_text="Thanks",
        thank_you_url="https://x.test/?o={{ order.number }}",
        items=(whole_course(school),),
        questions=(QuestionTerms(label="Where from?", is_required=True), QuestionTerms(label="Why?")),
        documents=(document(),),
        mails=(MailTerms(occasion="purchased", mode="own", subject="Hi", body="Text"),),
    )


def without_ids(terms: OfferTerms) -> OfferTerms:
    return replace(terms, questions=tuple(replace(question, pk=None) for question in terms.questions))


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
        ({"currency": "XXX"}, "Enter an amount"),
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


@pytest.mark.parametrize(
    ("after_start", "price"),
    [(-timedelta(seconds=1), 120_000), (timedelta(0), 90_000), (DAY - timedelta(seconds=1), 90_000), (DAY, 120_000)],
)
def test_a_promo_price_starts_and_ends_by_itself(scope: School, after_start: timedelta, price: int) -> None:
    promo = {"promo_price_minor": 90_000, "promo_starts_at": NOW, "promo_ends_at": NOW + DAY}
    offer = services.create_offer(terms=plain(**promo), actor=None)
    assert offer.price_at(NOW + after_start) == price


@pytest.mark.spec("K18.3: what counts is the clock of the server")
def test_the_promo_of_a_page_follows_the_servers_clock(scope: School, owner: Any, staff: Any) -> None:
    promo = {"promo_price_minor": 90_000, "promo_ends_at": NOW + DAY}
    offer = services.create_offer(terms=plain(**promo), actor=None)
    client, address = staff(owner), f"/green/offers/{offer.token}/"
    with clock.at(NOW + DAY - timedelta(seconds=1)):
        assert "UAH\N{NO-BREAK SPACE}900" in client.get(address).text
    with clock.at(NOW + DAY):
        page = client.get(address).text
    assert "the promo price ended on" in page and "UAH\N{NO-BREAK SPACE}900" not in page


@pytest.mark.spec("K18.1: one second after its end the normal price is charged")
@pytest.mark.spec("K18.5: a page that still shows the old price sells nothing at it")
def test_the_price_of_an_old_page_is_not_charged(school: School) -> None:
    offer = sold_offer(school, promo_price_minor=90_000, promo_ends_at=NOW + DAY)
    with clock.at(NOW + DAY - timedelta(seconds=1)):
        shown = checkout_of(offer)
        assert placed(offer, email="early@example.test").order.total_minor == 90_000
    with clock.at(NOW + DAY):
        with pytest.raises(PriceChanged) as refusal, school_scope(school):
            place_order(checkout=shown)
        assert refusal.value.quote.total_minor == 120_000
        assert placed(offer, shown_total_minor=120_000).order.total_minor == 120_000


@pytest.mark.spec("K22.4: an archived offer takes no orders, and who bought keeps access")
def test_an_archived_offer_sells_nothing_and_takes_nothing_away(school: School) -> None:
    order = PaidOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        offer = Offer.objects.get(pk=order.offer_id)
        late = checkout_of(offer, email="late@example.test")
        services.archive_offer(offer=offer, actor=None)
    with pytest.raises(NotOnSale), school_scope(school):
        place_order(checkout=late)
    with school_scope(school):
        assert owned_course_ids(order.contact, clock.now()) == {item.course_id for item in items_of(offer)}


@pytest.mark.spec("K11.4: a copy has no orders, another address and no promo")
def test_a_copy_says_the_same_under_another_address(school: School, owner: Any) -> None:
    with school_scope(school):
        offer = services.create_offer(terms=everything(school), actor=None)
        Offer.objects.filter(pk=offer.pk).update(status="published", seats_taken=4)
        fresh = services.copy_offer(offer=offer, actor=owner)
        expected = replace(
            terms_in(offer),
            title="Copy of Yoga",
            promo_price_minor=None,
            promo_starts_at=None,
            promo_ends_at=None,
        )
        assert without_ids(terms_in(fresh)) == without_ids(expected)
        assert {row.pk for row in questions_of(fresh)}.isdisjoint({row.pk for row in questions_of(offer)})
        assert fresh.token != offer.token
        assert (fresh.status, fresh.seats_taken) == ("draft", 0)
        assert Event.objects.filter(kind="offer.copied", data={"from": offer.pk}).count() == 1


@pytest.mark.spec("K11.4: a copy has no orders, another address and no promo")
def test_a_copy_has_no_orders(school: School) -> None:
    order = PlacedOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        assert order.offer is not None
        fresh = services.copy_offer(offer=order.offer, actor=None)
        assert (order.offer.orders.count(), fresh.orders.count()) == (1, 0)


def test_a_copy_of_a_long_title_fits(scope: School) -> None:
    assert len(services.copy_offer(offer=OfferFactory(school=scope, title="x" * 160), actor=None).title) == 160


def test_an_offer_with_orders_is_archived_and_never_deleted(school: School) -> None:
    order = PlacedOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        offer = order.offer
        assert offer is not None
        with pytest.raises(OfferRefused, match="Only a draft"):
            services.delete_offer(offer=offer, actor=None)
        services.unpublish_offer(offer=offer, actor=None)
        with pytest.raises(OfferRefused, match="has orders"):
            services.delete_offer(offer=offer, actor=None)
        assert Offer.objects.filter(pk=offer.pk).exists()
        assert items_of(offer)
        services.archive_offer(offer=offer, actor=None)


def test_a_draft_without_orders_is_deleted_with_all_of_it(scope: School) -> None:
    offer = services.create_offer(terms=everything(scope), actor=None)
    services.delete_offer(offer=offer, actor=None)
    assert not Offer.objects.exists() and not OfferItem.objects.exists()
    assert Course.objects.exists()
    assert not any(hits.exists() for hits in search.found("offer", "yoga"))
    assert Event.objects.get(kind="offer.deleted").data["title"] == "Yoga"


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


def test_refusals_are_sentences_for_people() -> None:
    assert issubclass(OfferRefused, DomainError)
