"""What people read for the keys that orders and payments keep."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.payments.registry import provider_of

OUTSIDE = "outside"  # money that the team took by other ways: cash, a transfer, another site


def provider_label(key: str) -> str | Promise:
    """The provider's name; the key itself of one that this installation no longer knows."""
    if key == OUTSIDE:
        return _("Outside the store")
    try:
        return provider_of(key).label
    except LookupError:
        return key
