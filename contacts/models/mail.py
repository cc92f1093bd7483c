"""What contacts are written, and whom nobody may write to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models.people import Contact
from kwiga import clock
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class SentMail(TenantModel):
    """A mail to a contact as the school knows of it; what it said is not kept. Counted by the send limits."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        BOUNCED = "bounced", _("Refused by the address")

    contact = TenantForeignKey(Contact, on_delete=models.CASCADE, related_name="mails")
    dedupe_key = models.CharField(max_length=160)  # of its outbox row, and so of its Message-ID
    subject = models.CharField(max_length=200)
    is_news = models.BooleanField(default=False)  # needs consent, counts for the limits, carries "unsubscribe"
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            models.UniqueConstraint(fields=["school", "dedupe_key"], name="contacts_mail_once"),
        ]
        indexes = [
            models.Index(fields=["school", "contact", "created_at"], name="contacts_mail_of_contact"),
            models.Index(fields=["school", "created_at"], condition=Q(is_news=True), name="contacts_mail_of_day"),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"


class Suppression(TenantModel):
    """An address that gets no news, known by its digest alone, so that it outlives the contact (trust D8)."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("The address refuses mail")
        ERASED = "erased", _("The person asked to be forgotten")

    email_digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "email_digest"], name="contacts_suppression_once"),
        ]

    def __str__(self) -> str:
        return f"suppression {self.pk}"
