"""Opening courses to contacts, whole or in parts, and closing them again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.errors import AccessRefused
from courses.models import Access, AccessPart, Course, Lesson, Module
from kwiga import clock
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


@dataclass(frozen=True)
class Part:
    """A whole course, or one module or lesson of it."""

    course_id: int
    module_id: int | None = None
    lesson_id: int | None = None

    @property
    def is_whole(self) -> bool:
        return self.module_id is None and self.lesson_id is None


def open_access(
    *,
    contact: Contact,
    parts: Iterable[Part],
    starts_at: datetime,
    ends_at: datetime | None,
    cause: str,
    reason: str = "",
    actor: User | None = None,
) -> list[Access]:
    """Open the parts within `[starts_at, ends_at)`: one access for each course, whole if any part is the whole course.

    The same cause ("order-line:17") told twice opens once. Raises AccessRefused for a window that ends before it
    begins, and for a module or lesson of another course.
    """
    _check_window(starts_at, ends_at)
    by_course: defaultdict[int, list[Part]] = defaultdict(list)
    for part in parts:
        by_course[part.course_id].append(part)
    _check_parts(by_course)
    window: dict[str, object] = {"starts_at": starts_at, "ends_at": ends_at, "reason": reason}
    # Refusals lie behind: what fails now fails the caller's transaction, and a savepoint would be of no use.
    with transaction.atomic(savepoint=False):
        return [
            _open(contact, course, own, f"{cause}:course:{course}", window, actor) for course, own in by_course.items()
        ]


@transaction.atomic
def revoke_access(*, access: Access, actor: User | None, reason: str) -> Access:
    """Close one access for good; others of the same contact stay open. A second time does nothing."""
    locked = _locked(access)
    if locked.revoked_at is None:
        locked.revoked_at, locked.reason = clock.now(), reason[:200] or locked.reason
        locked.save(update_fields=["revoked_at", "reason"])
        record_event("access.revoked", subject=locked, actor=actor, data=_facts(locked))
    return locked


@transaction.atomic
def move_access(*, access: Access, contact: Contact, actor: User | None) -> Access:
    """Give an access to another contact, as when an email was mistyped; what was learned stays with the first."""
    locked = _locked(access)
    if locked.contact_id != contact.pk:
        before, locked.contact = locked.contact_id, contact
        locked.save(update_fields=["contact"])
        record_event("access.moved", subject=locked, actor=actor, data=_facts(locked) | {"from": before})
    return locked


@transaction.atomic
def change_access(*, access: Access, starts_at: datetime, ends_at: datetime | None, actor: User | None) -> Access:
    """Set other dates. Raises AccessRefused for a revoked one and for an end before the start."""
    _check_window(starts_at, ends_at)
    locked = _locked(access)
    if locked.revoked_at is not None:
        raise AccessRefused(_("This access was revoked. Open a new one instead."))
    if (locked.starts_at, locked.ends_at) != (starts_at, ends_at):
        locked.starts_at, locked.ends_at = starts_at, ends_at
        locked.save(update_fields=["starts_at", "ends_at"])
        record_event("access.changed", subject=locked, actor=actor, data=_facts(locked))
    return locked


def _open(
    contact: Contact, course_id: int, parts: list[Part], cause: str, window: dict[str, object], actor: User | None
) -> Access:
    is_whole = any(part.is_whole for part in parts)
    access, is_new = Access.objects.get_or_create(
        school_id=current_school_id(),
        cause=cause,
        defaults={"contact": contact, "course_id": course_id, "is_whole": is_whole, **window},
    )
    if is_new:
        if not is_whole:
            _add_parts(access, parts)
        record_event("access.opened", subject=access, actor=actor, data=_facts(access))
    return access


def _add_parts(access: Access, parts: list[Part]) -> None:
    AccessPart.objects.bulk_create(
        AccessPart(school_id=access.school_id, access=access, module_id=part.module_id, lesson_id=part.lesson_id)
        for part in dict.fromkeys(parts)
    )


def _check_window(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is not None and ends_at < starts_at:
        raise AccessRefused(_("The access would end before it begins."))


def _check_parts(by_course: dict[int, list[Part]]) -> None:
    parts = [part for own in by_course.values() for part in own]
    modules = {part.module_id: part.course_id for part in parts if part.module_id}
    lessons = {part.lesson_id: part.course_id for part in parts if part.lesson_id}
    known = dict(Module.objects.filter(pk__in=modules).values_list("pk", "course_id")) if modules else {}
    own = dict(Lesson.objects.filter(pk__in=lessons).values_list("pk", "course_id")) if lessons else {}
    if known != modules or own != lessons or any(part.module_id and part.lesson_id for part in parts):
        raise AccessRefused(_("A module or lesson is not part of this course."))
    if modules or lessons:
        return
    if Course.objects.filter(pk__in=by_course).count() != len(by_course):
        raise AccessRefused(_("There is no such course."))


def _facts(access: Access) -> dict[str, int]:
    return {"contact": access.contact_id, "course": access.course_id}


def _locked(access: Access) -> Access:
    return Access.objects.select_for_update(of=("self",)).get(pk=access.pk)
