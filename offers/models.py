"""What is sold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.money import CURRENCIES
from kwiga.tokens import address_token
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantManager, TenantModel


class OfferQuerySet(models.QuerySet["Offer"]):
    def published(self) -> "OfferQuerySet":
        return self.filter(status=Offer.Status.PUBLISHED)

    def newest_first(self) -> "OfferQuerySet":
        return self.order_by("-created_at", "-id")


OfferManager = TenantManager.from_queryset(OfferQuerySet)


@school_history
class Offer(TenantModel):
    """A priced way to get courses. Change it only through `offers.services`."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    title = models.CharField(_("Title"), max_length=160)
    description = models.TextField(_("Description"), max_length=5_000, blank=True)
    price_minor = models.PositiveBigIntegerField(_("Price"))
    currency = models.CharField(_("Currency"), max_length=3, choices=[(code, code) for code in CURRENCIES])
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[OfferManager] = OfferManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="offers_offer_address"),
            models.CheckConstraint(condition=Q(price_minor__lte=10**13), name="offers_offer_price_in_reach"),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="offers_offer_by_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED
