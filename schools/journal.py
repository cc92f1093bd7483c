"""The journal: every verb of the product appends what happened, in the transaction of the change."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models

from schools.models import Event, User
from schools.outbox.listeners import handlers_of
from schools.outbox.queue import enqueue, gathered, note
from schools.tenancy.scope import current_school_id

_cause: ContextVar[int | None] = ContextVar("cause", default=None)
_together: ContextVar[list[Event] | None] = ContextVar("together", default=None)


@contextmanager
def caused_by(run_id: int) -> Iterator[None]:
    """Say in the data of each event of the block which run of an automation made it, so that loops are seen."""
    token = _cause.set(run_id)
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def recorded_together() -> Iterator[None]:
    """Write the events of the block, and its outbox rows, in a statement each at its end; none when it fails.

    Inside another such block they are handed on to it. An event has no id before it is written.
    """
    outer, events = _together.get(), list[Event]()
    token = _together.set(events)
    with gathered():
        try:
            yield
        finally:
            _together.reset(token)
        if outer is None:
            _write(events)
        else:
            outer += events


def record_event(
    kind: str, *, subject: models.Model | None = None, actor: User | None = None, data: dict[str, Any] | None = None
) -> Event:
    """Append `noun.past_participle` to the open scope's journal, with one outbox row that tells whoever listens.

    `data` holds ids and plain facts, never personal data. Handlers are registered with `schools.outbox.listeners`.
    """
    event, together = _event(kind, subject, actor, data), _together.get()
    if together is None:
        event.save(force_insert=True)
        _tell(event)
    else:
        together.append(event)
    return event


def record_events(
    kind: str,
    *,
    subjects: Iterable[models.Model],
    actor: User | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Append one event for each subject, as `record_event` does, in two statements for all of them."""
    events, together = [_event(kind, subject, actor, data) for subject in subjects], _together.get()
    if together is None:
        _write(events)
    else:
        together += events


def record_facts(
    kind: str, *, facts: Sequence[tuple[models.Model, dict[str, Any]]], actor: User | None = None
) -> list[Event]:
    """Append one event for each subject with data of its own, in two statements for all of them, in their order.

    At once, in every block: their ids are known.
    """
    return _write([_event(kind, subject, actor, data) for subject, data in facts])


def _write(events: list[Event]) -> list[Event]:
    if events:
        Event.objects.bulk_create(events)
    with gathered():
        for event in events:
            _tell(event)
    return events


def _event(kind: str, subject: models.Model | None, actor: User | None, data: dict[str, Any] | None) -> Event:
    cause = _cause.get()
    return Event(
        school_id=current_school_id(),
        kind=kind,
        actor=actor,
        subject_kind=subject._meta.model_name or "" if subject else "",
        subject_id=subject.pk if subject else None,
        data=(data or {}) | ({"run": cause} if cause else {}),
    )


def _tell(event: Event) -> None:
    # What nobody listens to needs no work.
    tell = enqueue if handlers_of(event.kind) else note
    tell("event", dedupe_key=f"event:{event.pk}", payload={"event": event.pk})
