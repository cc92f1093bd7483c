"""Reads of offers that join several tables into one answer."""

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)

from courses.models import Course
from offers.models import (
    Offer,
    OfferItem,
    OfferQuestion,
    OfferTermsDocument,
    TermsDocument,
    TermsText,
    TermsVersion,
)
from schools.tenancy.statements import Given, Statement


@dataclass(frozen=True, kw_only=True)
class ShownTerms:
    """A legal document as one reader meets it: its newest version, in the reader's language where there is one."""

    document: TermsDocument
    version: TermsVersion
    text: TermsText
    is_required: bool


def items_of(offer: Offer) -> list[OfferItem]:
    """What the offer opens, with course, module and lesson at hand, in the order of the courses; one query."""
    rows = OfferItem.objects.filter(offer=offer).select_related("course", "module", "lesson__module")
    return list(rows.order_by("course__title", "course_id", "module__position", "lesson__position", "id"))


def questions_of(offer: Offer) -> list[OfferQuestion]:
    """The school's own questions at the checkout, in their order."""
    return list(OfferQuestion.objects.filter(offer=offer).order_by("position", "id"))


def categories() -> list[str]:
    """The categories that offers of the school stand in, by name; one query."""
    named = Offer.objects.exclude(category="").order_by("category")
    return list(named.values_list("category", flat=True).distinct())


def plans_of(course: Course) -> QuerySet[Offer]:
    """The offers in the store that open the course or a part of it, in the order the school set (K23)."""
    opens = OfferItem.objects.filter(offer=OuterRef("pk"), course=course)
    return Offer.objects.listed().filter(Exists(opens)).select_related("cover").order_by("position", "id")


def terms_of(offer: Offer, language: str) -> list[ShownTerms]:
    """What buyers of the offer read or accept, in the order it was chosen; one query.

    A text that lacks the language is shown in the school's, else in whichever there is. Bodies are left in the
    database until somebody asks for them.
    """
    found = _TERMS_OF.all(offer=offer.pk, language=language)
    return [_shown(text, bool(text.required)) for text in sorted(found, key=lambda text: text.place)]


def _terms_of() -> QuerySet[Any]:
    chosen = OfferTermsDocument.objects.filter(offer=Given("offer", BigIntegerField()))
    link = chosen.filter(document=OuterRef("version__document"))
    texts = _newest(TermsDocument.objects.filter(pk__in=chosen.values("document")), Given("language"))
    return texts.annotate(place=Subquery(link.values("pk")), required=Subquery(link.values("is_required")))


_TERMS_OF = Statement(_terms_of)


def documents_with_versions() -> list[TermsDocument]:
    """Every document with `newest` (number), `published_at` and `offers` counted, those in use first; one query."""
    used = OfferTermsDocument.objects.filter(document=OuterRef("pk")).order_by().values("document")
    rows = TermsDocument.objects.annotate(
        newest=Max("versions__number"),
        published_at=Max("versions__published_at"),
        offers=Subquery(used.annotate(count=Count("pk")).values("count")),
    )
    return list(rows.order_by(F("archived_at").desc(nulls_first=True), "id"))


def footer_terms(language: str) -> list[ShownTerms]:
    """The documents that stand in the footer of every page of the store, oldest first; one query."""
    return [_shown(text) for text in _newest(TermsDocument.objects.filter(is_in_footer=True), language)]


def _newest(documents: QuerySet[TermsDocument], language: str | Given) -> QuerySet[Any]:
    """Of each document that is not archived, the newest version's text for a reader of this language."""
    rows = TermsText.objects.filter(version__document__in=documents.filter(archived_at=None))
    ordered = rows.annotate(rank=_rank(language)).order_by("version__document_id", "-version__number", "rank", "id")
    return ordered.distinct("version__document_id").select_related("version__document").defer("body")


def _shown(text: TermsText, is_required: bool = False) -> ShownTerms:
    version = text.version
    return ShownTerms(document=version.document, version=version, text=text, is_required=is_required)


def text_of(version: TermsVersion, language: str) -> TermsText | None:
    """The wording of a version for a reader of this language; None when it has none at all."""
    return version.texts.annotate(rank=_rank(language)).order_by("rank", "id").first()


def _rank(language: str | Given) -> Case:
    own, schools = When(language=language, then=Value(0)), When(language=F("school__language"), then=Value(1))
    return Case(own, schools, default=Value(2), output_field=IntegerField())
