"""The words in double braces that mails and webhooks of automations know: a fixed list (trust D2).

Values are written in the language and zone that are active, each only where a run has it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.actions.coupons import code_for, terms_for
from automations.actions.registry import StepFailed
from automations.models import AutomationVersion, Run, RunStep, Step
from automations.triggers import UnknownTrigger, trigger_of
from automations.triggers.coupons import coupon_of
from contacts.links import claim_url
from contacts.mailing.links import unsubscribe_url
from contacts.models import Contact
from coupons.models import Coupon
from coupons.sharing import coupon_link, store_link
from coupons.wording import size_text
from courses.models import Course
from kwiga.money import format_money, to_major
from kwiga.templatetags.instants import short_date, zoned_end, zoned_instant
from offers.models import Offer
from orders.links import pay_url
from orders.models import Order
from schools.models import School
from schools.sites import site_url

_ALWAYS: dict[str, str | Promise] = {
    "contact.name": _("Name of the contact"),
    "contact.email": _("Email of the contact"),
    "contact.phone": _("Phone of the contact"),
    "contact.language": _("Language of the contact"),
    "contact.external_id": _("External number of the contact"),
    "school.name": _("Name of the school"),
    "school.email": _("Email of the school"),
    "school.link": _("Link to the course store"),
    "automation.name": _("Name of the automation"),
    "run.id": _("Number of the run"),
}
_OF: dict[str, dict[str, str | Promise]] = {
    "order": {
        "order.number": _("Number of the order"),
        "order.total": _("Sum of the order"),
        "order.amount": _("Sum of the order, as a bare number"),
        "order.currency": _("Currency of the order"),
        "order.discount": _("Discount given"),
        "order.date": _("Date of the order"),
        "order.pay_link": _("Link to pay the order"),
    },
    "offer": {
        "offer.title": _("Title of the offer"),
        "offer.link": _("Link to the offer"),
    },
    "course": {
        "course.title": _("Title of the course"),
        "course.link": _("Link to the course"),
    },
}
_COUPON = _OF["coupon"] = {
    "coupon.code": _("Code of the coupon"),
    "coupon.link": _("Link that applies the coupon"),
    "coupon.starts": _("Valid from"),
    "coupon.expires": _("When the coupon ends"),
    "coupon.size": _("Size of the discount"),
}

# What lets somebody in is for the contact alone, and no other system learns it.
MAIL_ONLY: dict[str, str | Promise] = {
    "courses_link": _("Link to the contact’s courses"),
    "unsubscribe_link": _("Link to get no more news"),
}

NAMES: dict[str, str | Promise] = _ALWAYS | MAIL_ONLY | _OF["order"] | _OF["offer"] | _OF["course"] | _COUPON


Source = Callable[[], dict[str, str]]


@dataclass(frozen=True)
class Told:
    """The coupon that a text speaks of, and the offers its link may lead to."""

    coupon: Coupon
    code: str
    offers: Callable[[], list[Offer]]


class Words(Mapping[str, str]):
    """Values of words, each source asked once, when a word of it is first wanted: most texts want few of them."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._sources = sources
        self._said: dict[str, dict[str, str]] = {}

    def __getitem__(self, name: str) -> str:
        return self._of(name if name in self._sources else name.partition(".")[0])[name]

    def __iter__(self) -> Iterator[str]:
        return (name for source in self._sources for name in self._of(source))

    def __len__(self) -> int:
        return sum(1 for _name in self)

    def _of(self, source: str) -> dict[str, str]:
        if source not in self._said:
            self._said[source] = self._sources[source]()
        return self._said[source]


def known_at(version: AutomationVersion, position: int) -> set[str]:
    """The words that have a value at this step: those of the trigger's events, and coupon.* behind a coupon step."""
    known = set(_ALWAYS)
    for thing in given_by(version):
        known |= set(_OF[thing])
    if version.steps.filter(kind=Step.Kind.COUPON, position__lt=position).exists():
        known |= set(_COUPON)
    step = version.steps.filter(position=position).first()
    return known | set(MAIL_ONLY) if step is None or step.kind == Step.Kind.MAIL else known


def values_of(run: Run) -> Mapping[str, str]:
    """What each word says for this run, to other systems and the team; looked up as words are asked for."""
    return Words(_sources(run))


def mail_values_of(run: Run) -> Mapping[str, str]:
    """The same for the contact, with links that are theirs alone."""
    own: dict[str, Source] = {
        "courses_link": lambda: {"courses_link": claim_url(run.school, run.contact)},
        "unsubscribe_link": lambda: {"unsubscribe_link": unsubscribe_url(run.school, run.contact)},
    }
    return Words(_sources(run) | own)


def given_by(version: AutomationVersion) -> frozenset[str]:
    """Which of order, offer, course, coupon the trigger's events are about."""
    try:
        return trigger_of(version.trigger).gives
    except UnknownTrigger:
        return frozenset()


