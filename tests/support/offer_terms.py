"""Terms of offers, from the plainest to those that say everything."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offers import services
from offers.models import Offer
from offers.services import DocumentTerms, MailTerms, OfferTerms, QuestionTerms
from schools.models import School, StoredFile
from tests.factories.offers import whole_course

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
