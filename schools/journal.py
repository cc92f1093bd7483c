"""The journal: every verb of the product appends what happened, in the transaction of the change."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from schools.models import Event, User
from schools.outbox.listeners import handlers_of
from schools.outbox.queue import enqueue, gathered, note
from schools.tenancy.scope import current_school_id


def record_event(
    kind: str, *, subject: models.Model | None = None, actor: User | None = None, data: dict[str, Any] | None = None
) -> Event:
    """Append `noun.past_participle` to the open scope's journal, with one outbox row that tells whoever listens.

    `data` holds ids and plain facts, never personal data. Handlers are registered with `schools.outbox.listeners`.
    """
    event = _event(kind, subject, actor, data)
    event.save(force_insert=True)
    _tell(event)
    return event


def record_events(kind: str, *, subjects: Iterable[models.Model], actor: User | None = None) -> None:
    """Append one event for each subject, as `record_event` does, in two statements for all of them."""
    events = Event.objects.bulk_create([_event(kind, subject, actor, None) for subject in subjects])
    with gathered():
        for event in events:
            _tell(event)


def _event(kind: str, subject: models.Model | None, actor: User | None, data: dict[str, Any] | None) -> Event:
    return Event(
        school_id=current_school_id(),
        kind=kind,
        actor=actor,
        subject_kind=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        data=data or {},
    )


def _tell(event: Event) -> None:
    # What nobody listens to needs no work.
    tell = enqueue if handlers_of(event.kind) else note
    tell("event", dedupe_key=f"event:{event.pk}", payload={"event": event.pk})
