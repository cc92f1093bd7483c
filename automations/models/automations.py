"""An automation: on an event, for whom, which steps. Versions are immutable once published; runs keep to theirs."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.tokens import address_token
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantModel


@school_history
class Automation(TenantModel):
    """A scenario of the school. Change it only through `automations.services`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ON = "on", _("On")
        OFF = "off", _("Off")
        ARCHIVED = "archived", _("Archived")

    class Repeat(models.TextChoices):
        EACH = "each", _("Each time it happens")
        ONCE = "once", _("Once per contact")
        PAUSE = "pause", _("Again after a number of days")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    name = models.CharField(_("Name"), max_length=120)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT, editable=False)
    repeat = models.CharField(_("For the same contact"), max_length=5, choices=Repeat.choices, default=Repeat.EACH)
    repeat_days = models.PositiveSmallIntegerField(_("Days in between"), null=True, blank=True)
    max_runs = models.PositiveIntegerField(_("At most so many runs"), null=True, blank=True)
    switched_on_at = models.DateTimeField(null=True, editable=False)  # only later events count
    # How far the clock's triggers (absent for N days, access about to end) have been looked for.
    swept_until = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="automations_automation_address"),
            models.CheckConstraint(
                condition=~Q(state="on") | Q(switched_on_at__isnull=False), name="automations_automation_on_since"
            ),
            models.CheckConstraint(
                condition=~Q(repeat="pause") | Q(repeat_days__gte=1), name="automations_automation_days"
            ),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="automations_by_time")]

    def __str__(self) -> str:
        return self.name


class AutomationVersion(TenantModel):
    """What an automation does, as it stood at one time. At most one is being written, and at most one is live."""

    automation = TenantForeignKey(Automation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    trigger = models.CharField(max_length=40, blank=True)  # a key of automations.triggers; empty: not chosen yet
    trigger_settings = models.JSONField(default=dict)
    conditions = models.JSONField(null=True)  # as of a dynamic list (contacts.segments); None: everybody
    published_at = models.DateTimeField(null=True)
    is_live = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="automation"),
            models.UniqueConstraint(fields=["school", "automation", "number"], name="automations_version_once"),
            models.UniqueConstraint(
                fields=["school", "automation"], condition=Q(is_live=True), name="automations_version_one_live"
            ),
            models.UniqueConstraint(
                fields=["school", "automation"], condition=Q(published_at=None), name="automations_version_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(is_live=False) | Q(published_at__isnull=False), name="automations_version_live_published"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "trigger"], condition=Q(is_live=True), name="automations_version_live")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class Step(TenantModel):
    """One step of a version: a wait, or an action."""

    class Kind(models.TextChoices):
        WAIT = "wait", _("Wait")
        CONDITION = "condition", _("Go on only if")
        COUPON = "coupon", _("Create coupon")
        MAIL = "mail", _("Send mail")
        LIST_ADD = "list_add", _("Add to a list")
        LIST_REMOVE = "list_remove", _("Remove from a list")
        TAG = "tag", _("Tag the contact")
        UNTAG = "untag", _("Remove a tag")
        ACCESS = "access", _("Give or extend access")
        NOTIFY = "notify", _("Notify the team")
        WEBHOOK = "webhook", _("Call a webhook")
        STOP = "stop", _("Stop")

    version = TenantForeignKey(AutomationVersion, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind.choices)
    settings = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="version"),
            models.UniqueConstraint(
                fields=["school", "version", "position"],
                name="automations_step_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.position}"
