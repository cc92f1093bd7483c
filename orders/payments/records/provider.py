"""Names for what is recorded and never offered."""

from django.utils.translation import gettext_lazy as _

from orders.payments.offline import OfflineProvider
from orders.payments.protocol import Capabilities


class _Record(OfflineProvider):
    capabilities = Capabilities(online=False)

    def is_available(self) -> bool:
        """No school connects it."""
        return False


class Free(_Record):
    """Nothing was due."""

    key = "free"
    label = _("Nothing to pay")


class Outside(_Record):
    """The money came another way, and staff said so."""

    key = "outside"
    label = _("Outside the store")
