"""The course as a student sees it, drafts included, for whoever holds a link of the last hour."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.learning import neighbors, previewed_stages
from courses.models import Attachment, Course, Lesson
from courses.previews import previewed_course
from courses.video import video_of
from courses.views.embedding import allow_video
from schools.files import guarded_response


@login_not_required
@never_cache
@require_safe
def preview_course(request: Any, key: str) -> HttpResponse:
    course = _course(key)
    context = {"course": course, "stages": previewed_stages(course), "preview": key}
    return render(request, "courses/learn_course.html", context)


@login_not_required
@never_cache
@require_safe
def preview_lesson(request: Any, key: str, lesson: str) -> HttpResponse:
    """A lesson without its buttons: nobody learns here."""
    course = _course(key)
    found = _lesson(course, lesson)
    stages, video = previewed_stages(course), video_of(found.video_url)
    previous, following = neighbors(stages, found)
    context = {
        "course": course,
        "lesson": found,
        "stages": stages,
        "preview": key,
        "previous": previous,
        "following": following,
        "video": video,
        "attachments": found.attachments.select_related("file").order_by("position", "id"),
    }
    return allow_video(request, render(request, "courses/learn_lesson.html", context), video)


@login_not_required
@never_cache
@require_safe
def preview_file(request: Any, key: str, lesson: str, attachment: int) -> FileResponse:
    found = _lesson(_course(key), lesson)
    rows = Attachment.objects.select_related("file")
    return guarded_response(get_object_or_404(rows, pk=attachment, lesson=found).file)


def _course(key: str) -> Course:
    course = previewed_course(key)
    if course is None:
        raise Http404
    return course


def _lesson(course: Course, token: str) -> Lesson:
    return get_object_or_404(Lesson.objects.select_related("course", "module"), token=token, course=course)
