"""What happened (Event) and what still has to happen (OutboxRow), both written in the transaction of the change."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from kwiga import clock
from schools.tenancy.constraints import TenantPolicy
from schools.tenancy.models import TenantModel


class Event(TenantModel):
    """A fact of a school's journal, append-only: `offer.published`, `member.joined`."""

    kind = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="schools_event_by_time"),
            models.Index(fields=["school", "kind", "created_at"], name="schools_event_by_kind"),
            models.Index(
                fields=["school", "subject_kind", "subject_id", "created_at"], name="schools_event_by_subject"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class OutboxRow(TenantModel):
    """A piece of work that must not be lost. Done once per (kind, dedupe_key), however often it is tried."""

    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=160)
    payload = models.JSONField(default=dict)
    available_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        db_table = "schools_outbox"
        constraints = [
            TenantPolicy(name="schools_outbox_tenant", relay=True),
            models.UniqueConstraint(fields=["school", "id"], name="schools_outbox_in_school"),
            models.UniqueConstraint(fields=["school", "kind", "dedupe_key"], name="schools_outbox_once"),
            models.CheckConstraint(condition=Q(done_at=None) | Q(dead_at=None), name="schools_outbox_one_end"),
        ]
        indexes = [
            models.Index(
                fields=["school", "available_at", "id"],
                condition=Q(done_at=None, dead_at=None),
                name="schools_outbox_due",
            ),
            models.Index(
                fields=["school", "dead_at", "id"], condition=Q(dead_at__isnull=False), name="schools_outbox_dead"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.dedupe_key}"
