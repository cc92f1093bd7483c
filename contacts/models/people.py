"""People a school knows, and the codes they sign in with."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Trim
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel


class ContactQuerySet(models.QuerySet["Contact"]):
    def newest_first(self) -> "ContactQuerySet":
        return self.order_by("-created_at", "-id")

    def known(self) -> "ContactQuerySet":
        """Those who were not erased."""
        return self.filter(erased_at=None)


ContactManager = TenantManager.from_queryset(ContactQuerySet)


@school_history
class Contact(TenantModel):
    """A person of one school, unique by email. Change it only through `contacts.services`."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    email = models.EmailField(_("Email"), max_length=254)
    name = models.CharField(_("Name"), max_length=120, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    language = models.CharField(_("Language"), max_length=5, choices=settings.LANGUAGES, blank=True)
    # The subscriber's number in somebody else's system, carried by a link (K05).
    external_id = models.CharField(_("External number"), max_length=120, blank=True)
    country = models.CharField(_("Country"), max_length=2, blank=True)  # ISO 3166
    # Whether news may be written: said yes, said no, or the address does not take mail.
    consented_at = models.DateTimeField(null=True, editable=False)
    unsubscribed_at = models.DateTimeField(null=True, editable=False)
    bounced_at = models.DateTimeField(null=True, editable=False)
    erased_at = models.DateTimeField(null=True, editable=False)  # what could name the person is gone; the books stay
    # Raised by "sign out everywhere", a change of email, merge and erase: older sessions are then nobody's.
    session_version = models.PositiveIntegerField(default=1, editable=False)
    verified_at = models.DateTimeField(null=True, editable=False)  # first entered a mailed code
    last_seen_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[ContactManager] = ContactManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "email"], name="contacts_contact_once"),
            models.UniqueConstraint(fields=["school", "token"], name="contacts_contact_address"),
            models.CheckConstraint(condition=Q(email=Lower(Trim("email"))), name="contacts_contact_email_folded"),
        ]
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="contacts_contact_by_time"),
            models.Index(fields=["school", "last_seen_at"], name="contacts_contact_by_visit"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class SignInCode(TenantModel):
    """A mailed six-digit code; only its digest is kept. One live code per contact and browser."""

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    browser_digest = models.CharField(max_length=64)
    code_digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            models.UniqueConstraint(
                fields=["school", "contact", "browser_digest"],
                condition=Q(used_at=None),
                name="contacts_signincode_one_live",
            ),
        ]

    def __str__(self) -> str:
        return f"code {self.pk}"
