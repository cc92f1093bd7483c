"""What the worker does for this app."""

from django.utils.translation import gettext_lazy as _

from contacts.services import batches, codes
from schools.models import OutboxRow
from schools.outbox.effects import TransactionalEffect, register


class CodeEffect(TransactionalEffect):
    """Look who has the email of an ordered code; the row forgets it."""

    label = _("Sign-in code")

    def apply(self, row: OutboxRow) -> None:
        codes.send_code(order=codes.opened(row.payload))
        row.payload = {}


def register_own() -> None:
    """Register the effects that this app brings."""
    register(codes.KIND, CodeEffect())
    batches.register_own()
