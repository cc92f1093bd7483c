"""Doors of the dashboard: each view names the one right it needs, and a view that names none stays shut."""

from collections.abc import Callable
from typing import Any

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
