"""What each kind of outbox row does: the register that apps fill in `AppConfig.ready()`."""

from abc import ABC, abstractmethod
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.models import OutboxRow


class UnknownKind(LookupError):
    """A row of a kind that nobody registered."""


class EffectError(Exception):
    """An effect failed; its sentence is kept with the row and shown to staff, so it quotes no personal data."""


class Outage(EffectError):
    """What this kind of effect talks to is down for everybody. No row is to blame, and none uses up an attempt."""


class Refusal(EffectError):
    """The other end says no for good: no further attempt is made."""


class NotYet(Exception):
    """The row is all right and too early: it comes due again at `until`, and no attempt is used up."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Effect:
    """One kind of work. `label` is what staff read on the deliveries page."""

    label: str | Promise = _("Work")

    def gave_up(self, row: OutboxRow, error: Exception | None) -> bool:
        """Write down that there is no further attempt, in the row's scope and the transaction in which it ends.

        Whether that settles the matter: the row is then done. Otherwise it is dead, and staff see it.
        """
        return False


class TransactionalEffect(Effect, ABC):
    """Work in this database alone: done and marked done in one transaction, so exactly once."""

    @abstractmethod
    def apply(self, row: OutboxRow) -> None:
        """Do it, in the scope of the row's school."""


class ExternalEffect[Prepared, Outcome](Effect, ABC):
    """Work that talks to the outside world, in three steps; at least once, so the other end must know a repeat."""

    @abstractmethod
    def prepare(self, row: OutboxRow) -> Prepared | None:
        """Read what is needed, in the row's scope. None when there is nothing left to do: the row is then done."""

    @abstractmethod
    def perform(self, prepared: Prepared) -> Outcome:
        """Talk to the outside world, with no scope open. Raises `Outage` when it cannot be reached at all."""

    @abstractmethod
    def record(self, row: OutboxRow, outcome: Outcome) -> None:
        """Write down what came of it, in the row's scope, in the transaction that marks the row done."""


_register: dict[str, Effect] = {}


def register(kind: str, effect: Effect) -> None:
    """Let rows of this kind be done by `effect`; the last one registered wins."""
    _register[kind] = effect


def effect_of(kind: str) -> Effect:
    """The effect of a kind. Raises UnknownKind."""
    if kind not in _register:
        raise UnknownKind(kind)
    return _register[kind]


def label_of(kind: str) -> str | Promise:
    """What staff read for a kind; the kind itself when nobody registered it."""
    return _register[kind].label if kind in _register else kind


def register_own() -> None:
    """Register the effects that this app brings."""
    from schools.mail.effect import MailEffect
    from schools.outbox.events import EventEffect

    register("event", EventEffect())
    register("mail", MailEffect())
