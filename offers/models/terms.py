"""Legal terms: documents of the school, in versions that stay readable, in the languages of its buyers (K37)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.tokens import address_token
from offers.models.offers import Offer
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class TermsDocument(TenantModel):
    """A document such as "Public offer" or "Privacy". Its text lies in versions, its name in their texts."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    name = models.CharField(_("Name for the team"), max_length=120)
    is_in_footer = models.BooleanField(_("Link in the footer of the store"), default=True)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="offers_terms_address"),
        ]

    def __str__(self) -> str:
        return self.name


class TermsVersion(TenantModel):
    """One published wording, never changed afterwards."""

    document = TenantForeignKey(TermsDocument, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="document"),
            models.UniqueConstraint(fields=["school", "document", "number"], name="offers_termsversion_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class TermsText(TenantModel):
    """A version in one language: cleaned HTML, or a link to the text elsewhere."""

    version = TenantForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="texts")
    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES)
    title = models.CharField(_("Title"), max_length=160)
    body = models.TextField(_("Text"), max_length=200_000, blank=True)
    url = models.URLField(_("Link to the text"), max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="version"),
            models.UniqueConstraint(fields=["school", "version", "language"], name="offers_termstext_once"),
        ]

    def __str__(self) -> str:
        return self.title


class OfferTermsDocument(TenantModel):
    """A document that buyers of an offer see; a required one has a box to tick, never ticked beforehand."""

    offer = TenantForeignKey(Offer, on_delete=models.CASCADE, related_name="terms")
    document = TenantForeignKey(TermsDocument, on_delete=models.PROTECT, related_name="+")
    is_required = models.BooleanField(_("Must be accepted"), default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="offer"),
            TenantKey(field="document"),
            models.UniqueConstraint(fields=["school", "offer", "document"], name="offers_offerterms_once"),
        ]

    def __str__(self) -> str:
        return f"terms {self.pk}"
