"""Importing contacts: the file is kept, looked at as often as wanted, and worked in pieces that survive a kill."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.importing import Plan, Rules, Table, detected, emails_in, known_to, planned
from contacts.mailing.suppression import email_digest, suppress
from contacts.models import (
    Contact,
    ContactField,
    ContactImport,
    ContactImportLine,
    ContactList,
    ContactValue,
    Suppression,
)
from contacts.search import SEARCH_KIND, words_about
from contacts.services.lists import add_members
from contacts.services.tags import tag_contacts
from kwiga import clock
from schools import imports, search
from schools.journal import record_event, record_events, record_facts
from schools.models import User
from schools.outbox.effects import register
from schools.tenancy.scope import current_school_id

KIND = "contact_import"
PIECE = 500
LOOKED_AT_ONCE = 2_000
State = ContactImportLine.State
_NEWS = {
    "consented_at": "contact.subscribed",
    "unsubscribed_at": "contact.unsubscribed",
    "bounced_at": "contact.bounced",
}


@transaction.atomic
def keep_import(*, table: Table, file_name: str, actor: User | None) -> ContactImport:
    """Keep what a file says, with its columns read by their titles; nobody is made or changed yet."""
    kept = ContactImport.objects.create(
        school_id=current_school_id(),
        file_name=file_name[:120],
        mapping=detected(table.columns, list(_fields().values())),
        options={"columns": table.columns},
        created_by=actor,
    )
    rows = [
        ContactImportLine(school_id=kept.school_id, contact_import=kept, number=number, cells=cells)
        for number, cells in enumerate(table.lines, start=2)
    ]
    ContactImportLine.objects.bulk_create(rows, batch_size=2_000)
    return kept


@transaction.atomic
def settle_import(
    *, contact_import: ContactImport, mapping: Mapping[str, str], options: Mapping[str, Any]
) -> ContactImport:
    """Say what each column is and what holds for all lines; one that was started stays as it was."""
    locked = ContactImport.objects.select_for_update(of=("self",)).get(pk=contact_import.pk)
    if locked.started_at is None:
        locked.mapping = dict(mapping)
        locked.options = {**options, "columns": locked.options.get("columns", [])}
        locked.save(update_fields=["mapping", "options"])
    return locked


@transaction.atomic
def start_import(*, contact_import: ContactImport, actor: User | None) -> ContactImport:
    """Have the worker work the lines; asked twice it starts once."""
    started: ContactImport = imports.start(ImportEffect(), contact_import, event="contact.import_started", actor=actor)
    return started


class ImportEffect(imports.ImportEffect):
    """Makes and changes the contacts of a file."""

    label = _("Import of contacts")
    kind, imports, piece = KIND, ContactImport, PIECE

    def lines_of(self, kept: ContactImport) -> QuerySet[ContactImportLine]:
        return ContactImportLine.objects.filter(contact_import=kept)

    def work(self, kept: ContactImport, lines: Sequence[ContactImportLine]) -> None:
        _mark(lines, _made(kept, [line.cells for line in lines]))

    def finish(self, kept: ContactImport) -> None:
        states = Counter(self.lines_of(kept).values_list("state", flat=True))
        data = {"import": kept.pk, **{state: states[state] for state in State.values if state != State.WAITING}}
        record_event("contact.imported", actor=kept.created_by, data=data)


def register_own() -> None:
    """Register the effect of this module."""
    register(KIND, ImportEffect())


def rules_of(kept: ContactImport) -> Rules:
    """How the lines of an import are read now."""
    return Rules(
        mapping=kept.mapping,
        fields=_fields(),
        tags=tuple(kept.options.get("tags", ())),
        joins_list=list_of(kept) is not None,
        overwrites=bool(kept.options.get("overwrites")),
        agreed=bool(kept.options.get("agreed")),
    )


def list_of(kept: ContactImport) -> ContactList | None:
    """The static list that the people of an import are put in."""
    token = kept.options.get("list", "")
    return ContactList.objects.filter(token=token, conditions__isnull=True, archived_at=None).first() if token else None


def rehearse(kept: ContactImport) -> dict[int, Plan]:
    """What each line would do if the import were worked now, by the line's number; nothing is written."""
    rules, contact_list, at = rules_of(kept), list_of(kept), clock.now()
    rows = list(ContactImportLine.objects.filter(contact_import=kept, state=State.WAITING).order_by("number"))
    known = known_to([], contact_list)
    plans: dict[int, Plan] = {}
    for start in range(0, len(rows), LOOKED_AT_ONCE):
        piece = rows[start : start + LOOKED_AT_ONCE]
        cells = [row.cells for row in piece]
        fresh = [email for email in emails_in(cells, rules.mapping) if email not in known.contacts]
        known.learn(known_to(fresh, contact_list))
        plans |= dict(zip([row.number for row in piece], planned(cells, rules, known, at), strict=True))
    return plans


def _fields() -> dict[str, ContactField]:
    return {each.token: each for each in ContactField.objects.filter(archived_at=None)}


