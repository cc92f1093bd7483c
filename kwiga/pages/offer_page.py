"""What stands on the page of an offer, read in few queries."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpRequest

from contacts.models import Contact
from contacts.sessions import signed_in_contact
from courses.models import Course
from kwiga.languages import language_of
from kwiga.pages.access_words import access_in_words
from kwiga.pages.coupon_quote import quote_for
from kwiga.richtext import plain_text
from offers.models import Offer, OfferItem, OfferQuestion
from offers.previews import is_preview
from offers.selectors import ShownTerms, terms_of
from orders.selectors.quote import Availability, Quote
from schools.tenancy.statements import Given, Statement

_META_LENGTH = 160


@dataclass(frozen=True, kw_only=True)
class OpenedCourse:
    """A course the offer opens: whole when `parts` is empty, else these modules and lessons by their titles."""

    title: str
    token: str
    is_published: bool
    parts: list[str]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Who looks at which offer, in which language, with which code, and what it costs them."""

    request: HttpRequest
    offer: Offer
    contact: Contact | None
    language: str
    is_preview: bool

    @property
    def quote(self) -> Quote:
        """What it costs, looked up when it is first asked for: in the scope of the visit."""
        return self._priced[0]

    @property
    def is_blocked(self) -> bool:
        """For too many wrong codes: none is looked up for a while."""
        return self._priced[1]

    @cached_property
    def _priced(self) -> tuple[Quote, bool]:
        return quote_for(self.request, self.offer, self.contact)

    @property
    def can_buy(self) -> bool:
        return self.quote.availability == Availability.ON_SALE and not self.is_preview

    @property
    def takes_codes(self) -> bool:
        """Whether the page has a field for a code: the offer allows coupons, and there is something to lower (K31)."""
        return self.offer.allows_coupons and self.quote.subtotal_minor > 0 and self.can_buy

    @property
    def needs_sign_in(self) -> bool:
        return self.contact is None and not self.offer.guest_checkout

    @cached_property
    def terms(self) -> list[ShownTerms]:
        return terms_of(self.offer, self.language)

    @cached_property
    def opens(self) -> list[OpenedCourse]:
        return _by_course(self.offer.gives)  # type: ignore[attr-defined]

    @property
    def text(self) -> str:
        """One line about the offer, for those who find or share its address."""
        return self.offer.summary or plain_text(self.offer.description)[:_META_LENGTH]

    @property
    def access(self) -> str:
        return access_in_words(self.offer)

    @property
    def seats_left(self) -> int | None:
        """None when the offer has no limit."""
        return None if self.offer.seats is None else max(0, self.offer.seats - self.offer.seats_taken)

    @property
    def promo_seconds(self) -> int | None:
        """How long the promo price still runs, by the server's clock (K18)."""
        ends = self.quote.promo_ends_at
        return int((ends - self.quote.at).total_seconds()) if ends else None


def visit_of(request: HttpRequest, token: str) -> Visit | None:
    """The visit of the page at that address, in the open scope; None for no offer, or a draft without a preview."""
    offer = offer_with_lists(token)
    if offer is None:
        return None
    previewed = is_preview(offer, request.GET.get("preview", ""))
    if offer.status == Offer.Status.DRAFT and not previewed:
        return None
    contact = signed_in_contact(request)
    spoken = contact.language if contact else ""
    return Visit(
        request=request,
        offer=offer,
        contact=contact,
        language=language_of(request, offer=offer.language, contact=spoken),
        is_preview=previewed,
    )


def offer_with_lists(token: str) -> Offer | None:
    """The offer with its cover and, as JSON, `asks` (its questions) and `gives` (what it opens); one query."""
    offer: Offer | None = _BY_TOKEN.first(token=token)
    return offer


def _by_token() -> QuerySet[Offer]:
    rows = Offer.objects.select_related("cover").annotate(asks=_questions(), gives=_items())
    return rows.filter(token=Given("token"))


_BY_TOKEN = Statement(_by_token)


def _questions() -> ArraySubquery:
    row: Any = JSONObject(id="id", label="label", is_required="is_required")
    rows = OfferQuestion.objects.filter(offer=OuterRef("pk")).order_by("position", "id")
    return ArraySubquery(rows.values_list(row))


def _items() -> ArraySubquery:
    row: Any = JSONObject(
        course="course_id",
        token="course__token",  # noqa: S106  a path of columns
        title="course__title",
        status="course__status",
        part=Coalesce("module__title", "lesson__title"),
    )
    rows = OfferItem.objects.filter(offer=OuterRef("pk"))
    rows = rows.order_by("course__title", "course_id", "module__position", "lesson__position", "id")
    return ArraySubquery(rows.values_list(row))


def _by_course(items: list[dict[str, Any]]) -> list[OpenedCourse]:
    return [_opened(list(rows)) for _course, rows in groupby(items, key=lambda item: item["course"])]


def _opened(items: list[dict[str, Any]]) -> OpenedCourse:
    first = items[0]
    parts = [item["part"] for item in items]
    return OpenedCourse(
        title=first["title"],
        token=first["token"],
        is_published=first["status"] == Course.Status.PUBLISHED,
        parts=parts if all(parts) else [],
    )
