"""What keeps an offer from being put on sale, each a sentence with the place where it is mended (K22)."""

from collections.abc import Callable, Iterable

from django.urls import reverse
from django.utils.translation import gettext

from kwiga import clock
from offers.models import Offer
from offers.selectors import items_of


class Problem(str):
    """A sentence; `url` is the page that mends it, empty when there is none."""

    url: str

    def __new__(cls, text: str, url: str = "") -> "Problem":
        problem = super().__new__(cls, text)
        problem.url = url
        return problem


Check = Callable[[Offer], Iterable[str]]

_checks: list[Check] = []


def register_check(check: Check) -> None:
    """Let an app to the right object to a publication: it answers sentences, or `Problem`s with an address."""
    if check not in _checks:
        _checks.append(check)


GuestCheck = Callable[[], str]

_guest_checks: list[GuestCheck] = []


def register_guest_check(check: GuestCheck) -> None:
    """Let an app to the right say why nobody can buy without signing in; empty when everybody can (K10)."""
    if check not in _guest_checks:
        _guest_checks.append(check)


def guest_obstacle() -> str:
    """Why the open scope's school cannot sell to guests, as a sentence; empty when it can."""
    return next(filter(None, (check() for check in _guest_checks)), "")


def problems_of(offer: Offer) -> list[str]:
    """Everything that is missing, in the reader's language; empty when the offer can go on sale."""
    return [problem for check in [_opens_something, _can_be_bought, *_checks] for problem in check(offer)]


def _opens_something(offer: Offer) -> Iterable[str]:
    items = items_of(offer)
    if not items:
        text = gettext("The offer opens nothing yet: choose at least one course, module or lesson.")
        yield Problem(text, f"{form_url(offer)}#section-opens")
    for course in {item.course_id: item.course for item in items}.values():
        if not course.is_published:
            yield Problem(gettext("The course “%(title)s” is still a draft.") % {"title": course.title})


def _can_be_bought(offer: Offer) -> Iterable[str]:
    now, form = clock.now(), form_url(offer)
    if offer.sales_end_at and offer.sales_end_at <= now:
        yield Problem(gettext("The time of sale is over."), f"{form}#section-sales")
    if offer.closes_at and offer.closes_at <= now:
        yield Problem(gettext("Access would end before anybody could buy it."), f"{form}#section-opens")


def form_url(offer: Offer) -> str:
    """The page on which the offer is edited."""
    return reverse("offers:edit", args=[offer.school.slug, offer.token])
