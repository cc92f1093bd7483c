"""How far a student is."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.models.content import Course, Lesson
from kwiga import clock
from kwiga.tokens import address_token
from schools.models import StoredFile
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class LessonCompletion(TenantModel):
    """A lesson a contact is done with. It stays when access ends or the plan changes."""

    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="completions")
    lesson = TenantForeignKey(Lesson, on_delete=models.CASCADE, related_name="completions")
    completed_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="lesson"),
            models.UniqueConstraint(fields=["school", "contact", "lesson"], name="courses_completion_once"),
        ]
        indexes = [models.Index(fields=["school", "lesson"], name="courses_completion_of_lesson")]

    def __str__(self) -> str:
        return f"completion {self.pk}"


class CourseProgress(TenantModel):
    """The highest step told to the journal (0, 10, … 100), so that each is told once; and the last lesson opened."""

    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="progress")
    course = TenantForeignKey(Course, on_delete=models.CASCADE, related_name="progress")
    told_percent = models.PositiveSmallIntegerField(default=0)
    completed_at = models.DateTimeField(null=True)
    last_lesson = TenantForeignKey(Lesson, on_delete=models.SET_NULL, null=True, related_name="+")
    last_opened_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="course"),
            TenantKey(field="last_lesson"),
            models.UniqueConstraint(fields=["school", "contact", "course"], name="courses_progress_once"),
            models.CheckConstraint(condition=Q(told_percent__lte=100), name="courses_progress_in_percent"),
        ]
        indexes = [models.Index(fields=["school", "course"], name="courses_progress_of_course")]

    def __str__(self) -> str:
        return f"progress {self.pk}"


class Submission(TenantModel):
    """What a student handed in for an assignment; a returned one is followed by the next."""

    class State(models.TextChoices):
        SUBMITTED = "submitted", _("Waiting for the team")
        ACCEPTED = "accepted", _("Accepted")
        RETURNED = "returned", _("Returned")

    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="submissions")
    lesson = TenantForeignKey(Lesson, on_delete=models.CASCADE, related_name="submissions")
    token = models.CharField(max_length=12, default=address_token, editable=False)
    text = models.TextField(_("Your answer"), max_length=20_000, blank=True)
    file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    comment = models.TextField(_("Comment"), max_length=5_000, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="lesson"),
            TenantKey(field="file"),
            models.UniqueConstraint(fields=["school", "token"], name="courses_submission_address"),
            models.UniqueConstraint(
                fields=["school", "contact", "lesson"],
                condition=~Q(state="returned"),
                name="courses_submission_one_standing",
            ),
        ]
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="courses_submission_by_time"),
            models.Index(fields=["school", "lesson"], name="courses_submission_of_lesson"),
        ]

    def __str__(self) -> str:
        return f"submission {self.pk}"
