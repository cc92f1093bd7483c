"""Who would have got it: the past looked through by the rules of today. Nothing is written, nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from automations.calendar import days_later, school_zone
from automations.models import AutomationVersion, Run
from automations.triggers import Occurrence, Trigger, UnknownTrigger, trigger_of
from contacts.models import Contact
from contacts.segments.members import contacts_in
from kwiga import clock
from offers.models import OfferItem
from orders.models import Order
from schools.models import Event

LOOKED_AT = 1_000
SAMPLE = 20


@dataclass(frozen=True)
class Rehearsal:
    """How many contacts it would have been, some of them, and whether there was more to look at than was looked at."""

    total: int
    sample: list[Contact]
    capped: bool


def rehearse(version: AutomationVersion, days: int = 30) -> Rehearsal:
    """Who fits the conditions now, of those to whom the trigger happened in the last days."""
    since = days_later(clock.now(), -days, school_zone())
    people: dict[int, None] = {}
    looked_at = 0
    for found in _happened(version, since):
        looked_at += 1
        people.update(dict.fromkeys(occurrence.contact_id for occurrence in found))
    fitting = contacts_in(version.conditions) if version.conditions else Contact.objects.known()
    fitting = fitting.filter(pk__in=people)
    order = {pk: place for place, pk in enumerate(people)}
    sample = sorted(fitting, key=lambda contact: order[contact.pk])
    return Rehearsal(len(sample), sample[:SAMPLE], looked_at >= LOOKED_AT)


def sample_run_for(contact: Contact, version: AutomationVersion) -> Run:
    """A run as this contact could have one, never saved: about their latest order and course, for previews."""
    order = Order.objects.filter(contact=contact).order_by("-id").first() if contact.pk else None
    item = OfferItem.objects.filter(offer=order.offer_id).order_by("id").first() if order and order.offer_id else None
    return Run(
        school_id=version.school_id,
        automation=version.automation,
        version=version,
        contact=contact,
        order=order,
        offer=order.offer if order else None,
        course=item.course if item else None,
    )


def _happened(version: AutomationVersion, since: datetime) -> Iterator[list[Occurrence]]:
    """What came of each event, or row whose time came, newest first; no more than are looked at."""
    try:
        trigger = trigger_of(version.trigger)
    except UnknownTrigger:
        return
    yield from _of_clock(trigger, version, since) if trigger.clock else _of_events(trigger, version, since)


def _of_clock(trigger: Trigger, version: AutomationVersion, since: datetime) -> Iterator[list[Occurrence]]:
    if trigger.clock is None:
        return
    settings = version.trigger_settings
    for row in trigger.clock.rows(settings, since, clock.now()).order_by("-pk")[:LOOKED_AT]:
        occurrence = trigger.clock.occurrence(row, settings)
        yield [occurrence] if occurrence else []


def _of_events(trigger: Trigger, version: AutomationVersion, since: datetime) -> Iterator[list[Occurrence]]:
    events = Event.objects.filter(kind__in=trigger.kinds, created_at__gt=since).order_by("-created_at", "-id")
    for event in events[:LOOKED_AT]:
        happened = trigger.occurrences
        yield list(happened(event, version.trigger_settings)) if happened else []
