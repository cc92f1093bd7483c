"""The shape of what people type about courses."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Lesson, Module
from courses.services.content import CourseTerms
from courses.services.outline import LessonTerms
from courses.video import video_of
from kwiga.richtext import RichTextField
from schools.files import ATTACHMENT_ENDINGS, IMAGE_TYPES


class CourseForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    summary = forms.CharField(
        label=_("Short text"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One or two sentences, shown beside the title."),
    )
    category = forms.CharField(
        label=_("Category"), max_length=60, required=False, help_text=_("Students filter the store by it.")
    )
    description = RichTextField(label=_("Description"), max_length=20_000, required=False)
    cover = forms.FileField(
        label=_("Cover"),
        required=False,
        widget=forms.FileInput(attrs={"accept": IMAGE_TYPES}),
        help_text=_("JPEG, PNG or WebP, up to 10 MB. Wide pictures look best: 1600 by 900 pixels."),
    )
    removes_cover = forms.BooleanField(label=_("Remove the cover"), required=False)

    @classmethod
    def of(cls, course: Course) -> "CourseForm":
        """The form with what the course says now."""
        return cls(initial={name: getattr(course, name) for name in ("title", "summary", "category", "description")})

    def terms(self) -> CourseTerms:
        """What a valid form says, for the service."""
        data = self.cleaned_data
        return CourseTerms(**{name: data[name] for name in ("title", "summary", "category", "description")})


class ModuleForm(forms.Form):
    title = forms.CharField(label=_("Title of the module"), max_length=160)

    @classmethod
    def of(cls, module: Module) -> "ModuleForm":
        return cls(initial={"title": module.title})


class LessonForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=Lesson.Kind.choices, initial=Lesson.Kind.LESSON)
    acceptance = forms.ChoiceField(
        label=_("Accepted"), choices=Lesson.Acceptance.choices, initial=Lesson.Acceptance.AT_ONCE, required=False
    )
    is_final = forms.BooleanField(
        label=_("Final assignment of the course"), required=False, help_text=_("A course has one at most.")
    )
    body = RichTextField(label=_("Text"), max_length=200_000, required=False)
    video_url = forms.URLField(
        label=_("Video"),
        max_length=500,
        required=False,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("A link from YouTube or Vimeo, or to a video file (MP4 or WebM)."),
    )

    @classmethod
    def of(cls, lesson: Lesson) -> "LessonForm":
        """The form with what the lesson says now."""
        return cls(initial={name: getattr(lesson, name) for name in cls.base_fields})

    def clean_video_url(self) -> str:
        url: str = self.cleaned_data["video_url"]
        if url and video_of(url) is None:
            raise forms.ValidationError(
                _("This link cannot be played. Use one from YouTube or Vimeo, or to an MP4 or WebM file over https.")
            )
        return url

    def terms(self) -> LessonTerms:
        """What a valid form says, for the service."""
        data = dict(self.cleaned_data)
        return LessonTerms(**data | {"acceptance": data["acceptance"] or Lesson.Acceptance.AT_ONCE})


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": ATTACHMENT_ENDINGS}),
        help_text=_("Documents, pictures, sound and video, up to 50 MB each."),
    )


class AnswerForm(forms.Form):
    """What a student hands in: words, a file, or both."""

    text = forms.CharField(
        label=_("Your answer"), max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    file = forms.FileField(
        label=_("File"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ATTACHMENT_ENDINGS}),
        help_text=_("Up to 50 MB."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("text") and not data.get("file"):
            raise forms.ValidationError(_("Write an answer or choose a file."))
        return data


class DecisionForm(forms.Form):
    """A word on an answer, for the student; needed when it is returned."""

    comment = forms.CharField(
        label=_("Comment for the student"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
