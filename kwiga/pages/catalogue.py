"""The cards of the store: one for each course that is sold alone, one for each offer that is something else.

Cards are made from light rows of all listed offers, in a number of queries that does not grow; what a card shows
besides is read for one page of them.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Max, Min, Q

from contacts.models import Contact
from courses.models import Course
from courses.selectors import owned_course_ids
from kwiga.pages.link_codes import LinkCode
from kwiga.sites import site_path
from offers.models import Offer
from orders.selectors.quote import Availability, availability_of
from schools.models import StoredFile

CARDS_PER_PAGE = 24
# A school with more than this on sale at once shows the newest.
MOST_OFFERS = 5_000
_LIGHT = (
    "id", "school_id", "token", "title", "summary", "category", "status", "cover_id", "created_at", "price_minor",
    "currency", "promo_price_minor", "promo_starts_at", "promo_ends_at", "sales_start_at", "sales_end_at", "seats",
    "seats_taken", "allows_coupons", "coupon_on_promo",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a visitor sees of one thing on sale. `price_minor` is the lowest now; `list_price_minor` what it was."""

    title: str
    text: str
    category: str
    url: str
    cover: StoredFile | None
    price_minor: int
    list_price_minor: int
    currency: str
    is_from: bool
    has_free: bool  # beside what is paid for
    availability: Availability
    starts_at: datetime | None
    open_url: str  # of a course the visitor owns


@dataclass(frozen=True)
class Group:
    """Offers that make one card; `course_id` when they all open one published course and nothing else."""

    offers: list[Any]
    course_id: int | None


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """One page of cards, and what is needed to turn pages and to choose a category."""

    cards: list[Card]
    categories: list[str]
    page: int
    pages: int
    found: int


def catalogue(
    *,
    at: datetime,
    contact: Contact | None,
    text: str = "",
    category: str = "",
    page: int = 1,
    code_for: Callable[[list[Offer]], LinkCode | None] = lambda offers: None,
) -> Catalogue:
    """The cards that fit the words and the category, newest first, in the open scope.

    `code_for` finds the code that came with the visitor, for the offers that are shown.
    """
    groups = list(_groups(_offers_in_store(at)))
    categories = sorted({name for group in groups if (name := _category(group))}, key=str.casefold)
    fitting = [group for group in groups if _fits(group, text, category)]
    pages = max(1, -(-len(fitting) // CARDS_PER_PAGE))
    page = min(max(page, 1), pages)
    shown = list(islice(fitting, (page - 1) * CARDS_PER_PAGE, page * CARDS_PER_PAGE))
    code = code_for([offer for group in shown for offer in group.offers])
    cards = _cards(shown, at, contact, code)
    return Catalogue(cards=cards, categories=categories, page=page, pages=pages, found=len(fitting))


def _offers_in_store(at: datetime) -> Iterable[Any]:
    """Listed offers that are on sale or will be, newest first, with the one course that each opens, if it is one."""
    offers = Offer.objects.listed().filter(Q(sales_end_at=None) | Q(sales_end_at__gt=at)).newest_first().only(*_LIGHT)
    return offers.annotate(
        first_course=Min("items__course"),
        last_course=Max("items__course"),
        course_title=Min("items__course__title"),
        course_category=Min("items__course__category"),
        course_status=Min("items__course__status"),
    )[:MOST_OFFERS]


def _groups(offers: Iterable[Any]) -> Iterable[Group]:
    """In the order of the newest offer of each."""
    found: dict[tuple[str, int], Group] = {}
    for offer in offers:
        alone = offer.first_course is not None and offer.first_course == offer.last_course
        if alone and offer.course_status == Course.Status.PUBLISHED:
            key, course = ("course", offer.first_course), offer.first_course
        else:
            key, course = ("offer", offer.pk), None
        found.setdefault(key, Group([], course)).offers.append(offer)
    return found.values()


def _category(group: Group) -> str:
    named = next((offer.category for offer in group.offers if offer.category), "")
    return named or (group.offers[0].course_category if group.course_id else "")


def _fits(group: Group, text: str, category: str) -> bool:
    if category and _category(group) != category:
        return False
    words = _folded(text).split()
    if not words:
        return True
    told = [f"{offer.title} {offer.summary} {offer.course_title or ''}" for offer in group.offers]
    said = _folded(" ".join([*told, _category(group)]))
    return all(word in said for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _cards(groups: Sequence[Group], at: datetime, contact: Contact | None, code: LinkCode | None) -> list[Card]:
    ids = {group.course_id for group in groups if group.course_id}
    courses = {course.pk: course for course in Course.objects.filter(pk__in=ids)}
    covers = StoredFile.objects.in_bulk(list(_cover_ids(groups, courses)))
    owned = owned_course_ids(contact, at) if contact else set()
    return [_card(group, at, courses, covers, owned, code) for group in groups]


def _cover_ids(groups: Sequence[Group], courses: dict[int, Course]) -> set[int]:
    wanted = {offer.cover_id for group in groups for offer in group.offers}
    return {pk for pk in wanted | {course.cover_id for course in courses.values()} if pk}


def _card(
    group: Group,
    at: datetime,
    courses: dict[int, Course],
    covers: dict[int, StoredFile],
    owned: set[int],
    code: LinkCode | None,
) -> Card:
    course = courses.get(group.course_id or 0)
    best = _cheapest(group.offers, at)
    several = len(group.offers) > 1
    subject = course if course and several else best
    cover_id = subject.cover_id or best.cover_id or (course.cover_id if course else None)
    is_owned = course is not None and course.pk in owned
    return Card(
        title=subject.title,
        text=subject.summary,
        category=_category(group),
        url=site_path("public_course", course.token) if course and several else site_path("public_offer", best.token),
        cover=covers.get(cover_id) if cover_id else None,
        price_minor=code.price_of(best, at) if code else best.price_at(at),
        list_price_minor=best.price_minor,
        currency=best.currency,
        is_from=several,
        has_free=best.price_at(at) > 0 and any(_is_free_now(offer, at) for offer in group.offers),
        availability=availability_of(best, at),
        starts_at=best.sales_start_at,
        open_url=site_path("learn_course", course.token) if course and is_owned else "",
    )


def _cheapest(offers: list[Any], at: datetime) -> Any:
    """The one with the lowest price now among those of the first currency.

    What can be bought goes before the rest, and what costs something before a free way to try it.
    """
    ready = [offer for offer in offers if availability_of(offer, at) == Availability.ON_SALE] or offers
    paid = [offer for offer in ready if offer.price_at(at)] or ready
    same = [offer for offer in paid if offer.currency == paid[0].currency]
    return min(same, key=lambda offer: (offer.price_at(at), offer.pk))


def _is_free_now(offer: Any, at: datetime) -> bool:
    return offer.price_at(at) == 0 and availability_of(offer, at) == Availability.ON_SALE
