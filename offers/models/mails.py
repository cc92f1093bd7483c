"""The school's own words in the mails of an offer (K04)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from offers.models.offers import Offer
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class OfferMail(TenantModel):
    """How one occasion is told to buyers of an offer; without a row the standard mail goes out."""

    class Occasion(models.TextChoices):
        PURCHASED = "purchased", _("After a purchase")
        PAYMENT_FAILED = "payment_failed", _("After a failed payment")
        FREE_ACCEPTED = "free_accepted", _("After a free offer")

    class Mode(models.TextChoices):
        STANDARD = "standard", _("Standard mail")
        OWN = "own", _("Own text")
        OFF = "off", _("No mail")

    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="mails")
    occasion = models.CharField(max_length=20, choices=Occasion.choices)
    mode = models.CharField(max_length=10, choices=Mode.choices, default=Mode.STANDARD)
    subject = models.CharField(_("Subject"), max_length=200, blank=True)
    body = models.TextField(_("Text"), max_length=20_000, blank=True)  # plain text with {{ placeholders }}

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="offer"),
            models.UniqueConstraint(fields=["school", "offer", "occasion"], name="offers_offermail_once"),
        ]

    def __str__(self) -> str:
        return f"{self.occasion} mail"
