"""Events turned into lines of the activity page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from schools.activity.topics import Subject, Text, sentence_of, topic_of, topics
from schools.models import Event, School


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line: what happened to what, by whom. `day` is the date in the active time zone."""

    event: Event
    sentence: Text
    icon: str
    detail: str
    subject: Subject | None
    day: date


def events_about(topic: str, person: str) -> QuerySet[Event]:
    """The open scope's journal, narrowed to a topic and to the person with this id; words that mean nothing do not."""
    events = Event.objects.select_related("actor")
    if topic in topics():
        events = events.filter(kind__in=topics()[topic].kinds)
    if person.isdecimal() and len(person) < 19:
        events = events.filter(actor_id=int(person))
    return events


def entries_of(school: School, events: Sequence[Event]) -> list[Entry]:
    """The lines of these events, in their order; one query for each topic that occurs, however many events."""
    subjects: dict[int, Subject] = {}
    for topic in topics().values():
        if own := [event for event in events if event.kind in topic.kinds]:
            subjects |= topic.subjects(school, own)
    return [_entry(event, subjects.get(event.pk)) for event in events]


def _entry(event: Event, subject: Subject | None) -> Entry:
    topic = topic_of(event.kind)
    kind = topic.kinds[event.kind] if topic else None
    return Entry(
        event=event,
        sentence=sentence_of(event.kind),
        icon=kind.icon if kind else "circle-dot",
        detail=kind.detail(event) if kind else "",
        subject=subject,
        day=timezone.localtime(event.created_at).date(),
    )
