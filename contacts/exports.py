"""What a line of an exported file says about a contact; an import reads the same columns (trust D4)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, ContactField
from contacts.own_holding import value_text

TITLES = {
    "email": gettext_lazy("Email"),
    "name": gettext_lazy("Name"),
    "phone": gettext_lazy("Phone"),
    "language": gettext_lazy("Language"),
    "country": gettext_lazy("Country"),
    "external_id": gettext_lazy("External number"),
    "tags": gettext_lazy("Tags"),
    "news": gettext_lazy("Wants news"),
    "created_at": gettext_lazy("Added"),
    "last_seen_at": gettext_lazy("Last seen"),
}
_OWN = ("email", "name", "phone", "language", "country", "external_id", "created_at", "last_seen_at")


def fields_shown() -> list[ContactField]:
    """The school's own fields in their order."""
    return list(ContactField.objects.filter(archived_at=None).order_by("position", "pk"))


def head_of(fields: Sequence[ContactField], *, raw: bool) -> list[str]:
    """The first line: keys for machines, titles for people."""
    own = [f"field:{field.token}" if raw else field.label for field in fields]
    return [key if raw else str(title) for key, title in TITLES.items()] + own


def cells_of(contact: Contact, fields: Sequence[ContactField], *, raw: bool) -> list[str]:
    """One line in the active time zone, of a contact whose tags and values are prefetched."""
    said = {row.field_id: value_text(row) for row in contact.values.all()}
    tags = ", ".join(sorted(row.tag.name for row in contact.contact_tags.all()))
    shown = {name: _text(getattr(contact, name), raw) for name in _OWN} | {"tags": tags, "news": _news(contact, raw)}
    return [shown[key] for key in TITLES] + [said.get(field.pk, "") for field in fields]


def _news(contact: Contact, raw: bool) -> str:
    if contact.unsubscribed_at or contact.bounced_at:
        return "no" if raw else _("no")
    if contact.consented_at:
        return "yes" if raw else _("yes")
    return ""


def _text(value: Any, raw: bool) -> str:
    if isinstance(value, datetime):
        local = timezone.localtime(value)
        return local.isoformat(timespec="seconds") if raw else f"{local:%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)
