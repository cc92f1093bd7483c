"""The topics of this app: the school itself, its team, its deliveries."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from schools.activity.topics import Kind, Subject, Topic, register
from schools.models import Event, Invitation, School, User
from schools.roles import Role


def register_own() -> None:
    """Register what happens in this app."""
    register("school", Topic(label=_("School"), kinds=_SCHOOL))
    register("team", Topic(label=_("Team"), kinds=_TEAM, subjects=_people))
    register("deliveries", Topic(label=_("Deliveries"), kinds=_DELIVERIES))


def _changed_fields(event: Event) -> str:
    return capfirst(", ".join(filter(None, map(_field_name, event.data.get("fields", [])))).lower())


def _field_name(name: str) -> str:
    try:
        field: Any = School._meta.get_field(name)
    except FieldDoesNotExist:  # a field that has been given up since
        return ""
    return str(field.verbose_name)


def _move(event: Event) -> str:
    return f"{event.data.get('from', '')} → {event.data.get('to', '')}"


def _role_change(event: Event) -> str:
    before, after = _role(event.data.get("from", "")), _role(event.data.get("to", ""))
    return f"{before} → {after}"


def _its_role(event: Event) -> str:
    return _role(event.data.get("role", ""))


def _role(value: str) -> str:
    return str(Role(value).label) if value in Role.values else value


def _how_many(event: Event) -> str:
    count = event.data.get("count", len(event.data.get("deliveries", [])))
    return ngettext("%(count)d delivery", "%(count)d deliveries", count) % {"count": count}


def _its_name(event: Event) -> str:
    return str(event.data.get("name", ""))


_SCHOOL = {
    "school.created": Kind(_("School created"), "school"),
    "school.changed": Kind(_("Settings changed"), "settings-2", _changed_fields),
    "school.moved": Kind(_("Address of the school changed"), "link", _move),
    "demo.removed": Kind(_("Demo data removed"), "eraser"),
    "secret.stored": Kind(_("Key or password stored"), "key-round", _its_name),
}
_TEAM = {
    "member.joined": Kind(_("Joined the team"), "user-round-plus", _its_role),
    "member.left": Kind(_("Left the team"), "user-round-minus"),
    "member.removed": Kind(_("Taken off the team"), "user-round-x"),
    "member.role_changed": Kind(_("Role changed"), "user-round-cog", _role_change),
    "invitation.sent": Kind(_("Invitation sent"), "mail-plus", _its_role),
    "invitation.resent": Kind(_("Invitation sent again"), "mail"),
    "invitation.revoked": Kind(_("Invitation taken back"), "mail-x"),
}
_DELIVERIES = {"delivery.retried": Kind(_("Deliveries started again"), "rotate-cw", _how_many)}


def _people(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    """Names of members, whose rows may be gone, and addresses of invitations."""
    users = User.objects.in_bulk({event.data["user"] for event in events if "user" in event.data})
    sent = {event.subject_id for event in events if event.subject_kind == "invitation" and event.subject_id}
    invitations = {row.pk: row for row in Invitation.objects.filter(pk__in=sent)}
    found = {event.pk: users.get(event.data.get("user")) or invitations.get(event.subject_id or 0) for event in events}
    return {pk: Subject(str(row)) for pk, row in found.items() if row}
