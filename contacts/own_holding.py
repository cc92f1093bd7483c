"""What this app holds about a contact, and where the apps to its left keep texts (trust D8)."""

import json
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.emails import normalize_email
from contacts.forgetting import forget_sessions_later
from contacts.holdings import Holding, Names, classify, history_of, move_rows, register
from contacts.models import (
    Contact,
    ContactImportLine,
    ContactListMember,
    ContactTag,
    ContactValue,
    SentMail,
    SignInCode,
)
from contacts.search import SEARCH_KIND
from kwiga import mailbox
from schools import search
from schools.mail.forgetting import forget_mail
from schools.models import StoredFile
from schools.tenancy.history import rewritten_history
from schools.tenancy.scope import current_school_id

FACTS = ("email", "name", "phone", "language", "country", "external_id")


def register_own() -> None:
    """Register the part of this app, and whose the texts of its tables are."""
    register(
        Holding(key="contacts", move=_move, erase=_erase, export=_export, names=_names, counts=_counts, forget=_forget),
    )
    _classify()


def value_text(value: ContactValue) -> str:
    """What a field of the school's own says, as text."""
    if value.number is not None:
        return f"{value.number.normalize():f}"
    if value.flag is not None:
        return "yes" if value.flag else "no"
    return value.date.isoformat() if value.date else value.text


def _move(other: Contact, into: Contact) -> None:
    move_rows(ContactTag.objects.filter(contact=other), into, "tag")
    move_rows(ContactListMember.objects.filter(contact=other), into, "contact_list")
    move_rows(ContactValue.objects.filter(contact=other), into, "field")
    SentMail.objects.filter(contact=other).update(contact=into)
    SignInCode.objects.filter(contact=other).delete()
    search.index(SEARCH_KIND, other.pk)
    _point_elsewhere(other.pk, into.pk)


# What the journal and the outbox say by number.
_MOVES = (
    "UPDATE schools_event SET subject_id = %(into)s"
    " WHERE school_id = %(school)s AND subject_kind = 'contact' AND subject_id = %(other)s",
    "UPDATE schools_event SET data = data || jsonb_build_object('contact', %(into)s::bigint)"
    " WHERE school_id = %(school)s AND data @> jsonb_build_object('contact', %(other)s::bigint)",
    "UPDATE schools_event SET data = jsonb_set(data, '{contacts}', (SELECT jsonb_agg(CASE"
    " WHEN each = to_jsonb(%(other)s::bigint) THEN to_jsonb(%(into)s::bigint) ELSE each END)"
    " FROM jsonb_array_elements(data -> 'contacts') AS each))"
    " WHERE school_id = %(school)s AND data -> 'contacts' @> to_jsonb(%(other)s::bigint)",
    "UPDATE schools_outbox SET payload = payload || jsonb_build_object('contact', %(into)s::bigint)"
    " WHERE school_id = %(school)s AND done_at IS NULL"
    " AND payload @> jsonb_build_object('contact', %(other)s::bigint)",
)


def _point_elsewhere(other: int, into: int) -> None:
    with connection.cursor() as cursor:
        for statement in _MOVES:
            cursor.execute(statement, {"school": current_school_id(), "other": other, "into": into})


def _names(contact: Contact) -> Names:
    past = history_of(Contact).objects.filter(school_id=contact.school_id, pgh_obj_id=contact.pk)
    said = [*past.values_list("email", "name", "phone", "external_id")]
    said.append((contact.email, contact.name, contact.phone, contact.external_id))
    return Names(
        frozenset(normalize_email(row[0]) for row in said if row[0]),
        frozenset(text for row in said for text in row[1:] if text),
    )


def _erase(contact: Contact) -> None:
    for rows in (ContactTag, ContactListMember, ContactValue, SignInCode):
        rows.objects.filter(contact=contact).delete()
    SentMail.objects.filter(contact=contact).update(subject="")
    search.index(SEARCH_KIND, contact.pk)
    for name in FACTS:
        setattr(contact, name, "")
    contact.email = erased_email(contact)
    contact.save(update_fields=FACTS)
    _erase_history(contact)


def erased_email(contact: Contact) -> str:
    """What stands where an address is needed; mail to it goes nowhere (RFC 2606)."""
    return f"erased-{contact.pk}@erased.invalid"


def _erase_history(contact: Contact) -> None:
    with rewritten_history(Contact):
        past = history_of(Contact).objects.filter(school_id=contact.school_id, pgh_obj_id=contact.pk)
        past.update(**dict.fromkeys(FACTS, ""), pgh_context=None)


