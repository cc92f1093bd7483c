"""Bank transfer as a provider."""

from django.utils.translation import gettext_lazy as _

from orders.payments.offline import OfflineProvider
from orders.payments.protocol import Capabilities, SettingsField


class BankTransfer(OfflineProvider):
    """The buyer sends the money with the order's number as the reference."""

    key = "bank_transfer"
    label = _("Bank transfer")
    help_text = _("Buyers see the details of your account and send the money themselves. You confirm each payment.")
    capabilities = Capabilities(online=False)
    settings_fields = (
        SettingsField(
            name="details",
            label=_("Details of the account"),
            is_long=True,
            help_text=_("Who receives the money, bank, account number. The number of the order is added by itself."),
        ),
    )
