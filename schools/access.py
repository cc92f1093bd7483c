"""Doors of the dashboard: each view names the one right it needs, and a view that names none stays shut."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from schools.models import Member
from schools.roles import Right, allows


def requires[View: Callable[..., Any]](right: Right) -> Callable[[View], View]:
    """Let members with this right in. Strangers get 404, members without it 403 (SchoolScopeMiddleware)."""

    def mark(view: View) -> View:
        view.right = right  # type: ignore[attr-defined]
        return view

    return mark


def open_to_guests[View: Callable[..., Any]](view: View) -> View:
    """A page under /<school>/ for people who are no members yet: an invitation."""
    view.for_guests = True  # type: ignore[attr-defined]
    return view


def manages_scopes[View: Callable[..., Any]](view: View) -> View:
    """A view that opens its own scopes, because it must commit before it answers."""
    view.manages_scopes = True  # type: ignore[attr-defined]
    return view


def allowed(view: Any, member: Member) -> bool:
    """Whether this member may enter; a view without a right is shut for everybody."""
    right: Right | None = getattr(view, "right", None)
    return right is not None and allows(member.role, right)


def asks_again[View: Callable[..., Any]](view: View) -> View:
    """A delicate page: whoever signed in more than ten minutes ago gives the password again and comes back (T7).

    Also for a POST, which is not carried over: the person comes back to the page and decides once more.
    """

    @wraps(view)
    def ask(request: Any, *args: Any, **kwargs: Any) -> Any:
        if _signed_in_lately(request):
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")

    return ask  # type: ignore[return-value]


def _signed_in_lately(request: Any) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
