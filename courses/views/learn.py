"""Where students learn, on the school's own host: the course, its lessons, their files and answers."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from courses.errors import LessonClosed
from courses.forms import AnswerForm
from courses.learning import answers_of, neighbors, stages_of, why_closed
from courses.models import Attachment, Course, CourseProgress, Lesson, Submission
from courses.selectors import accesses_of, open_lessons, standing_of
from courses.services.assignments import hand_in
from courses.services.progress import complete_lesson, remember_lesson, reopen_lesson
from courses.video import video_of
from courses.views.embedding import allow_video
from kwiga import clock
from kwiga.errors import DomainError
from schools.files import guarded_response

_REMEMBERED_FOR = timedelta(hours=1)


@never_cache
@require_safe
def learn_course(request: Any, course: str) -> HttpResponse:
    """The outline of a course: what is done, what is open, what is locked."""
    found = _course(course)
    standing = standing_of(request.contact, found, clock.now())
    if not accesses_of(request.contact).filter(course=found).exists():
        return _locked(request, found, None)
    progress = CourseProgress.objects.filter(contact=request.contact, course=found).first()
    context = {
        "course": found,
        "stages": stages_of(found, standing),
        "standing": standing,
        "closed": None if standing.open else why_closed(request.contact, found, None, clock.now()),
        "go_on": _go_on(found, progress, standing.open, standing.done, standing.owned),
    }
    return render(request, "courses/learn_course.html", context)


@never_cache
@require_safe
def learn_lesson(request: Any, course: str, lesson: str) -> HttpResponse:
    """A lesson; opening it is remembered, and is no fact of the journal."""
    found = _lesson(course, lesson)
    return _lesson_page(request, found, AnswerForm())


@never_cache
@require_POST
def learn_done(request: Any, course: str, lesson: str) -> HttpResponse:
    """Mark a lesson as done, or with `done=0` as not done."""
    found = _lesson(course, lesson)
    verb = reopen_lesson if request.POST.get("done") == "0" else complete_lesson
    try:
        verb(contact=request.contact, lesson=found)
    except LessonClosed:
        return _locked(request, found.course, found)
    if verb is complete_lesson:
        _praise(request, found.course)
    return redirect("learn_lesson", course, lesson)


@never_cache
@require_POST
def learn_answer(request: Any, course: str, lesson: str) -> HttpResponse:
    """Hand in an answer to an assignment."""
    found, form = _lesson(course, lesson), AnswerForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            data = form.cleaned_data
            answer = hand_in(contact=request.contact, lesson=found, text=data["text"], upload=data["file"])
        except LessonClosed:
            return _locked(request, found.course, found)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            _thank(request, found, answer)
            return redirect("learn_lesson", course, lesson)
    return _lesson_page(request, found, form)


@never_cache
@require_safe
def learn_file(request: Any, course: str, lesson: str, attachment: int) -> HttpResponse | FileResponse:
    """A file of a lesson, for those to whom the lesson is open: looked at before the first byte is read."""
    found = _lesson(course, lesson)
    if found.pk not in open_lessons(request.contact, found.course, clock.now()):
        return _locked(request, found.course, found)
    return guarded_response(
        get_object_or_404(Attachment.objects.select_related("file"), pk=attachment, lesson=found).file
    )


@never_cache
@require_safe
def learn_answer_file(request: Any, course: str, lesson: str, answer: str) -> FileResponse:
    """The file that the student handed in; theirs even when the access has ended."""
    rows = Submission.objects.filter(contact=request.contact).select_related("file")
    found = get_object_or_404(rows, token=answer, lesson__token=lesson, lesson__course__token=course)
    if found.file is None:
        raise Http404
    return guarded_response(found.file)


def _course(token: str) -> Course:
    return get_object_or_404(Course.objects.published().select_related("cover"), token=token)


def _lesson(course: str, lesson: str) -> Lesson:
    """A published lesson of a published course; 404 for anything else."""
    rows = Lesson.objects.filter(status=Lesson.Status.PUBLISHED, course__status=Course.Status.PUBLISHED)
    return get_object_or_404(rows.select_related("course", "module"), token=lesson, course__token=course)


def _lesson_page(request: Any, lesson: Lesson, form: AnswerForm) -> HttpResponse:
    contact, course = request.contact, lesson.course
    standing = standing_of(contact, course, clock.now())
    if lesson.pk not in standing.open:
        return _locked(request, course, lesson)
    _remember(request, lesson)
    stages, video = stages_of(course, standing), video_of(lesson.video_url)
    previous, following = neighbors(stages, lesson)
    answers = answers_of(contact, lesson) if lesson.kind == Lesson.Kind.ASSIGNMENT else []
    context = {
        "course": course,
        "lesson": lesson,
        "stages": stages,
        "standing": standing,
        "is_done": lesson.pk in standing.done,
        "previous": previous,
        "following": following,
        "video": video,
        "attachments": lesson.attachments.select_related("file").order_by("position", "id"),
        "answers": answers,
        "may_answer": not any(answer.state != Submission.State.RETURNED for answer in answers),
        "form": form,
    }
    return allow_video(request, render(request, "courses/learn_lesson.html", context), video)


def _remember(request: Any, lesson: Lesson) -> None:
    """Write where the student is when it is another lesson, and once an hour."""
    last = CourseProgress.objects.filter(contact=request.contact, course=lesson.course).first()
    fresh = last and last.last_opened_at and clock.now() - last.last_opened_at < _REMEMBERED_FOR
    if not (fresh and last and last.last_lesson_id == lesson.pk):
        remember_lesson(contact=request.contact, lesson=lesson)


def _locked(request: Any, course: Course, lesson: Lesson | None) -> HttpResponse:
    """The page for what is not open: why, and where it can be bought."""
    context = {
        "course": course,
        "lesson": lesson,
        "closed": why_closed(request.contact, course, lesson, clock.now()),
        "offers_url": reverse("public_course", args=[course.token]),
    }
    return render(request, "courses/learn_locked.html", context, status=403)


def _go_on(course: Course, progress: CourseProgress | None, opened: Any, done: Any, owned: Any) -> Lesson | None:
    """Where the student goes on: the last lesson opened while it is not done, else the first that is not done."""
    waiting = [pk for pk in owned if pk in opened and pk not in done]
    last = progress.last_lesson_id if progress else None
    wanted = last if last in waiting else next(iter(waiting), None)
    return Lesson.objects.filter(pk=wanted).defer("body").first() if wanted else None


def _praise(request: Any, course: Course) -> None:
    if standing_of(request.contact, course, clock.now()).percent == 100:
        messages.success(request, _("Well done: you have completed everything you have of this course."))


def _thank(request: Any, lesson: Lesson, answer: Submission) -> None:
    if answer.state == Submission.State.ACCEPTED:
        messages.success(request, _("Your answer is accepted."))
        _praise(request, lesson.course)
    else:
        messages.success(request, _("Your answer is handed in. You will see here what the team says."))
