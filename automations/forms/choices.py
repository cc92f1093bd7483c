"""The school's own things to choose from in the forms of triggers and steps, by their tokens."""

from typing import Any

from django.utils.translation import gettext as _

from automations.models import IncomingHook, TelegramChannel
from automations.triggers import all_triggers
from contacts.models import ContactField, ContactList, Tag
from coupons.models import Coupon
from courses.models import Course, Lesson
from offers.models import Offer

SHOWN = 500
Choices = list[tuple[str, Any]]


def courses() -> Choices:
    """Every course, by title."""
    return list(Course.objects.order_by("title", "pk").values_list("token", "title")[:SHOWN])


def any_course() -> Choices:
    return [("", _("Any course")), *courses()]


def one_course() -> Choices:
    return [("", _("Choose a course")), *courses()]


def any_lesson() -> Choices:
    """Lessons below their courses."""
    return [("", _("Any lesson")), *_lessons()]


def any_assignment() -> Choices:
    """Assignments below their courses."""
    return [("", _("Any assignment")), *_lessons(kind=Lesson.Kind.ASSIGNMENT)]


def _lessons(**wanted: Any) -> Choices:
    rows = Lesson.objects.filter(**wanted).order_by("course__title", "course_id", "module__position", "position", "pk")
    groups: dict[str, list[tuple[str, str]]] = {}
    for course, token, title in rows.values_list("course__title", "token", "title")[:SHOWN]:
        groups.setdefault(course, []).append((token, title))
    return list(groups.items())


def offers() -> Choices:
    """Offers that are not archived, newest first."""
    live = Offer.objects.exclude(status=Offer.Status.ARCHIVED).newest_first()
    return list(live.values_list("token", "title")[:SHOWN])


def any_offer() -> Choices:
    return [("", _("Any offer")), *offers()]


def _lists(**wanted: Any) -> Choices:
    rows = ContactList.objects.filter(archived_at=None, **wanted).order_by("name", "pk")
    return list(rows.values_list("token", "name")[:SHOWN])


def any_list() -> Choices:
    """Lists that somebody can be put into."""
    return [("", _("Any list")), *_lists(conditions__isnull=True)]


def one_list() -> Choices:
    """Lists that somebody can be put into: a dynamic one takes whom its filter fits."""
    return [("", _("Choose a list")), *_lists(conditions__isnull=True)]


def every_list() -> Choices:
    return [("", _("Choose a list")), *_lists()]


def tag_names() -> list[str]:
    """Names of tags, for suggestions."""
    return list(Tag.objects.order_by("name_key").values_list("name", flat=True)[:SHOWN])


def any_tag() -> Choices:
    return [("", _("Any tag")), *Tag.objects.order_by("name_key").values_list("token", "name")[:SHOWN]]


def any_coupon() -> Choices:
    """Coupons with their codes, newest first; not the personal ones, of which automations make any number."""
    rows = Coupon.objects.filter(archived_at=None, codes__isnull=False).exclude(audience=Coupon.Audience.CONTACT)
    rows = rows.order_by("-created_at", "-pk")
    return [("", _("Any coupon")), *rows.values_list("token", "codes__code")[:SHOWN]]


def any_hook() -> Choices:
    rows = IncomingHook.objects.filter(archived_at=None).order_by("name", "pk")
    return [("", _("Any address")), *rows.values_list("token", "name")[:SHOWN]]


def one_date_field() -> Choices:
    rows = ContactField.objects.filter(archived_at=None, kind=ContactField.Kind.DATE).order_by("position", "pk")
    return [("", _("Choose a field")), *rows.values_list("token", "label")[:SHOWN]]


def one_channel() -> Choices:
    rows = TelegramChannel.objects.order_by("name", "pk")
    return [("", _("Choose a channel")), *rows.values_list("token", "name")[:SHOWN]]


def triggers() -> Choices:
    """What can start an automation."""
    return [(trigger.key, trigger.label) for trigger in all_triggers()]
