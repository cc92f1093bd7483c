"""Runs: what an automation did for one contact because of one event, step by step."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automations.models.automations import Automation, AutomationVersion, Step
from contacts.models import Contact
from coupons.models import Coupon
from courses.models import Course
from kwiga import clock
from kwiga.tokens import address_token
from offers.models import Offer
from orders.models import Order
from schools.models import Event
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class Run(TenantModel):
    """One per automation, contact and occurrence. `position` is the step that comes next, due at `due_at`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Under way")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    automation = TenantForeignKey(Automation, on_delete=models.PROTECT, related_name="runs")
    version = TenantForeignKey(AutomationVersion, on_delete=models.PROTECT, related_name="runs")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="runs")
    event = TenantForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    occurrence = models.CharField(max_length=120)  # "event:17", or what the clock found: "inactive:2026-11-01"
    about = models.CharField(max_length=60, blank=True)  # "offer:5", "course:3": at most one live run for each
    # What the event was about, for placeholders, conditions and steps.
    order = TenantForeignKey(Order, on_delete=models.PROTECT, null=True, related_name="+")
    offer = TenantForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="+")
    course = TenantForeignKey(Course, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=60, blank=True)  # a code of automations.reasons
    position = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)  # runs that led to this one, so that loops are cut
    started_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="automation"),
            TenantKey(field="version"),
            TenantKey(field="contact"),
            TenantKey(field="event"),
            TenantKey(field="order"),
            TenantKey(field="offer"),
            TenantKey(field="course"),
            models.UniqueConstraint(fields=["school", "token"], name="automations_run_address"),
            models.UniqueConstraint(
                fields=["school", "automation", "contact", "occurrence"], name="automations_run_once"
            ),
            models.UniqueConstraint(
                fields=["school", "automation", "contact", "about"],
                condition=Q(state="waiting"),
                name="automations_run_one_live",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", finished_at=None) | (~Q(state="waiting") & Q(finished_at__isnull=False)),
                name="automations_run_finished",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "automation", "started_at", "id"], name="automations_run_by_time"),
            models.Index(fields=["school", "contact", "started_at", "id"], name="automations_run_of_contact"),
            models.Index(fields=["school", "started_at", "id"], name="automations_run_of_school"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class RunStep(TenantModel):
    """What became of one step of a run. `data` holds ids and plain facts, nothing personal."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        SKIPPED = "skipped", _("Skipped")
        FAILED = "failed", _("Failed")

    run = TenantForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Step.Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices)
    reason = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)
    coupon = TenantForeignKey(Coupon, on_delete=models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField(null=True)  # of a wait
    began_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="run"),
            TenantKey(field="coupon"),
            models.UniqueConstraint(fields=["school", "run", "position"], name="automations_runstep_once"),
        ]
        indexes = [
            models.Index(
                fields=["school", "coupon"], condition=Q(coupon__isnull=False), name="automations_runstep_coupon"
            )
        ]

    def __str__(self) -> str:
        return f"step {self.position} of run {self.run_id}"
