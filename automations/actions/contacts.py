"""Steps about the contact: lists, tags, access to courses."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations import reasons
from automations.actions.registry import Action, Outcome, StepFailed
from automations.calendar import days_later, school_zone
from automations.models import Run, RunStep, Step
from automations.objects import find, name_of
from automations.settings_fields import FieldKind
from contacts.models import ContactList
from contacts.services.lists import add_members, remove_member
from contacts.services.tags import tag_contacts, untag_contacts
from courses.models import Access, Course
from courses.services.access import Part, change_access, open_access
from kwiga import clock


class ListAction(Action):
    """Puts the contact in a static list, or takes them out."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """In or out, as the kind of the step says; what is so already stays so. Raises StepFailed."""
        chosen = _static_list(step)
        if chosen is None:
            raise StepFailed(reasons.OBJECT_GONE)
        if step.kind == Step.Kind.LIST_ADD:
            add_members(contact_list=chosen, contacts=[run.contact], actor=None)
        else:
            remove_member(contact_list=chosen, contact=run.contact, actor=None)
        return Outcome(data={"list": chosen.pk})

    def problems(self, step: Step) -> Iterable[str]:
        """A list that people are put in by hand."""
        if _static_list(step) is None:
            yield _("Choose a list that people are put in.")

    def sentence(self, step: Step) -> str:
        """Into or out of which list."""
        words = _("Add to the list %(name)s") if step.kind == Step.Kind.LIST_ADD else _("Take out of the list %(name)s")
        return words % {"name": name_of(FieldKind.LIST, step.settings.get("list"))}


class TagAction(Action):
    """Puts a tag on the contact, or takes it off. The tag is named, and made where there is none."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """On or off, as the kind of the step says."""
        put = tag_contacts if step.kind == Step.Kind.TAG else untag_contacts
        put(contacts=[run.contact], name=_tag_name(step), actor=None)
        return Outcome()

    def problems(self, step: Step) -> Iterable[str]:
        """A tag is written."""
        if not _tag_name(step).strip():
            yield _("Write the tag.")

    def sentence(self, step: Step) -> str:
        """Which tag."""
        words = _("Tag as “%(name)s”") if step.kind == Step.Kind.TAG else _("Take off the tag “%(name)s”")
        return words % {"name": _tag_name(step)}


class AccessAction(Action):
    """Opens a course for some days or for ever; days are added to access that is open now."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Open it, or extend what is open. Access that never ends stays as it is. Raises StepFailed."""
        course = find(FieldKind.COURSE, step.settings.get("course"))
        if course is None:
            raise StepFailed(reasons.OBJECT_GONE)
        days = step.settings.get("days")
        cause = f"run:{run.pk}:{run_step.position}"
        access = _extend(run, course, days) or _open(run, course, days, cause)
        return Outcome(data={"access": access.pk})

    def problems(self, step: Step) -> Iterable[str]:
        """A course, and days that are days."""
        if find(FieldKind.COURSE, step.settings.get("course")) is None:
            yield _("Choose the course.")
        days = step.settings.get("days")
        if days is not None and (not isinstance(days, int) or not 1 <= days <= 3650):
            yield _("Enter for how many days, or leave it empty.")

    def sentence(self, step: Step) -> str:
        """Which course, for how long."""
        days, name = step.settings.get("days"), name_of(FieldKind.COURSE, step.settings.get("course"))
        if not days:
            return _("Give access to %(name)s for ever") % {"name": name}
        words = ngettext("Give %(days)d day of access to %(name)s", "Give %(days)d days of access to %(name)s", days)
        return words % {"days": days, "name": name}


def _tag_name(step: Step) -> str:
    """The tag's name; a token of one is read as well."""
    said = str(step.settings.get("tag") or "")
    found = find(FieldKind.TAG, said)
    return found.name if found else said


def _static_list(step: Step) -> ContactList | None:
    chosen: ContactList | None = find(FieldKind.LIST, step.settings.get("list"))
    return chosen if chosen and not chosen.is_dynamic else None


def _open(run: Run, course: Course, days: int | None, cause: str) -> Access:
    now = clock.now()
    ends_at = days_later(now, days, school_zone()) if days else None
    (access,) = open_access(
        contact=run.contact,
        parts=[Part(course.pk)],
        starts_at=now,
        ends_at=ends_at,
        cause=cause,
        reason=run.automation.name,
    )
    return access


def _extend(run: Run, course: Course, days: int | None) -> Access | None:
    """Add the days to the whole-course access that lasts longest; None when none is open now."""
    open_now = Access.objects.open_at(clock.now()).filter(contact=run.contact_id, course=course, is_whole=True)
    for_ever = open_now.filter(ends_at=None).first()
    longest = for_ever or open_now.order_by("-ends_at").first()
    if longest is None or longest.ends_at is None:
        return longest
    ends_at = days_later(longest.ends_at, days, school_zone()) if days else None
    return change_access(access=longest, starts_at=longest.starts_at, ends_at=ends_at, actor=None)