def _export(contact: Contact) -> dict[str, Any]:
    values = ContactValue.objects.filter(contact=contact).select_related("field").order_by("field__position", "pk")
    members = ContactListMember.objects.filter(contact=contact).order_by("pk")
    mails = SentMail.objects.filter(contact=contact).order_by("created_at", "pk")
    instants = ("created_at", "last_seen_at", "verified_at", "consented_at", "unsubscribed_at", "bounced_at")
    return {
        **{name: getattr(contact, name) for name in (*FACTS, *instants)},
        "fields": {value.field.label: value_text(value) for value in values},
        "tags": sorted(ContactTag.objects.filter(contact=contact).values_list("tag__name", flat=True)),
        "lists": list(members.values("contact_list__name", "created_at")),
        "mails": list(mails.values("subject", "is_news", "state", "created_at", "sent_at")),
    }


def _counts(contact: Contact) -> list[tuple[str | Promise, int]]:
    return [
        (_("Lists"), ContactListMember.objects.filter(contact=contact).count()),
        (_("Tags"), ContactTag.objects.filter(contact=contact).count()),
        (_("Own fields"), ContactValue.objects.filter(contact=contact).count()),
        (_("Mails"), SentMail.objects.filter(contact=contact).count()),
    ]


def _forget(names: Names) -> None:
    words = {word for word in names.words if len(word) > 2}
    forget_mail(names.emails, words)
    forget_lines(ContactImportLine.objects.all(), names)
    forget_sessions_later(names.emails)
    school = str(current_school_id())
    transaction.on_commit(lambda: mailbox.forget(school, names.emails | words), robust=True)


def forget_lines(lines: models.QuerySet[Any, Any], names: Names) -> None:
    """Empty the lines of imports that speak of a person: they hold one of the addresses, or a cell is one of the words.

    A line that waits is refused, so that nobody is made of it.
    """
    hits = Q()
    for email in names.emails:
        hits |= Q(text__icontains=json.dumps(email, ensure_ascii=False)[1:-1])
    for word in names.words:
        hits |= Q(text__icontains=json.dumps(word, ensure_ascii=False))
    if not hits:
        return
    text = models.functions.Cast("cells", models.TextField())
    found = list(lines.annotate(text=text).filter(hits).values_list("pk", flat=True))
    lines.filter(pk__in=found, state="waiting").update(state="refused")
    lines.filter(pk__in=found).update(cells={}, error="")


def discard_files(files: models.QuerySet[StoredFile]) -> None:
    """Forget uploads that nothing points at any more; their bytes go after the commit."""
    paths = list(files.values_list("path", flat=True))
    files.delete()

    def remove() -> None:
        for path in paths:
            default_storage.delete(path)

    transaction.on_commit(remove, robust=True)


def _classify() -> None:
    classify(
        "contacts.Contact",
        person="email name phone language external_id country",
        code="token",
    )
    classify("contacts.SignInCode", person="contact", code="browser_digest code_digest")
    classify("contacts.Tag", school="name name_key", code="token")
    classify("contacts.ContactTag", person="contact")
    classify("contacts.ContactField", school="label choices", code="token kind")
    classify("contacts.ContactValue", person="contact text")
    classify("contacts.ContactImport", school="file_name mapping options", code="token")
    classify("contacts.ContactImportLine", person="cells error", code="state")
    classify("contacts.ContactList", school="name conditions", code="token")
    classify("contacts.ContactListMember", person="contact")
    classify("contacts.SentMail", person="contact subject", code="dedupe_key state")
    classify("contacts.Suppression", code="email_digest reason")
    _classify_schools()


def _classify_schools() -> None:
    classify("schools.DemoRow", code="kind")
    classify("schools.Domain", school="host")
    classify("schools.Event", code="kind subject_kind data")
    classify("schools.Invitation", team="email", code="role token_digest")
    classify("schools.Member", code="role")
    classify("schools.OutboxRow", sealed="payload", code="kind dedupe_key last_error")
    classify(
        "schools.School",
        school="name legal_name address contact_email contact_phone sender_name tax_note store_title store_text",
        code="slug currency language after_sign_in",
    )
    classify("schools.SearchWord", person="word", code="kind")
    classify("schools.Secret", sealed="ciphertext", code="name last_four")
    classify("schools.StoredFile", person="name", code="token audience content_type path")
    classify("schools.User", team="email name", code="password")
    classify("account.EmailAddress", team="email")
    classify("account.EmailConfirmation", code="key")
    classify("auth.Group", code="name")
    classify("auth.Permission", code="name codename")
    classify("contenttypes.ContentType", code="app_label model")
    classify("pghistory.Context", code="metadata")
    classify("sessions.Session", person="session_data", code="session_key")