def _sources(run: Run) -> dict[str, Source]:
    """Where words are looked up, by their first part or whole."""
    school, coupon = run.school, cache(lambda: _coupon_told(run))
    sources: dict[str, Source] = {
        "automation": lambda: {"automation.name": run.automation.name},
        "run": lambda: {"run.id": run.token},
        "contact": lambda: _of_contact(run.contact),
        "school": lambda: _of_school(school),
        "coupon": lambda: _of_coupon(coupon()),
        "coupon.link": lambda: _link_of_coupon(school, coupon()),
    }
    if order := run.order:
        sources["order"] = lambda: _of_order(school, order)
    if offer := run.offer:
        sources["offer"] = lambda: _of_offer(school, offer)
    if course := run.course:
        sources["course"] = lambda: _of_course(school, course)
    return sources


def _of_contact(contact: Contact) -> dict[str, str]:
    names = ("name", "email", "phone", "language", "external_id")
    return {f"contact.{name}": getattr(contact, name) for name in names}


def _of_school(school: School) -> dict[str, str]:
    return {
        "school.name": school.name,
        "school.email": school.contact_email,
        "school.link": site_url(school, "store"),
    }


def _of_order(school: School, order: Order) -> dict[str, str]:
    return {
        "order.number": order.number,
        "order.total": format_money(order.total_minor, order.currency),
        "order.amount": str(to_major(order.total_minor, order.currency)),
        "order.currency": order.currency,
        "order.discount": format_money(order.discount_minor, order.currency),
        "order.date": short_date(order.created_at),
        "order.pay_link": pay_url(school, order),
    }


def _of_offer(school: School, offer: Offer) -> dict[str, str]:
    return {"offer.title": offer.title, "offer.link": site_url(school, "public_offer", offer.token)}


def _of_course(school: School, course: Course) -> dict[str, str]:
    return {"course.title": course.title, "course.link": site_url(school, "public_course", course.token)}


def _of_coupon(told: Told | None) -> dict[str, str]:
    if told is None:
        return {}
    coupon = told.coupon
    return {
        "coupon.code": told.code,
        "coupon.starts": zoned_instant(coupon.starts_at or coupon.created_at),
        "coupon.expires": zoned_end(coupon.ends_at) if coupon.ends_at else "",
        "coupon.size": size_text(coupon),
    }


def _link_of_coupon(school: School, told: Told | None) -> dict[str, str]:
    """To an offer it is for; for a coupon for all offers, of an event about none, to the store."""
    if told is None:
        return {}
    offer = next(iter(told.offers()), None)
    return {"coupon.link": coupon_link(school, offer, told.code) if offer else store_link(school, told.code)}


def _coupon_told(run: Run) -> Told | None:
    return _last_coupon(run) if run.pk else _imagined_coupon(run)


def _last_coupon(run: Run) -> Told | None:
    """The coupon that the run made last, else the one that its event was about; none when there is none."""
    steps = RunStep.objects.filter(run=run, coupon__isnull=False).select_related("coupon")
    step = steps.order_by("-position").first()
    if step and step.coupon:
        return _told(step.coupon, step.coupon.codes.get().code, run)
    found = coupon_of(run) if "coupon" in given_by(run.version) else None
    return _told(*found, run) if found else None


def _imagined_coupon(run: Run) -> Told | None:
    """A coupon as the version's step would make it, for previews; nothing is made."""
    step = run.version.steps.filter(kind=Step.Kind.COUPON).order_by("position").first()
    if step is None:
        return _latest_coupon(run) if "coupon" in given_by(run.version) else None
    try:
        terms = terms_for(run, step.settings)
    except StepFailed:
        return None
    names = ("percent_bp", "amount_minor", "currency", "starts_at", "ends_at")
    coupon = Coupon(**{name: getattr(terms, name) for name in names})
    chosen = Offer.objects.filter(pk__in=terms.offer_ids).order_by("pk")
    return Told(coupon, code_for(step.settings), lambda: _or_of_event(chosen, run))


def _latest_coupon(run: Run) -> Told | None:
    """The contact's own coupon, else the school's newest, for previews of what happens to coupons."""
    coupons = Coupon.objects.filter(codes__isnull=False).order_by("-pk")
    mine = coupons.filter(contact=run.contact_id) if run.contact_id else coupons.none()
    coupon = mine.first() or coupons.first()
    code = coupon.codes.order_by("pk").first() if coupon else None
    return _told(coupon, code.code, run) if coupon and code else None


def _told(coupon: Coupon, code: str, run: Run) -> Told:
    chosen = Offer.objects.filter(pk__in=coupon.coupon_offers.values("offer")).order_by("pk")
    return Told(coupon, code, lambda: _or_of_event(chosen, run))


def _or_of_event(chosen: QuerySet[Offer], run: Run) -> list[Offer]:
    """What a coupon's link may lead to: an offer that was chosen for it, else the one of the event."""
    return [*chosen[:1], *([run.offer] if run.offer else [])]
