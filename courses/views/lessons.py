"""Lessons in the dashboard: the editor, its files, and what moves a lesson."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.forms import LessonForm, UploadForm
from courses.models import Attachment, Lesson, Module
from courses.services import outline
from courses.video import PLAYERS, video_of
from courses.views.courses import outline_answer
from courses.views.embedding import allow_origins
from courses.views.modules import module_of, place_of
from kwiga.errors import DomainError
from schools.access import requires
from schools.files import guarded_response
from schools.roles import Right


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_new(request: Any, token: str, module: str) -> HttpResponse:
    found = module_of(token, module)
    form = LessonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lesson = outline.add_lesson(module=found, terms=form.terms(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(title)s” is saved as a draft.") % {"title": lesson.title})
            return redirect("courses:lesson", request.school.slug, token, lesson.token)
    return _editor(request, {"form": form, "course": found.course, "module": found})


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_edit(request: Any, token: str, lesson: str) -> HttpResponse:
    found = lesson_of(token, lesson)
    form = LessonForm(request.POST) if request.method == "POST" else LessonForm.of(found)
    if request.method == "POST" and form.is_valid():
        try:
            outline.change_lesson(lesson=found, terms=form.terms(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("courses:lesson", request.school.slug, token, found.token)
    return _editor(request, _context(found) | {"form": form})


def _context(lesson: Lesson) -> dict[str, Any]:
    return {
        "lesson": lesson,
        "course": lesson.course,
        "module": lesson.module,
        "attachments": lesson.attachments.select_related("file").order_by("position", "id"),
        "upload": UploadForm(),
    }


def _editor(request: Any, context: dict[str, Any]) -> HttpResponse:
    """The page of the editor; the players may be shown in it, so that a pasted link is seen at once."""
    video = video_of(context["form"]["video_url"].value() or "")
    response = render(request, "courses/lesson_form.html", context | {"video": video})
    media = [video.origin] if video and video.is_file else []
    return allow_origins(request, response, frame=PLAYERS, media=media)


@requires(Right.MANAGE_COURSES)
@require_safe
def video_preview(request: Any) -> HttpResponse:
    """The player for `?video_url=`, as a fragment; a file is shown after saving."""
    url = request.GET.get("video_url", "")
    return render(request, "courses/_video.html", {"video": video_of(url), "typed": url})


def _move(verb: Callable[..., Any], done: Any) -> Callable[..., HttpResponse]:
    """A view that makes one move of a lesson and goes back to where it was asked for."""

    @requires(Right.MANAGE_COURSES)
    @require_POST
    def view(request: Any, token: str, lesson: str) -> HttpResponse:
        found = lesson_of(token, lesson)
        verb(lesson=found, actor=request.user)
        if request.htmx:
            return outline_answer(request, found.course)
        messages.success(request, done)
        if request.POST.get("stays") == "lesson":
            return redirect("courses:lesson", request.school.slug, token, found.token)
        return redirect("courses:detail", request.school.slug, token)

    return view


lesson_publish = _move(outline.publish_lesson, _("The lesson is published."))
lesson_unpublish = _move(outline.unpublish_lesson, _("The lesson is a draft again."))


@requires(Right.MANAGE_COURSES)
@require_POST
def lesson_place(request: Any, token: str, lesson: str) -> HttpResponse:
    """Move a lesson to `index`, counted from 0, of `module`, its own by default."""
    found = lesson_of(token, lesson)
    module = found.module
    if target := request.POST.get("module"):
        module = get_object_or_404(Module.objects, token=target, course=found.course)
    outline.place_lesson(lesson=found, module=module, index=place_of(request), actor=request.user)
    return outline_answer(request, found.course)


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_delete(request: Any, token: str, lesson: str) -> HttpResponse:
    found = lesson_of(token, lesson)
    context = {"thing": found, "course": found.course}
    if request.method == "POST":
        try:
            outline.delete_lesson(lesson=found, actor=request.user)
        except DomainError as error:
            return render(request, "courses/delete.html", context | {"refusal": error.message})
        messages.success(request, _("“%(title)s” is deleted.") % {"title": found.title})
        return redirect("courses:detail", request.school.slug, token)
    return render(request, "courses/delete.html", context)


@requires(Right.MANAGE_COURSES)
@require_POST
def attachment_add(request: Any, token: str, lesson: str) -> HttpResponse:
    found = lesson_of(token, lesson)
    upload = UploadForm(request.POST, request.FILES)
    if upload.is_valid():
        try:
            outline.attach(lesson=found, upload=upload.cleaned_data["file"], actor=request.user)
        except DomainError as error:
            upload.add_error("file", str(error))
        else:
            return redirect("courses:lesson", request.school.slug, token, found.token)
    return _editor(request, _context(found) | {"form": LessonForm.of(found), "upload": upload})


@requires(Right.VIEW_COURSES)
@require_safe
def attachment_file(request: Any, token: str, lesson: str, attachment: int) -> FileResponse:
    return guarded_response(attachment_of(token, lesson, attachment).file)


@requires(Right.MANAGE_COURSES)
@require_POST
def attachment_remove(request: Any, token: str, lesson: str, attachment: int) -> HttpResponse:
    outline.detach(attachment=attachment_of(token, lesson, attachment), actor=request.user)
    messages.success(request, _("The file is removed."))
    return redirect("courses:lesson", request.school.slug, token, lesson)


def lesson_of(token: str, lesson: str) -> Lesson:
    """The lesson at an address below its course; 404 when there is none."""
    rows = Lesson.objects.select_related("course__cover", "module")
    return get_object_or_404(rows, token=lesson, course__token=token)


def attachment_of(token: str, lesson: str, attachment: int) -> Attachment:
    """A file of the lesson at an address; 404 when there is none."""
    rows = Attachment.objects.select_related("file", "lesson")
    return get_object_or_404(rows, pk=attachment, lesson__token=lesson, lesson__course__token=token)