def _made(kept: ContactImport, cells: Sequence[Mapping[str, str]]) -> list[Plan]:
    """Make and change the people of these lines.

    People are inserted in the order of their addresses and locked in the order of their ids, so that two imports at
    once wait for each other at most, and whoever loses a race for an address changes the winner's contact.
    """
    rules, contact_list, at = rules_of(kept), list_of(kept), clock.now()
    emails = emails_in(cells, rules.mapping)
    fresh = _insert_new(planned(cells, rules, known_to(emails, contact_list), at))
    list(Contact.objects.select_for_update(of=("self",), no_key=True).filter(email__in=emails).order_by("pk"))
    known = known_to(emails, contact_list)
    known.fresh = {email for email, contact in known.contacts.items() if contact.token in fresh}
    new = [known.contacts[email] for email in sorted(known.fresh)]
    plans = planned(cells, rules, known, at)
    _tell_new(new, kept.created_by)
    _write(plans, kept.created_by)
    if contact_list:
        joining = [plan.contact for plan in plans if plan.joins and plan.contact]
        add_members(contact_list=contact_list, contacts=joining, actor=kept.created_by)
    return plans


def _insert_new(plans: Iterable[Plan]) -> set[str]:
    """Insert whom nobody knows yet, with what their lines say; the tokens under which they are new."""
    people = {plan.contact.email: plan.contact for plan in plans if plan.state == State.MADE and plan.contact}
    rows = [_bare(people[email]) for email in sorted(people)]
    Contact.objects.bulk_create(rows, ignore_conflicts=True)
    return {row.token for row in rows}


def _bare(planned_one: Contact) -> Contact:
    names = ("email", "name", "phone", "language", "country", "external_id", *_NEWS)
    return Contact(school_id=current_school_id(), **{name: getattr(planned_one, name) for name in names})


def _tell_new(new: Sequence[Contact], actor: User | None) -> None:
    search.index_all_new(SEARCH_KIND, {contact.pk: words_about(contact) for contact in new})
    record_events("contact.created", subjects=new, actor=actor)
    for name, kind in _NEWS.items():
        told = [contact for contact in new if getattr(contact, name)]
        if told:
            _refuse_news(name, told)
            record_events(kind, subjects=told, actor=actor)


def _write(plans: Sequence[Plan], actor: User | None) -> None:
    _write_facts(plans, actor)
    _write_values(plans)
    by_tag: dict[str, list[Contact]] = {}
    for plan in plans:
        for name in plan.tags:
            by_tag.setdefault(name, []).append(_contact(plan))
    for name in sorted(by_tag, key=str.casefold):
        tag_contacts(contacts=by_tag[name], name=name, actor=actor)


def _write_facts(plans: Sequence[Plan], actor: User | None) -> None:
    changed: dict[int, set[str]] = {}
    told: dict[str, list[Contact]] = {}
    contacts = {}
    for plan in plans:
        if plan.facts or plan.news:
            contact = _contact(plan)
            contacts[contact.pk] = contact
            changed.setdefault(contact.pk, set()).update(plan.facts)
            for name in plan.news:
                told.setdefault(name, []).append(contact)
    for pk, names in sorted(changed.items()):
        contact = contacts[pk]
        contact.updated_at = clock.now()
        contact.save(update_fields=[*names, *_NEWS, "updated_at"])
        if names:
            search.index(SEARCH_KIND, pk, *words_about(contact))
    facts = [(contacts[pk], {"fields": sorted(names)}) for pk, names in sorted(changed.items()) if names]
    record_facts("contact.changed", facts=facts, actor=actor)
    for name, those in told.items():
        _refuse_news(name, those)
        record_events(_NEWS[name], subjects=those, actor=actor)


def _refuse_news(name: str, contacts: Iterable[Contact]) -> None:
    reasons = {"unsubscribed_at": Suppression.Reason.UNSUBSCRIBED, "bounced_at": Suppression.Reason.BOUNCED}
    if name in reasons:
        for contact in contacts:
            suppress(email_digest(contact.email), reasons[name])


def _write_values(plans: Iterable[Plan]) -> None:
    said = {(_contact(plan).pk, pk): columns for plan in plans for pk, columns in plan.values.items()}
    rows = [
        ContactValue(school_id=current_school_id(), contact_id=contact, field_id=pk, updated_at=clock.now(), **columns)
        for (contact, pk), columns in sorted(said.items(), key=lambda pair: pair[0])
    ]
    ContactValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["school", "contact", "field"],
        update_fields=["text", "number", "date", "flag", "updated_at"],
    )


def _contact(plan: Plan) -> Contact:
    if plan.contact is None:  # a refused line changes nothing
        raise LookupError("a plan without a contact")
    return plan.contact


def _mark(lines: Sequence[ContactImportLine], plans: Sequence[Plan]) -> None:
    """What became of each line. What a worked one said is the contact's now, and is not kept twice."""
    for line, plan in zip(lines, plans, strict=True):
        line.state, line.error = plan.state, plan.error
        if plan.state != State.REFUSED:
            line.cells = {}
    ContactImportLine.objects.bulk_update(lines, ["state", "error", "cells"], batch_size=500)
