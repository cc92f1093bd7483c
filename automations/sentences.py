"""What an automation does, in plain sentences."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.actions import UnknownAction, action_of
from automations.models import AutomationVersion, Step
from automations.objects import name_of
from automations.settings_fields import FieldKind
from automations.triggers import UnknownTrigger, trigger_of


def trigger_sentence(version: AutomationVersion) -> str:
    """What starts it, with the names of what was chosen; empty when nothing was chosen yet."""
    try:
        trigger = trigger_of(version.trigger) if version.trigger else None
    except UnknownTrigger:
        return version.trigger
    if trigger is None:
        return ""
    writer = _WRITERS.get(trigger.key)
    return _bounded(writer(version.trigger_settings), version.trigger_settings) if writer else str(trigger.label)


def step_sentence(step: Step) -> str:
    """What a step does, with the names of what was chosen."""
    try:
        return action_of(step.kind).sentence(step)
    except UnknownAction:
        return str(step.get_kind_display())


def _named(said: dict[str, Any], kind: FieldKind, one: str, anything: str) -> str:
    token = said.get(str(kind), "")
    return one % {"name": name_of(kind, token)} if token else anything


def _course(said: dict[str, Any]) -> str:
    return _named(said, FieldKind.COURSE, _("the course %(name)s"), _("any course"))


def _offer(said: dict[str, Any]) -> str:
    return _named(said, FieldKind.OFFER, _("the offer %(name)s"), _("any offer"))


def _lesson(said: dict[str, Any]) -> str:
    if said.get("lesson"):
        return _named(said, FieldKind.LESSON, _("the lesson %(name)s"), "")
    return _("a lesson of %(course)s") % {"course": _course(said)}


def _assignment(said: dict[str, Any]) -> str:
    if said.get("lesson"):
        return _named(said, FieldKind.LESSON, _("the assignment %(name)s"), "")
    words = _("the last assignment of %(course)s") if said.get("final") else _("an assignment of %(course)s")
    return words % {"course": _course(said)}


def _progress(said: dict[str, Any]) -> str:
    return _("When %(course)s is done to %(percent)s%%") % {
        "course": _course(said),
        "percent": said.get("percent") or 100,
    }


def _unpaid(said: dict[str, Any]) -> str:
    hours = said.get("hours") or 0
    words = ngettext(
        "When an order of %(offer)s is still unpaid after %(hours)d hour",
        "When an order of %(offer)s is still unpaid after %(hours)d hours",
        hours,
    )
    sentence = words % {"offer": _offer(said), "hours": hours}
    return _("%(sentence)s, without a promo code") % {"sentence": sentence} if said.get("without_coupon") else sentence


def _bounded(sentence: str, said: dict[str, Any]) -> str:
    """The sentence with the sums that an order has to have, where some are set."""
    if said.get("least"):
        sentence = _("%(sentence)s, of %(sum)s or more") % {"sentence": sentence, "sum": said["least"]}
    if said.get("most"):
        sentence = _("%(sentence)s, of %(sum)s or less") % {"sentence": sentence, "sum": said["most"]}
    return sentence


def _ending(said: dict[str, Any]) -> str:
    days = said.get("days") or 0
    words = ngettext(
        "%(days)d day before access to %(course)s ends", "%(days)d days before access to %(course)s ends", days
    )
    return words % {"days": days, "course": _course(said)}


def _inactive(said: dict[str, Any]) -> str:
    days = said.get("days") or 0
    words = ngettext("When a contact stays away for %(days)d day", "When a contact stays away for %(days)d days", days)
    return words % {"days": days}


def _purchases(said: dict[str, Any]) -> str:
    count = said.get("count") or 0
    words = ngettext("When a contact has paid %(count)d order", "When a contact has paid %(count)d orders", count)
    return words % {"count": count}


def _coupon_ending(said: dict[str, Any]) -> str:
    days = said.get("days") or 0
    words = ngettext(
        "%(days)d day before an unused personal coupon ends",
        "%(days)d days before an unused personal coupon ends",
        days,
    )
    return words % {"days": days}


def _date(said: dict[str, Any]) -> str:
    days = said.get("days_before") or 0
    name = name_of(FieldKind.FIELD, said.get("field"))
    if not days:
        return _("On the date of %(name)s") % {"name": name}
    words = ngettext("%(days)d day before the date of %(name)s", "%(days)d days before the date of %(name)s", days)
    return words % {"days": days, "name": name}


def _joined(said: dict[str, Any]) -> str:
    words = _named(said, FieldKind.LIST, _("the list %(name)s"), _("any list"))
    return _("When a contact is put in %(list)s") % {"list": words}


def _tagged(said: dict[str, Any]) -> str:
    words = _named(said, FieldKind.TAG, _("as %(name)s"), "")
    return _("When a contact is tagged %(tag)s") % {"tag": words} if words else _("When a contact is tagged")


def _received(said: dict[str, Any]) -> str:
    words = _named(said, FieldKind.HOOK, _("at the address %(name)s"), "")
    return _("When a call comes in %(hook)s") % {"hook": words} if words else _("When a call comes in")


def _redeemed(said: dict[str, Any]) -> str:
    words = _named(said, FieldKind.COUPON, _("the coupon %(name)s"), _("any coupon"))
    return _("When %(coupon)s is used") % {"coupon": words}


def _released(said: dict[str, Any]) -> str:
    words = _named(said, FieldKind.COUPON, _("the coupon %(name)s"), _("any coupon"))
    return _("When the use of %(coupon)s is given back") % {"coupon": words}


_WRITERS = {
    "course.progress": _progress,
    "course.completed": lambda said: _("When %(course)s is completed") % {"course": _course(said)},
    "lesson.completed": lambda said: _("When %(lesson)s is completed") % {"lesson": _lesson(said)},
    "assignment.submitted": lambda said: _("When %(what)s is handed in") % {"what": _assignment(said)},
    "assignment.accepted": lambda said: _("When %(what)s is accepted") % {"what": _assignment(said)},
    "access.ending": _ending,
    "order.placed": lambda said: _("When %(offer)s is ordered") % {"offer": _offer(said)},
    "order.paid": lambda said: _("When an order of %(offer)s is paid") % {"offer": _offer(said)},
    "order.expired": lambda said: _("When an order of %(offer)s expires unpaid") % {"offer": _offer(said)},
    "order.refunded": lambda said: _("When money of an order of %(offer)s is given back") % {"offer": _offer(said)},
    "order.unpaid": _unpaid,
    "purchases.reached": _purchases,
    "contact.created": lambda said: _("When a contact is new"),
    "list.joined": _joined,
    "contact.tagged": _tagged,
    "hook.received": _received,
    "contact.inactive": _inactive,
    "field.date": _date,
    "contact.by_hand": lambda said: _("When the team starts it by hand"),
    "coupon.rewarded": lambda said: _("When an automation gives a coupon"),
    "coupon.activated": lambda said: _("When a coupon that was given can be used"),
    "coupon.redeemed": _redeemed,
    "coupon.released": _released,
    "coupon.ending": _coupon_ending,
}
