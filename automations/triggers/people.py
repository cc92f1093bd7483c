"""Triggers of contacts: made, tagged, put in a list, away for long, a date of theirs, a call from outside, by hand."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from automations.calendar import at_time, school_zone
from automations.objects import find, id_of
from automations.settings_fields import FieldKind, SettingField
from automations.triggers.clock import RowRule, shifted
from automations.triggers.registry import Finder, Occurrence, Settings, Text, Trigger, register
from contacts.models import Contact, ContactValue
from kwiga import clock
from schools.models import Event

_GROUP = _("Contacts")
# Dates have no hour: what they start begins in the morning of the school's zone.
MORNING = time(9, 0)
BY_HAND = "automation.started_by_hand"


def register_own() -> None:
    """Register the triggers of contacts."""
    _add("contact.created", _("A contact is new"), (), "contact.created", _subject)
    _add("list.joined", _("A contact is put in a list"), (_one(FieldKind.LIST, _("List")),), "list.joined", _joined)
    _add("contact.tagged", _("A contact is tagged"), (_one(FieldKind.TAG, _("Tag")),), "contact.tagged", _tagged)
    _add("hook.received", _("A call comes in"), (_one(FieldKind.HOOK, _("Address")),), "hook.received", _received)
    days = SettingField(name="days", kind=FieldKind.NUMBER, label=_("Days"), required=True, initial=30)
    register(
        Trigger(
            key="contact.inactive",
            label=_("A contact stays away"),
            group=_GROUP,
            fields=(days,),
            clock=Inactive(),
        )
    )
    register(
        Trigger(
            key="field.date",
            label=_("A date of the contact comes"),
            group=_GROUP,
            fields=_date_fields(),
            clock=DateOfField(),
        )
    )
    register(Trigger(key="contact.by_hand", label=_("Started by hand"), group=_GROUP))


def by_hand(event: Event) -> Iterable[Occurrence]:
    """Those for whom the team started an automation."""
    return [Occurrence(contact_id=pk, key=f"event:{event.pk}", about="by_hand") for pk in event.data["contacts"]]


def _one(kind: FieldKind, label: Text) -> SettingField:
    return SettingField(name=str(kind), kind=kind, label=label)


def _date_fields() -> tuple[SettingField, ...]:
    return (
        SettingField(name="field", kind=FieldKind.FIELD, label=_("Field with a date"), required=True),
        SettingField(
            name="days_before",
            kind=FieldKind.NUMBER,
            label=_("Days before"),
            required=True,
            minimum=0,
            maximum=365,
            initial=0,
        ),
        SettingField(name="yearly", kind=FieldKind.FLAG, label=_("Every year, as a birthday"), initial=True),
    )


def _add(key: str, label: Text, fields: tuple[SettingField, ...], kind: str, happened: Finder) -> None:
    register(Trigger(key=key, label=label, group=_GROUP, fields=fields, kinds=(kind,), occurrences=happened))


def _subject(event: Event, settings: Settings) -> Iterable[Occurrence]:
    if event.subject_id:
        yield Occurrence(contact_id=event.subject_id, key=f"event:{event.pk}")


def _joined(event: Event, settings: Settings) -> Iterable[Occurrence]:
    if _chosen(settings, FieldKind.LIST, event.subject_id):
        about = f"list:{event.subject_id}"
        for pk in event.data["contacts"]:
            yield Occurrence(contact_id=pk, key=f"event:{event.pk}", about=about)


def _tagged(event: Event, settings: Settings) -> Iterable[Occurrence]:
    yield from _told(event, settings, FieldKind.TAG)


def _received(event: Event, settings: Settings) -> Iterable[Occurrence]:
    yield from _told(event, settings, FieldKind.HOOK)


def _told(event: Event, settings: Settings, kind: FieldKind) -> Iterable[Occurrence]:
    pk = event.data[str(kind)]
    if event.subject_id and _chosen(settings, kind, pk):
        yield Occurrence(contact_id=event.subject_id, key=f"event:{event.pk}", about=f"{kind}:{pk}")


def _chosen(settings: Settings, kind: FieldKind, pk: int | None) -> bool:
    token = settings.get(str(kind), "")
    return not token or id_of(kind, token) == pk


class Inactive(RowRule):
    """Contacts last seen so many days ago; who never came cannot stay away."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[Contact]":
        days = settings.get("days") or 0
        return Contact.objects.known().filter(
            last_seen_at__gt=shifted(since, -days), last_seen_at__lte=shifted(until, -days)
        )

    def occurrence(self, row: Contact, settings: Settings) -> Occurrence | None:
        seen = row.last_seen_at
        return Occurrence(contact_id=row.pk, key=f"inactive:{seen.isoformat()}") if seen else None


class DateOfField(RowRule):
    """Values whose day, so many days ahead, begins to be written about; yearly ones come back each year."""

    def rows(self, settings: Settings, since: datetime, until: datetime) -> "QuerySet[ContactValue]":
        days = [day + timedelta(days=settings.get("days_before") or 0) for day in _mornings(since, until)]
        field = find(FieldKind.FIELD, settings.get("field", ""))
        if field is None or not days:
            return ContactValue.objects.none()
        wanted = Q()
        for day in days:
            wanted |= _falls_on(day) if settings.get("yearly", True) else Q(date=day)
        return ContactValue.objects.filter(wanted, field=field)

    def occurrence(self, row: ContactValue, settings: Settings) -> Occurrence | None:
        return Occurrence(contact_id=row.contact_id, key=f"date:{row.field_id}:{self._time(row, settings)}")

    def next_due(self, settings: Settings, after: datetime) -> datetime | None:
        zone = school_zone()
        today = after.astimezone(zone).date()
        mornings = (at_time(today + timedelta(days=ahead), MORNING, zone) for ahead in (0, 1))
        return next(morning for morning in mornings if morning > after)

    def _time(self, row: ContactValue, settings: Settings) -> str:
        """Which time it is, however late it is found: the date that comes once, or the year of the anniversary."""
        if not row.date or not settings.get("yearly", True):
            return str(row.date)
        latest = clock.now().astimezone(school_zone()).date() + timedelta(days=settings.get("days_before") or 0)
        return str(latest.year if _anniversary(row.date, latest.year) <= latest else latest.year - 1)


def _anniversary(day: date, year: int) -> date:
    """That day of that year; 29 February is kept on the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def _mornings(since: datetime, until: datetime) -> list[date]:
    """The days whose morning lies in `(since, until]`."""
    zone = school_zone()
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = [day + timedelta(days=ahead) for ahead in range((last - day).days + 1)]
    return [each for each in days if since < at_time(each, MORNING, zone) <= until]


def _falls_on(day: date) -> Q:
    """Dates whose anniversary is this day, from the date itself on."""
    wanted = Q(date__month=day.month, date__day=day.day)
    if day == _anniversary(date(2000, 2, 29), day.year):
        wanted |= Q(date__month=2, date__day=29)
    return wanted & Q(date__lte=day)
