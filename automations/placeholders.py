"""The words in double braces that mails and webhooks of automations know: a fixed list (trust D2).

Values are written in the language and zone that are active, each only where a run has it.
"""

from collections.abc import Sequence

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


def known_at(version: AutomationVersion, position: int) -> set[str]:
    """The words that have a value at this step: those of the trigger's events, and coupon.* behind a coupon step."""
    known = set(_ALWAYS)
    for thing in given_by(version):
        known |= set(_OF[thing])
    if version.steps.filter(kind=Step.Kind.COUPON, position__lt=position).exists():
        known |= set(_COUPON)
    step = version.steps.filter(position=position).first()
    return known | set(MAIL_ONLY) if step is None or step.kind == Step.Kind.MAIL else known


def values_of(run: Run) -> dict[str, str]:
    """What each word says for this run, to other systems and the team."""
    school = run.school
    values = {"automation.name": run.automation.name, "run.id": run.token}
    values |= _of_contact(run.contact) | _of_school(school)
    if run.order:
        values |= _of_order(school, run.order)
    if run.offer:
        values |= _of_offer(school, run.offer)
    if run.course:
        values |= _of_course(school, run.course)
    return values | (_of_last_coupon(school, run) if run.pk else _of_imagined_coupon(school, run))


def mail_values_of(run: Run) -> dict[str, str]:
    """The same for the contact, with links that are theirs alone."""
    school = run.school
    own = {
        "courses_link": claim_url(school, run.contact),
        "unsubscribe_link": unsubscribe_url(school, run.contact),
    }
    return values_of(run) | own


def given_by(version: AutomationVersion) -> frozenset[str]:
    """Which of order, offer, course, coupon the trigger's events are about."""
    try:
        return trigger_of(version.trigger).gives
    except UnknownTrigger:
        return frozenset()


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


def _of_coupon(school: School, coupon: Coupon, code: str, offers: Sequence[Offer]) -> dict[str, str]:
    # A coupon for all offers, of an event about none: the store, where any of them is chosen.
    link = coupon_link(school, offers[0], code) if offers else store_link(school, code)
    return {
        "coupon.code": code,
        "coupon.link": link,
        "coupon.starts": zoned_instant(coupon.starts_at or coupon.created_at),
        "coupon.expires": zoned_end(coupon.ends_at) if coupon.ends_at else "",
        "coupon.size": size_text(coupon),
    }


def _of_last_coupon(school: School, run: Run) -> dict[str, str]:
    """Of the coupon that the run made last, else of the one that its event was about; nothing when there is none."""
    steps = RunStep.objects.filter(run=run, coupon__isnull=False).select_related("coupon")
    step = steps.order_by("-position").first()
    if step and step.coupon:
        return _of_coupon(school, step.coupon, step.coupon.codes.get().code, _offers_of(step.coupon, run))
    found = coupon_of(run) if "coupon" in given_by(run.version) else None
    return _of_coupon(school, *found, _offers_of(found[0], run)) if found else {}


def _of_imagined_coupon(school: School, run: Run) -> dict[str, str]:
    """Of a coupon as the version's step would make it, for previews; nothing is made."""
    step = run.version.steps.filter(kind=Step.Kind.COUPON).order_by("position").first()
    if step is None:
        return _of_latest_coupon(school, run) if "coupon" in given_by(run.version) else {}
    try:
        terms = terms_for(run, step.settings)
    except StepFailed:
        return {}
    names = ("percent_bp", "amount_minor", "currency", "starts_at", "ends_at")
    coupon = Coupon(**{name: getattr(terms, name) for name in names})
    chosen = Offer.objects.filter(pk__in=terms.offer_ids).order_by("pk")
    return _of_coupon(school, coupon, code_for(step.settings), [*chosen[:1], *([run.offer] if run.offer else [])])


def _of_latest_coupon(school: School, run: Run) -> dict[str, str]:
    """Of the contact's own coupon, else the school's newest, for previews of what happens to coupons."""
    coupons = Coupon.objects.filter(codes__isnull=False).order_by("-pk")
    mine = coupons.filter(contact=run.contact_id) if run.contact_id else coupons.none()
    coupon = mine.first() or coupons.first()
    code = coupon.codes.order_by("pk").first() if coupon else None
    return _of_coupon(school, coupon, code.code, _offers_of(coupon, run)) if coupon and code else {}


def _offers_of(coupon: Coupon, run: Run) -> list[Offer]:
    """What the coupon's link may lead to: an offer that was chosen for it, else the one of the event."""
    chosen = Offer.objects.filter(pk__in=coupon.coupon_offers.values("offer")).order_by("pk")
    return [*chosen[:1], *([run.offer] if run.offer else [])]
