"""What happens to connections, as the activity page says it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from orders.payments.registry import label_of
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of payment connections."""
    register("payments", Topic(label=_("Payment methods"), kinds=_CONNECTIONS, subjects=_connections))


_CONNECTIONS = {
    "connection.added": Kind(_("Payment method added"), "plug"),
    "connection.changed": Kind(_("Payment method changed"), "pencil"),
    "connection.enabled": Kind(_("Payment method offered to buyers"), "eye"),
    "connection.disabled": Kind(_("Payment method taken from buyers"), "eye-off"),
    "connection.moved": Kind(_("Payment method shown earlier"), "arrow-up"),
    "connection.archived": Kind(_("Payment method archived"), "archive"),
}


def _connections(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    address = reverse("payments:list", args=[school.slug])
    return {event.pk: Subject(str(label_of(event.data.get("provider", ""))), address) for event in events}
