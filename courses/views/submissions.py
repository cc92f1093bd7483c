"""Answers of students in the dashboard: read, accepted, returned."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from courses.forms import DecisionForm
from courses.listing import submissions_in
from courses.models import Submission
from courses.services import assignments
from kwiga.errors import DomainError
from kwiga.paging import page_of
from schools.access import requires
from schools.files import guarded_response
from schools.roles import Right, allows


@requires(Right.ACCEPT_ASSIGNMENTS)
@require_safe
def submission_list(request: Any) -> HttpResponse:
    """The answers of all courses, newest first; those that wait for the team unless `?state=` says otherwise."""
    state = request.GET.get("state", Submission.State.SUBMITTED)
    page = page_of(submissions_in(state), request)
    context = {"page": page, "state": state, "states": Submission.State.choices}
    return render(request, "courses/submission_list.html", context)


@requires(Right.ACCEPT_ASSIGNMENTS)
@require_safe
def submission_detail(request: Any, submission: str) -> HttpResponse:
    return _page(request, _submission(submission), DecisionForm())


@requires(Right.ACCEPT_ASSIGNMENTS)
@require_safe
def submission_file(request: Any, submission: str) -> FileResponse:
    found = _submission(submission)
    if found.file is None:
        raise Http404
    return guarded_response(found.file)


def _decision(verb: Callable[..., Submission], done: Any) -> Callable[..., HttpResponse]:
    """A view that decides on an answer and goes on to those that wait."""

    @requires(Right.ACCEPT_ASSIGNMENTS)
    @require_POST
    def view(request: Any, submission: str) -> HttpResponse:
        found, form = _submission(submission), DecisionForm(request.POST)
        if form.is_valid():
            try:
                verb(submission=found, comment=form.cleaned_data["comment"], actor=request.user)
            except DomainError as error:
                form.add_error("comment", str(error))
            else:
                messages.success(request, done)
                return redirect("courses:submissions", request.school.slug)
        return _page(request, found, form)

    return view


submission_accept = _decision(assignments.accept_submission, _("The answer is accepted; the lesson is done."))
submission_return = _decision(assignments.return_submission, _("The answer is returned to the student."))


def _page(request: Any, submission: Submission, form: DecisionForm) -> HttpResponse:
    earlier = Submission.objects.filter(contact=submission.contact, lesson=submission.lesson)
    context = {
        "submission": submission,
        "form": form,
        "earlier": earlier.filter(pk__lt=submission.pk).order_by("-pk"),
        "links_contacts": allows(request.member.role, Right.VIEW_CONTACTS),
        "may_manage": allows(request.member.role, Right.MANAGE_COURSES),
    }
    return render(request, "courses/submission.html", context)


def _submission(token: str) -> Submission:
    rows = Submission.objects.select_related("contact", "lesson__course", "file", "decided_by")
    return get_object_or_404(rows, token=token)
