"""What is learned: a course has modules, a module has lessons."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.tokens import address_token
from schools.models import StoredFile
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel


class CourseQuerySet(models.QuerySet["Course"]):
    def published(self) -> "CourseQuerySet":
        return self.filter(status=Course.Status.PUBLISHED)


CourseManager = TenantManager.from_queryset(CourseQuerySet)


@school_history
class Course(TenantModel):
    """Change it only through `courses.services`."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    token = models.CharField(max_length=12, default=address_token, editable=False)
    title = models.CharField(_("Title"), max_length=160)
    summary = models.CharField(_("Short text"), max_length=300, blank=True)
    description = models.TextField(_("Description"), max_length=20_000, blank=True)  # cleaned HTML
    category = models.CharField(_("Category"), max_length=60, blank=True)
    cover = TenantForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[CourseManager] = CourseManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="cover"),
            models.UniqueConstraint(fields=["school", "token"], name="courses_course_address"),
        ]
        indexes = [models.Index(fields=["school", "created_at", "id"], name="courses_course_by_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED


class Module(TenantModel):
    """A part of a course; `position` orders it within the course, gaps allowed."""

    course = TenantForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    token = models.CharField(max_length=12, default=address_token, editable=False)
    title = models.CharField(_("Title"), max_length=160)
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="course"),
            models.UniqueConstraint(fields=["school", "token"], name="courses_module_address"),
        ]
        indexes = [models.Index(fields=["school", "course", "position", "id"], name="courses_module_in_order")]

    def __str__(self) -> str:
        return self.title


@school_history
class Lesson(TenantModel):
    """A page of a module: something to read, see or hand in."""

    class Kind(models.TextChoices):
        LESSON = "lesson", _("Lesson")
        ASSIGNMENT = "assignment", _("Assignment")

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    class Acceptance(models.TextChoices):
        AT_ONCE = "at_once", _("As soon as it is handed in")
        STAFF = "staff", _("When the team accepts it")

    module = TenantForeignKey(Module, on_delete=models.CASCADE, related_name="lessons")
    course = TenantForeignKey(Course, on_delete=models.CASCADE, related_name="lessons")  # the module's, kept beside it
    token = models.CharField(max_length=12, default=address_token, editable=False)
    kind = models.CharField(_("Kind"), max_length=10, choices=Kind.choices, default=Kind.LESSON)
    title = models.CharField(_("Title"), max_length=160)
    body = models.TextField(_("Text"), max_length=200_000, blank=True)  # cleaned HTML
    video_url = models.URLField(_("Video"), max_length=500, blank=True)
    acceptance = models.CharField(_("Accepted"), max_length=10, choices=Acceptance.choices, default=Acceptance.AT_ONCE)
    is_final = models.BooleanField(_("Final assignment of the course"), default=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="module"),
            TenantKey(field="course"),
            models.UniqueConstraint(fields=["school", "token"], name="courses_lesson_address"),
            models.UniqueConstraint(
                fields=["school", "course"], condition=Q(is_final=True), name="courses_lesson_one_final"
            ),
            models.CheckConstraint(
                condition=Q(is_final=False) | Q(kind="assignment"), name="courses_lesson_final_kind"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "module", "position", "id"], name="courses_lesson_in_order"),
            models.Index(fields=["school", "course"], name="courses_lesson_of_course"),
        ]

    def __str__(self) -> str:
        return self.title


class Attachment(TenantModel):
    """A file of a lesson."""

    lesson = TenantForeignKey(Lesson, on_delete=models.CASCADE, related_name="attachments")
    file = TenantForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="lesson"),
            TenantKey(field="file"),
            models.UniqueConstraint(fields=["school", "file"], name="courses_attachment_once"),
        ]
        indexes = [models.Index(fields=["school", "lesson", "position", "id"], name="courses_attachment_in_order")]

    def __str__(self) -> str:
        return f"attachment {self.pk}"
