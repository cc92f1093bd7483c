"""The words in double braces that mails and webhooks of automations know: a fixed list (trust D2)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.models import AutomationVersion, Run, Step
from automations.triggers import UnknownTrigger, trigger_of

_ALWAYS: dict[str, str | Promise] = {
    "contact.name": _("Name of the contact"),
    "contact.email": _("Email of the contact"),
    "contact.phone": _("Phone of the contact"),
    "contact.language": _("Language of the contact"),
    "contact.external_id": _("External number of the contact"),
    "school.name": _("Name of the school"),
    "school.email": _("Email of the school"),
    "school.link": _("Link to the course store"),
    "courses_link": _("Link to the contact’s courses"),
    "unsubscribe_link": _("Link to get no more news"),
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

NAMES: dict[str, str | Promise] = _ALWAYS | _OF["order"] | _OF["offer"] | _OF["course"] | _COUPON


def known_at(version: AutomationVersion, position: int) -> set[str]:
    """The words that have a value at this step: coupon.* only behind a coupon step, order.* only of order triggers."""
    known = set(_ALWAYS)
    try:
        gives = trigger_of(version.trigger).gives if version.trigger else frozenset()
    except UnknownTrigger:
        gives = frozenset()
    for thing in gives:
        known |= set(_OF[thing])
    if version.steps.filter(kind=Step.Kind.COUPON, position__lt=position).exists():
        known |= set(_COUPON)
    return known


def values_of(run: Run) -> dict[str, str]:
    """What each word says for this run."""
    return {"contact.name": run.contact.name}
