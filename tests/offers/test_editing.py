"""The form of an offer, and its look beside."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from courses.models import Lesson, Module
from offers import services
from offers.models import Offer, OfferQuestion
from offers.selectors import items_of, questions_of
from offers.services import terms_in
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory
from tests.support.offer_pages import GOOD, HTMX, only_offer


@pytest.fixture
def course(school: School) -> Any:
    return CourseFactory(school=school, title="Piano")


@pytest.fixture
def document(school: School) -> Any:
    with school_scope(school):
        texts = (services.DocumentTexts(language="en", title="Offer", body="<p>Text</p>"),)
        return services.create_document(name="Public offer", is_in_footer=True, texts=texts, actor=None)


def test_the_form_saves_every_field_it_shows(school, owner, staff, course, document):
    with school_scope(school):
        lesson = Lesson.objects.filter(course=course).order_by("id").first()
    said = GOOD | {
        "summary": "Short", "description": "<p>Long</p>", "category": "Body", "promo_price": "900,50",
        "promo_starts_at_day": "2026-11-21", "promo_starts_at_time": "10:00",
        "promo_ends_at_day": "2026-11-30", "allows_coupons": "on", "coupon_on_promo": "on",
        "items": [f"l{lesson.pk}"], "open_for": "3", "open_for_unit": "months",
        "opens_at_day": "2026-12-01", "closes_at_day": "2027-12-01", "closes_at_time": "18:00",
        "is_listed": "on", "sales_start_at_day": "2026-11-01", "sales_end_at_day": "2026-12-31", "seats": "25",
        "once_per_contact": "on", "position": "2", "is_highlighted": "on", "difference": "All of it",
        "language": "pl", "guest_checkout": "on", "phone": "optional", "thank_you_text": "Thanks",
        "thank_you_url": "https://x.test/?o={{ order.number }}", f"document_{document.pk}": "required",
        "question-0-label": "Why?", "question-0-place": "2", "question-1-label": "Where from?",
        "question-1-place": "1", "question-1-is_required": "on", "question-2-label": "",
    }  # fmt: skip
    response = staff(owner).post("/green/offers/new/", said)
    assert response.status_code == 302
    offer = only_offer(school)
    with school_scope(school):
        terms = terms_in(offer)
        assert [(row.label, row.is_required) for row in questions_of(offer)] == [("Where from?", True), ("Why?", False)]
        assert [item.lesson_id for item in items_of(offer)] == [lesson.pk]
    assert (terms.promo_price_minor, terms.seats, terms.open_for, terms.open_for_unit) == (90_050, 25, 3, "months")
    assert (terms.language, terms.phone, terms.position, terms.is_highlighted) == ("pl", "optional", 2, True)
    assert [(one.document_id, one.is_required) for one in terms.documents] == [(document.pk, True)]
    # Kyiv is two hours ahead of UTC in November; a day alone ends with that day.
    assert terms.promo_starts_at == datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    assert terms.promo_ends_at == datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    assert terms.opens_at == datetime(2026, 11, 30, 22, 0, tzinfo=UTC)
    assert terms.closes_at == datetime(2027, 12, 1, 16, 0, tzinfo=UTC)


def test_what_the_form_shows_saved_again_changes_nothing(school, owner, staff, course, document):
    client = staff(owner)
    said = GOOD | {"promo_price": "900", "promo_ends_at_day": "2026-11-30", "sales_end_at_day": "2026-12-31",
                   "sales_end_at_time": "18:30", "items": [f"c{course.pk}"], "question-0-label": "Why?",
                   "is_listed": "on", "guest_checkout": "on", f"document_{document.pk}": "shown"}  # fmt: skip
    client.post("/green/offers/new/", said)
    offer = only_offer(school)
    with school_scope(school):
        before = terms_in(offer)
    form = client.get(f"/green/offers/{offer.token}/edit/").context["form"]
    with timezone.override(school.time_zone):
        said = sent_back(form)
    client.post(f"/green/offers/{offer.token}/edit/", said)
    with school_scope(school):
        assert terms_in(only_offer(school)) == before


def sent_back(form: Any) -> dict[str, Any]:
    """What a browser sends for a form as it was drawn."""
    said: dict[str, Any] = {"items": sorted(form.chosen_keys)}
    for field in [field for part in (form, *form.questions) for field in part]:
        value = field.value()
        if hasattr(field.field.widget, "widgets"):
            pairs = zip(field.field.widget.widgets_names, field.field.widget.decompress(value), strict=True)
            said |= {f"{field.html_name}{name}": part or "" for name, part in pairs}
        elif value not in (None, False) and field.name != "cover":
            said[field.html_name] = "on" if value is True else value
    return said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"promo_price": "1200"}, "The promo price must be lower than the price."),
        ({"promo_price": "much"}, "Enter an amount such as"),
        ({"promo_starts_at_time": "10:00"}, "Choose the day as well."),
        ({"promo_starts_at_day": "never"}, "Enter a valid date."),
        ({"promo_ends_at_day": "9999-12-31"}, "Choose a day nearer to ours."),
        ({"seats": "0"}, "greater than or equal to 1"),
        ({"open_for": "-3"}, "greater than or equal to 1"),
        ({"phone": "sometimes"}, "not one of the available choices"),
        ({"language": "de"}, "not one of the available choices"),
        ({"thank_you_url": "http://x.test/"}, "begins with https://"),
        ({"thank_you_url": "javascript:alert(1)"}, "begins with https://"),
        ({"items": ["c1000000000"]}, "Something you chose is no longer there."),
        ({"items": ["x; drop table"]}, "Something you chose is no longer there."),
        ({"question-0-label": "x" * 161}, "Look at the questions again."),
        ({"sales_start_at_day": "2026-12-02", "sales_end_at_day": "2026-12-01"}, "The sale must end after it starts."),
    ],
)
def test_what_makes_no_sense_gets_a_sentence(school, owner, staff, change, sentence):
    response = staff(owner).post("/green/offers/new/", GOOD | {"summary": "Kept text"} | change)
    assert response.status_code == 200
    assert sentence in response.text and "Kept text" in response.text
    with school_scope(school):
        assert not Offer.objects.exists()


@pytest.mark.spec("P7.3: a word that the place does not know is warned of")
def test_an_unknown_word_in_the_address_is_saved_with_a_warning(school, owner, staff):
    said = GOOD | {"thank_you_url": "https://x.test/?l={{ access_link }}&n={{ order.number }}"}
    page = staff(owner).post("/green/offers/new/", said, follow=True).text
    assert "does not know “access_link”" in page and "“order.number”" not in page
    assert only_offer(school).thank_you_url == said["thank_you_url"]


def picture(color: str = "red") -> io.BytesIO:
    content = io.BytesIO()
    Image.new("RGB", (320, 180), color).save(content, "PNG")
    content.seek(0)
    content.name = "cover.png"
    return content


def test_a_cover_is_kept_and_taken_away(school, owner, staff, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    client = staff(owner)
    client.post("/green/offers/new/", GOOD | {"cover": picture()})
    offer = only_offer(school)
    assert offer.cover_id
    address = f"/green/offers/{offer.token}/edit/"
    client.post(address, GOOD)
    assert only_offer(school).cover_id == offer.cover_id
    client.post(address, GOOD | {"removes_cover": "on"})
    assert only_offer(school).cover_id is None


def test_what_is_no_picture_is_refused_at_its_field(school, owner, staff):
    content = io.BytesIO(b"<svg onload='alert(1)'/>")
    content.name = "cover.png"
    response = staff(owner).post("/green/offers/new/", GOOD | {"cover": content})
    assert response.status_code == 200
    assert response.context["form"].errors["cover"]
    with school_scope(school):
        assert not Offer.objects.exists()


# --- The look beside the form ---


def test_the_look_follows_what_is_typed_and_saves_nothing(school, owner, staff, course):
    said = GOOD | {"promo_price": "900", "promo_ends_at_day": "2030-01-31", "items": [f"c{course.pk}"], "seats": "5"}
    response = staff(owner).post("/green/offers/preview/", said, headers=HTMX)
    assert response.text.strip().startswith('<div id="offer-look"')
    for sentence in (
        "Buyers pay UAH\N{NO-BREAK SPACE}900 instead of UAH\N{NO-BREAK SPACE}1,200 until Jan 31, 2030, 23:59 (Kyiv).",
        "It opens: Piano.",
        "It lasts for ever.",
        "Only people with the link find it.",
        "It has 5 seats; 0 are taken.",
        "People sign in before they buy.",
    ):
        assert sentence in response.text
    with school_scope(school):
        assert not Offer.objects.exists()


@pytest.mark.parametrize("said", [{}, {"price": "much"}, {"title": "", "currency": "ZZZ"}, {"items": ["c9"]}])
def test_the_look_of_half_a_form_is_no_error(school, owner, staff, said):
    assert staff(owner).post("/green/offers/preview/", said, headers=HTMX).status_code == 200


def test_without_script_the_look_is_the_whole_page_with_what_was_typed(school, owner, staff):
    page = staff(owner).post("/green/offers/preview/", GOOD | {"title": "Typed title"})
    assert page.text.count("Typed title") >= 2 and 'id="offer-form"' in page.text
    with school_scope(school):
        assert not Offer.objects.exists()


def test_parts_of_a_course_are_counted(school, owner, staff, course):
    with school_scope(school):
        module = Module.objects.filter(course=course).order_by("position").first()
        lesson = Lesson.objects.filter(course=course).exclude(module=module).first()
    said = GOOD | {"items": [f"m{module.pk}", f"l{lesson.pk}"]}
    assert "It opens: Piano (2 parts)." in staff(owner).post("/green/offers/preview/", said, headers=HTMX).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_form_takes_as_many_queries_for_three_courses_as_for_one(
    school, owner, staff, count, django_assert_num_queries
):
    for _ in range(count):
        CourseFactory(school=school)
    offer, client = OfferFactory(school=school), staff(owner)
    address = f"/green/offers/{offer.token}/edit/"
    client.get(address)
    with django_assert_num_queries(20):
        assert client.get(address).text.count("opens-whole") == count


def test_a_question_of_another_offer_is_not_taken_over(school, owner, staff):
    other = OfferFactory(school=school, questions=(services.QuestionTerms(label="Theirs"),))
    offer = OfferFactory(school=school)
    with school_scope(school):
        theirs = OfferQuestion.objects.get()
    said = GOOD | {"question-0-label": "Mine", "question-0-pk": str(theirs.pk)}
    staff(owner).post(f"/green/offers/{offer.token}/edit/", said)
    with school_scope(school):
        assert [row.label for row in questions_of(other)] == ["Theirs"]
        assert [row.label for row in questions_of(offer)] == ["Mine"]
