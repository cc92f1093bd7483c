"""What an incoming hook is told: read from JSON or a form, and taken in once for each id that comes with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from automations.models import HookCall, IncomingHook
from contacts.models import Contact
from contacts.services.lists import add_members
from contacts.services.people import recognize_contact
from kwiga import clock
from kwiga.addresses import validate_address
from kwiga.tokens import digest
from schools.journal import record_event
from schools.tenancy.scope import current_school_id

_LONGEST_ID = 200


class Unreadable(Exception):
    """What came is not what a hook takes; `reason` is a word for the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a call says. `given` is the sender's own mark of it, empty when there is none."""

    email: str
    name: str = ""
    phone: str = ""
    language: str = ""
    external_id: str = ""
    given: str = ""


def read_call(said: Mapping[str, Any], header_id: str = "") -> Told:
    """The facts of a call, cut to what is kept of each. Raises Unreadable without a valid email."""
    language = _text(said, "language", 5)
    return Told(
        email=_email(said),
        name=_text(said, "name", 120),
        phone=_text(said, "phone", 40),
        language=language if language in dict(settings.LANGUAGES) else "",
        external_id=_text(said, "external_id", 120),
        given=header_id[:_LONGEST_ID] or _text(said, "id", _LONGEST_ID),
    )


@transaction.atomic
def receive(*, hook: IncomingHook, told: Told) -> bool:
    """Take a call in: the contact recognized or made, put on the hook's list, and the event told.

    False for the repeat of a call with the same id, which changes nothing.
    """
    locked = IncomingHook.objects.select_for_update(of=("self",)).get(pk=hook.pk)
    if told.given and not _is_first(locked, told.given):
        return False
    contact = recognize_contact(
        email=told.email,
        name=told.name,
        phone=told.phone,
        language=told.language,
        external_id=told.external_id,
    )
    _put_on_list(locked, contact)
    locked.last_received_at = clock.now()
    locked.save(update_fields=["last_received_at"])
    record_event("hook.received", subject=contact, data={"hook": locked.pk})
    return True


def _put_on_list(hook: IncomingHook, contact: Contact) -> None:
    chosen = hook.contact_list
    if chosen and not chosen.is_dynamic and chosen.archived_at is None:
        add_members(contact_list=chosen, contacts=[contact], actor=None)


def _is_first(hook: IncomingHook, given: str) -> bool:
    _call, is_first = HookCall.objects.get_or_create(
        school_id=current_school_id(), hook=hook, digest=digest(given), defaults={"created_at": clock.now()}
    )
    return is_first


def _email(said: Mapping[str, Any]) -> str:
    email = _text(said, "email", 300)
    try:
        validate_address(email)
    except ValidationError as error:
        raise Unreadable("email_invalid" if email else "email_missing") from error
    if len(email) > 254:
        raise Unreadable("email_invalid")
    return email


def _text(said: Mapping[str, Any], name: str, longest: int) -> str:
    value = said.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).replace("\x00", "").strip()[:longest]
