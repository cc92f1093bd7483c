"""The words in double braces that mails and webhooks of automations know: a fixed list (trust D2).

Values are written in the language and zone that are active, each only where a run has it.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.models import AutomationVersion, Run, RunStep, Step
from automations.triggers import UnknownTrigger, trigger_of
from contacts.links import claim_url
from contacts.mailing.links import unsubscribe_url
from contacts.models import Contact
from coupons.models import Coupon
from coupons.sharing import coupon_link
from coupons.wording import size_text
from courses.models import Course
from kwiga.money import format_money, to_major
from kwiga.templatetags.instants import short_date, zoned_end
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
_COUPON: dict[str, str | Promise] = {
    "coupon.code": _("Code of the coupon"),
    "coupon.link": _("Link that applies the coupon"),
    "coupon.expires": _("When the coupon ends"),
    "coupon.size": _("Size of the discount"),
}

# What lets somebody in is for the contact alone, and no other system learns it.
_MAIL_ONLY: dict[str, str | Promise] = {
    "courses_link": _("Link to the contact’s courses"),
    "unsubscribe_link": _("Link to get no more news"),
}

NAMES: dict[str, str | Promise] = _ALWAYS | _MAIL_ONLY | _OF["order"] | _OF["offer"] | _OF["course"] | _COUPON


def known_at(version: AutomationVersion, position: int) -> set[str]:
    """The words that have a value at this step: coupon.* only behind a coupon step, order.* only of order triggers."""
    known = set(_ALWAYS)
    for thing in _given_by(version):
        known |= set(_OF[thing])
    if version.steps.filter(kind=Step.Kind.COUPON, position__lt=position).exists():
        known |= set(_COUPON)
    step = version.steps.filter(position=position).first()
    return known | set(_MAIL_ONLY) if step is None or step.kind == Step.Kind.MAIL else known


def values_of(run: Run) -> dict[str, str]:
    """What each word says for this run, to other systems and the team."""
    school = School.objects.get(pk=run.school_id)
    values = {"automation.name": run.automation.name, "run.id": run.token}
    values |= _of_contact(run.contact) | _of_school(school)
    if run.order:
        values |= _of_order(school, run.order)
    if run.offer:
        values |= _of_offer(school, run.offer)
    if run.course:
        values |= _of_course(school, run.course)
    coupon = _coupon_of(run)
    return values | _of_coupon(school, coupon, run.offer) if coupon else values


def mail_values_of(run: Run) -> dict[str, str]:
    """The same for the contact, with links that are theirs alone."""
    school = School.objects.get(pk=run.school_id)
    own = {
        "courses_link": claim_url(school, run.contact),
        "unsubscribe_link": unsubscribe_url(school, run.contact),
    }
    return values_of(run) | own


def _given_by(version: AutomationVersion) -> frozenset[str]:
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
        "order.date": short_date(order.created_at),
        "order.pay_link": pay_url(school, order),
    }


def _of_offer(school: School, offer: Offer) -> dict[str, str]:
    return {"offer.title": offer.title, "offer.link": site_url(school, "public_offer", offer.token)}


def _of_course(school: School, course: Course) -> dict[str, str]:
    return {"course.title": course.title, "course.link": site_url(school, "public_course", course.token)}


def _of_coupon(school: School, coupon: Coupon, offer: Offer | None) -> Mapping[str, str]:
    code = coupon.codes.get().code
    chosen = coupon.coupon_offers.select_related("offer").order_by("offer_id").first()
    target = chosen.offer if chosen else offer
    return {
        "coupon.code": code,
        # A coupon for all offers, of an event about none: the store, where any of them is chosen.
        "coupon.link": coupon_link(school, target, code) if target else site_url(school, "store"),
        "coupon.expires": zoned_end(coupon.ends_at) if coupon.ends_at else "",
        "coupon.size": size_text(coupon),
    }


def _coupon_of(run: Run) -> Coupon | None:
    """The coupon that the run made last; of a run that is only imagined, none."""
    if run.pk is None:
        return None
    steps = RunStep.objects.filter(run=run, coupon__isnull=False).select_related("coupon")
    step = steps.order_by("-position").first()
    return step.coupon if step else None
