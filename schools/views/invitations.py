"""What somebody who was invited meets: the page behind the link in the mail."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kwiga import clock
from kwiga.errors import DomainError
from schools.access import open_to_guests
from schools.models import Invitation
from schools.selectors import invitation_of
from schools.services.invitations import InvitationClosed, accept_invitation, owns_address


@login_not_required
@open_to_guests
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: Any, token: str) -> HttpResponse:
    """Show the invitation, and take it up. A link that no longer works answers 410, an unknown one 404."""
    found = invitation_of(token) if request.school else None
    if found is None:
        raise Http404
    if request.member:
        response = render(request, "schools/invitation_member.html", {"invitation": found})
    elif not found.is_open(clock.now()):
        response = _closed(request, found)
    elif request.method == "POST" and request.user.is_authenticated:
        response = _accept(request, found)
    else:
        response = _page(request, found)
    # The address is a secret: neither caches nor other sites get to know it.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _accept(request: Any, found: Invitation) -> HttpResponse:
    try:
        accept_invitation(invitation=found, user=request.user)
    except InvitationClosed:
        return _closed(request, found)
    except DomainError as error:
        return _page(request, found, str(error))
    messages.success(request, _("Welcome to %(name)s.") % {"name": request.school.name})
    return redirect("school_home", request.school.slug)


def _page(request: Any, found: Invitation, problem: str = "") -> HttpResponse:
    signed_in = request.user.is_authenticated
    mine = signed_in and owns_address(request.user, found.email)
    context = {"invitation": found, "problem": problem, "mine": mine, "signed_in": signed_in}
    context["token"] = request.resolver_match.kwargs["token"]
    return render(request, "schools/invitation.html", context)


def _closed(request: Any, found: Invitation) -> HttpResponse:
    context = {"invitation": found, "expired": not (found.accepted_at or found.revoked_at)}
    return render(request, "schools/invitation_closed.html", context, status=410)
