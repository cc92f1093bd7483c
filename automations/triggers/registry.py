"""What can start an automation: the register that apps fill in `AppConfig.ready()`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.functional import Promise

from automations.settings_fields import SettingField
from schools.models import Event

Settings = dict[str, Any]
Text = str | Promise


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """Something that happened to a contact. `key` is the same however often it is told; `about` is what it was about.

    A contact has at most one live run of an automation for each `about`. `run_id` is the run that brought it about, if
    one did, so that loops are seen.
    """

    contact_id: int
    key: str
    about: str = ""
    order_id: int | None = None
    offer_id: int | None = None
    course_id: int | None = None
    run_id: int | None = None


class ClockRule(Protocol):
    """Occurrences that no event tells, because they come with time: rows whose time has come."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Any]":
        """What came due in `(since, until]` and holds now."""

    def occurrence(self, row: Any, settings: Settings) -> Occurrence | None:
        """What a row means; None when it means nothing after all."""

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        """When the next one that can be foreseen comes due; None when it need not be exact."""


Finder = Callable[[Event, Settings], Iterable[Occurrence]]


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A kind of event that starts automations. `gives` says which of order, offer, course, coupon it is about."""

    key: str
    label: Text
    group: Text
    fields: tuple[SettingField, ...] = ()
    kinds: tuple[str, ...] = ()
    occurrences: Finder | None = None
    clock: ClockRule | None = None
    gives: frozenset[str] = field(default_factory=frozenset)
    ends_when_paid: bool = False


class UnknownTrigger(LookupError):
    """A trigger of a key that nobody registered."""


_triggers: dict[str, Trigger] = {}


def register(trigger: Trigger) -> None:
    """Let automations start with this trigger; the last one registered under a key wins."""
    _triggers[trigger.key] = trigger


def trigger_of(key: str) -> Trigger:
    """The trigger of a key. Raises UnknownTrigger."""
    if key not in _triggers:
        raise UnknownTrigger(key)
    return _triggers[key]


def all_triggers() -> list[Trigger]:
    """Every trigger, in the order of registration, which keeps groups together."""
    return list(_triggers.values())


def triggers_on(kind: str) -> list[Trigger]:
    """The triggers that an event of this kind can set off."""
    return [trigger for trigger in _triggers.values() if kind in trigger.kinds]
