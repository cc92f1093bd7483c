"""Courses in the dashboard: the list, the course's own words, and its outline."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from courses.forms import CourseForm, ModuleForm
from courses.listing import counts_of, courses_matching, outline_of, student_accesses, students_of
from courses.models import Course
from courses.previews import preview_path
from courses.services import content
from kwiga import sites
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import page_of
from schools.access import requires
from schools.models import Domain
from schools.roles import Right, allows
from schools.sites import site_url


@requires(Right.VIEW_COURSES)
@require_safe
def course_list(request: Any) -> HttpResponse:
    """All courses, newest first; `?q=` and `?status=` narrow them."""
    text, status = request.GET.get("q", "").strip(), request.GET.get("status", "")
    page = page_of(courses_matching(text, status), request)
    counts = counts_of(page.rows)
    context = {
        "page": page,
        "rows": [(course, counts[course.pk]) for course in page.rows],
        "text": text,
        "status": status,
        "statuses": Course.Status.choices,
    }
    return render(request, "courses/course_list.html", context | may_manage(request))


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def course_new(request: Any) -> HttpResponse:
    form = CourseForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid() and (course := _saved(request, form)):
        messages.success(request, _("“%(title)s” is saved as a draft.") % {"title": course.title})
        return redirect("courses:detail", request.school.slug, course.token)
    return render(request, "courses/course_form.html", {"form": form})


@requires(Right.VIEW_COURSES)
@require_safe
def course_detail(request: Any, token: str) -> HttpResponse:
    """The outline of a course, where it is also put in order."""
    course = get_object_or_404(Course.objects.select_related("cover"), token=token)
    return render(request, "courses/course_detail.html", outline_context(request, course))


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def course_edit(request: Any, token: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.select_related("cover"), token=token)
    form = CourseForm(request.POST, request.FILES) if request.method == "POST" else CourseForm.of(course)
    if request.method == "POST" and form.is_valid() and _saved(request, form, course):
        messages.success(request, _("Saved."))
        return redirect("courses:detail", request.school.slug, course.token)
    return render(request, "courses/course_form.html", {"form": form, "course": course})


def _saved(request: Any, form: CourseForm, course: Course | None = None) -> Course | None:
    """The course as the form says it, with its picture; None when the picture is refused, which the form then tells."""
    try:
        with transaction.atomic():
            if course:
                course = content.change_course(course=course, terms=form.terms(), actor=request.user)
            else:
                course = content.create_course(terms=form.terms(), actor=request.user)
            upload = form.cleaned_data["cover"]
            if upload or (form.cleaned_data["removes_cover"] and course.cover_id):
                course = content.set_cover(course=course, upload=upload, actor=request.user)
    except DomainError as error:
        form.add_error("cover", str(error))
        return None
    return course


def _move(verb: Callable[..., Course], done: Any) -> Callable[..., HttpResponse]:
    """A view that makes one move of a course and goes back to its page."""

    @requires(Right.MANAGE_COURSES)
    @require_POST
    def view(request: Any, token: str) -> HttpResponse:
        course = get_object_or_404(Course.objects, token=token)
        verb(course=course, actor=request.user)
        messages.success(request, done)
        return redirect("courses:detail", request.school.slug, course.token)

    return view


course_publish = _move(content.publish_course, _("The course is published: students with access see it."))
course_unpublish = _move(content.unpublish_course, _("The course is a draft again: students do not see it."))


@requires(Right.VIEW_COURSES)
@require_safe
def course_preview(request: Any, token: str) -> HttpResponse:
    """Send to the course as a student sees it, drafts included: a link of an hour, on the school's own host."""
    course = get_object_or_404(Course.objects, token=token)
    domain = Domain.objects.filter(school=request.school, is_primary=True).first()
    host = domain.host if domain else sites.site_host(request.school.slug)
    return redirect(sites.host_url(host, preview_path(course)))


@requires(Right.VIEW_COURSES)
@require_safe
def course_students(request: Any, token: str) -> HttpResponse:
    """Who has access to a course, and how far they are."""
    course = get_object_or_404(Course.objects, token=token)
    page = page_of(student_accesses(course), request)
    students = students_of(course, page.rows)
    links_contacts = allows(request.member.role, Right.VIEW_CONTACTS)
    context = {"course": course, "page": page, "students": students, "links_contacts": links_contacts}
    return render(request, "courses/students.html", context)


def outline_answer(request: Any, course: Course) -> HttpResponse:
    """After a move: the outline alone for htmx, the whole page by its address without."""
    if not request.htmx:
        return redirect("courses:detail", request.school.slug, course.token)
    return render_partial(request, "courses/course_detail.html", "outline", outline_context(request, course))


def outline_context(request: Any, course: Course) -> dict[str, Any]:
    """What the page of a course shows."""
    return {
        "course": course,
        "blocks": outline_of(course),
        "counts": counts_of([course])[course.pk],
        "form": ModuleForm(),
        "address": site_url(request.school, "public_course", course.token),
    } | may_manage(request)


def may_manage(request: Any) -> dict[str, bool]:
    """Whether the reader may change courses."""
    return {"may_manage": allows(request.member.role, Right.MANAGE_COURSES)}
