"""What a contact may open, and until when."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from contacts.models import Contact
from courses.models.content import Course, Lesson, Module
from kwiga import clock
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel


class AccessQuerySet(models.QuerySet["Access"]):
    def open_at(self, at: datetime) -> "AccessQuerySet":
        """Those that let in at that instant."""
        ends = Q(ends_at=None) | Q(ends_at__gt=at)
        return self.filter(ends, revoked_at=None, starts_at__lte=at)


AccessManager = TenantManager.from_queryset(AccessQuerySet)


@school_history
class Access(TenantModel):
    """One opening of a course for a contact. Several add up: the widest wins, and revoking one leaves the others.

    Without parts the whole course is open; with parts only those modules and lessons.
    """

    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="accesses")
    course = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="accesses")
    is_whole = models.BooleanField(default=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    # One opening per cause ("order-line:17:course:3"): the same purchase told twice opens once.
    cause = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[AccessManager] = AccessManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="course"),
            models.UniqueConstraint(fields=["school", "cause"], name="courses_access_once"),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="courses_access_runs_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "contact", "course"], name="courses_access_of_contact"),
            models.Index(fields=["school", "course", "created_at", "id"], name="courses_access_of_course"),
        ]

    def __str__(self) -> str:
        return f"access {self.pk}"

    def is_open(self, at: datetime) -> bool:
        """Whether it lets in at that instant."""
        return self.revoked_at is None and self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


class AccessPart(TenantModel):
    """A module or a lesson that an access opens; lessons added to the module later belong to it (K26)."""

    access = TenantForeignKey(Access, on_delete=models.CASCADE, related_name="parts")
    module = TenantForeignKey(Module, on_delete=models.PROTECT, null=True, related_name="+")
    lesson = TenantForeignKey(Lesson, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="access"),
            TenantKey(field="module"),
            TenantKey(field="lesson"),
            models.CheckConstraint(
                condition=Q(module=None, lesson__isnull=False) | Q(module__isnull=False, lesson=None),
                name="courses_accesspart_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["school", "access"], name="courses_accesspart_of_access")]

    def __str__(self) -> str:
        return f"part {self.pk}"
