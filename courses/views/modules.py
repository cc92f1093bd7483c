"""Modules in the dashboard: added, renamed, moved and deleted on the page of their course."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from courses.forms import ModuleForm
from courses.models import Course, Module
from courses.services import outline
from courses.views.courses import outline_answer, outline_context
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right


@requires(Right.MANAGE_COURSES)
@require_POST
def module_add(request: Any, token: str) -> HttpResponse:
    course = get_object_or_404(Course.objects.select_related("cover"), token=token)
    form = ModuleForm(request.POST)
    if form.is_valid():
        outline.add_module(course=course, title=form.cleaned_data["title"], actor=request.user)
        return redirect("courses:detail", request.school.slug, course.token)
    return render(request, "courses/course_detail.html", outline_context(request, course) | {"form": form})


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def module_edit(request: Any, token: str, module: str) -> HttpResponse:
    found = module_of(token, module)
    form = ModuleForm(request.POST) if request.method == "POST" else ModuleForm.of(found)
    if request.method == "POST" and form.is_valid():
        outline.rename_module(module=found, title=form.cleaned_data["title"], actor=request.user)
        return redirect("courses:detail", request.school.slug, token)
    return render(request, "courses/module_form.html", {"form": form, "module": found, "course": found.course})


@requires(Right.MANAGE_COURSES)
@require_POST
def module_place(request: Any, token: str, module: str) -> HttpResponse:
    """Move a module to `index`, counted from 0."""
    found = module_of(token, module)
    outline.place_module(module=found, index=place_of(request), actor=request.user)
    return outline_answer(request, found.course)


@requires(Right.MANAGE_COURSES)
@require_http_methods(["GET", "HEAD", "POST"])
def module_delete(request: Any, token: str, module: str) -> HttpResponse:
    found = module_of(token, module)
    context = {"thing": found, "course": found.course, "lessons": found.lessons.count()}
    if request.method == "POST":
        try:
            outline.delete_module(module=found, actor=request.user)
        except DomainError as error:
            return render(request, "courses/delete.html", context | {"refusal": error.message})
        messages.success(request, _("“%(title)s” is deleted.") % {"title": found.title})
        return redirect("courses:detail", request.school.slug, token)
    return render(request, "courses/delete.html", context)


def module_of(token: str, module: str) -> Module:
    """The module at an address below its course; 404 when there is none."""
    return get_object_or_404(Module.objects.select_related("course__cover"), token=module, course__token=token)


def place_of(request: Any) -> int:
    """The place that a form or a drag asks for; nonsense is the first."""
    typed = request.POST.get("index", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 0
