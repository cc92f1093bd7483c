"""The mailbox of the demo: what a mail server would have sent. The addresses exist only while mail is kept."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from kwiga import mailbox
from schools.access import requires
from schools.roles import Right

PAGE_SIZE = 50


@login_not_required
@require_safe
def platform_mailbox(request: Any) -> HttpResponse:
    """The platform's mail: sign-in codes and the like, for whoever looks at the demo."""
    return _list(request, mailbox.PLATFORM, "schools/mailbox_platform.html")


@login_not_required
@require_safe
def platform_message(request: Any, name: str) -> HttpResponse:
    return _message(request, mailbox.PLATFORM, name, "schools/mailbox_platform_message.html")


@requires(Right.VIEW_DELIVERIES)
@require_safe
def school_mailbox(request: Any) -> HttpResponse:
    """The mail of this school and of no other."""
    return _list(request, str(request.school.pk), "schools/mailbox.html")


@requires(Right.VIEW_DELIVERIES)
@require_safe
def school_message(request: Any, name: str) -> HttpResponse:
    return _message(request, str(request.school.pk), name, "schools/mailbox_message.html")


def _list(request: Any, owner: str, template: str) -> HttpResponse:
    kept = mailbox.kept_messages(owner, before=request.GET.get("before", ""), limit=PAGE_SIZE + 1)
    shown = kept[:PAGE_SIZE]
    older = f"?before={shown[-1].name}" if len(kept) > PAGE_SIZE else ""
    addressed = [(_address(request, message.name), message) for message in shown]
    return render(request, template, {"mails": addressed, "older": older, "mailbox_url": _address(request)})


def _message(request: Any, owner: str, name: str, template: str) -> HttpResponse:
    mail = mailbox.kept_message(owner, name)
    if mail is None:
        raise Http404
    return render(request, template, {"mail": mail, "mailbox_url": _address(request)})


def _address(request: Any, name: str = "") -> str:
    if request.school is None:
        return reverse("platform_message", args=[name]) if name else reverse("platform_mailbox")
    slug = request.school.slug
    return reverse("schools:message", args=[slug, name]) if name else reverse("schools:mailbox", args=[slug])
