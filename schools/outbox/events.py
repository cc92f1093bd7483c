"""The effect that hands an event of the journal to whoever listens."""

from django.utils.translation import gettext_lazy as _

from schools.models import Event, OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.listeners import handlers_of


class EventEffect(TransactionalEffect):
    label = _("Event of the journal")

    def apply(self, row: OutboxRow) -> None:
        """Call the listeners of the event's kind; an event nobody listens to is done at once."""
        event = Event.objects.get(pk=row.payload["event"])
        for handler in handlers_of(event.kind):
            handler(event)
