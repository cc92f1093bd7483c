"""The ways in and out: webhooks in both directions, and the team's Telegram channels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from automations.models.runs import RunStep
from contacts.models import ContactList
from kwiga import clock
from kwiga.tokens import address_token, secret_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class WebhookDelivery(TenantModel):
    """A call that a step makes: what was asked, and what came back from the last try."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Delivered")
        FAILED = "failed", _("Not delivered")

    run_step = TenantForeignKey(RunStep, on_delete=models.CASCADE, related_name="deliveries")
    webhook_id = models.CharField(max_length=64)  # of Standard Webhooks: the same for every try
    url = models.CharField(max_length=1000)  # as the school wrote it, with its placeholders
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=1000, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="run_step"),
            models.UniqueConstraint(fields=["school", "run_step"], name="automations_delivery_once"),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="automations_delivery_by_time")]

    def __str__(self) -> str:
        return self.webhook_id


class IncomingHook(TenantModel):
    """An address where other systems say that a contact did something; knowing it is the right to use it."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    secret = models.CharField(max_length=43, default=secret_token, editable=False)
    name = models.CharField(_("Name"), max_length=80)
    contact_list = TenantForeignKey(ContactList, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    archived_at = models.DateTimeField(null=True, editable=False)
    last_received_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact_list"),
            models.UniqueConstraint(fields=["school", "token"], name="automations_hook_address"),
            models.UniqueConstraint(fields=["school", "secret"], name="automations_hook_secret"),
        ]

    def __str__(self) -> str:
        return self.name


class HookCall(TenantModel):
    """A call of an incoming hook that said which one it is, so that its repeat changes nothing."""

    hook = TenantForeignKey(IncomingHook, on_delete=models.CASCADE, related_name="calls")
    digest = models.CharField(max_length=64)  # of the id that was given
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="hook"),
            models.UniqueConstraint(fields=["school", "hook", "digest"], name="automations_hookcall_once"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"


class TelegramChannel(TenantModel):
    """A chat of the team. The bot's token lies encrypted in `schools.Secret`, never here."""

    token = models.CharField(max_length=12, default=address_token, editable=False)
    name = models.CharField(_("Name"), max_length=80)
    chat_id = models.CharField(_("Chat or channel"), max_length=64)
    events = models.JSONField(default=list)  # kinds of events told without any automation
    names_people = models.BooleanField(_("Messages name the buyer"), default=False)
    is_on = models.BooleanField(_("Messages are sent"), default=True)
    # The pace of the chat: nothing goes out before, and the number of the sending that waits or was the last.
    quiet_until = models.DateTimeField(null=True, editable=False)
    sending = models.PositiveIntegerField(default=0, editable=False)
    broken_at = models.DateTimeField(null=True, editable=False)
    last_error = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="automations_channel_address"),
        ]

    def __str__(self) -> str:
        return self.name


class TelegramMessage(TenantModel):
    """A sentence for a channel; several waiting ones go out as one message. Its text is wiped when it is out."""

    channel = TenantForeignKey(TelegramChannel, on_delete=models.CASCADE, related_name="messages")
    dedupe_key = models.CharField(max_length=120)
    text = models.TextField()  # sealed by the vault
    created_at = models.DateTimeField(default=clock.now, editable=False)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)  # the channel was broken or off

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="channel"),
            models.UniqueConstraint(fields=["school", "channel", "dedupe_key"], name="automations_message_once"),
        ]
        indexes = [
            models.Index(
                fields=["school", "channel", "id"],
                condition=models.Q(sent_at=None, dropped_at=None),
                name="automations_message_due",
            )
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"
