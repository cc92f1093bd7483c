"""An offer with all that its sale needs, read in one statement: the checkout is short (place_order has a budget)."""

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from courses.services.access import Part
from offers.models import Offer, OfferItem, OfferQuestion, OfferTermsDocument


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question of the school at the checkout."""

    id: int
    label: str
    is_required: bool


@dataclass(frozen=True, kw_only=True)
class Sale:
    """The offer with its school, what it opens, what it asks, and whether buyers meet legal terms."""

    offer: Offer
    parts: tuple[Part, ...]
    questions: tuple[Question, ...]
    has_terms: bool


def sale_of(token: str) -> Sale:
    """The open scope's offer with that address. Raises Offer.DoesNotExist."""
    items = OfferItem.objects.filter(offer=OuterRef("pk")).order_by("id")
    questions = OfferQuestion.objects.filter(offer=OuterRef("pk")).order_by("position", "id")
    offers: Any = Offer.objects.select_related("school").annotate(
        sold=ArraySubquery(items.values(row=JSONObject(**_same("course_id", "module_id", "lesson_id")))),
        asked=ArraySubquery(questions.values(row=JSONObject(**_same("id", "label", "is_required")))),
        has_terms=Exists(OfferTermsDocument.objects.filter(offer=OuterRef("pk"))),
    )
    offer = offers.get(token=token)
    return Sale(
        offer=offer,
        parts=tuple(Part(**row) for row in offer.sold),
        questions=tuple(Question(**row) for row in offer.asked),
        has_terms=offer.has_terms,
    )


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}
