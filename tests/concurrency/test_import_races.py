"""Two imports of the same people at once, and somebody typing one of them: each person once, and all adds up (R6)."""

from collections import Counter

import pytest

from contacts.importing import read_file
from contacts.models import Contact, ContactImport, ContactImportLine, ContactListMember
from contacts.services.imports import KIND, ImportEffect, keep_import, settle_import, start_import
from contacts.services.lists import create_list
from contacts.services.people import recognize_contact
from schools.invariants import check_invariants
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.support.races import race

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"]),
    pytest.mark.prove,
]
PEOPLE = 60


def started(school, group, emails) -> ContactImport:
    text = "email,name,tags\n" + "".join(f"{email},Somebody,{number % 3}\n" for number, email in enumerate(emails))
    with school_scope(school):
        kept = keep_import(table=read_file(text.encode()), file_name="people.csv", actor=None)
        settle_import(
            contact_import=kept, mapping=kept.mapping, options={"list": group.token, "tags": ["Fair"], "agreed": True}
        )
        return start_import(contact_import=kept, actor=None)


def work(school, kept):
    def run() -> str:
        with school_scope(school):
            row = OutboxRow.objects.get(kind=KIND, payload__import=kept.pk, done_at=None)
            ImportEffect().apply(row)
            OutboxRow.objects.filter(pk=row.pk).update(done_at=row.created_at)
        return "worked"

    return run


def drain_all() -> str:
    while drain():
        pass
    return "drained"


@pytest.mark.spec("R6: two workers at two imports of the same file make each person and tell each piece once")
def test_two_workers_at_two_imports_of_the_same_file(school, monkeypatch):
    monkeypatch.setattr(ImportEffect, "piece", 20)
    with school_scope(school):
        group = create_list(name="All", actor=None)
    emails = [f"p{number:03d}@x.test" for number in range(PEOPLE)]
    for _time in range(2):
        started(school, group, emails)
    race(drain_all, drain_all)
    drain_all()
    with school_scope(school):
        assert Contact.objects.count() == PEOPLE == ContactListMember.objects.count()
        assert Event.objects.filter(kind="contact.created").count() == PEOPLE
        assert Event.objects.filter(kind="contact.imported").count() == 2
        assert ContactImport.objects.filter(finished_at=None).count() == 0
        states = Counter(ContactImportLine.objects.values_list("state", flat=True))
        assert states["made"] <= PEOPLE and sum(states.values()) - states["waiting"] == 2 * PEOPLE
        assert states["refused"] == states["waiting"] == 0
        assert not OutboxRow.objects.filter(kind=KIND, done_at=None).exists()
    assert [finding for finding in check_invariants() if finding.rows] == []


@pytest.mark.spec("R6")
def test_two_imports_and_a_visit_make_each_person_once(school):
    with school_scope(school):
        group = create_list(name="All", actor=None)
    emails = [f"p{number:03d}@x.test" for number in range(PEOPLE)]
    first = started(school, group, emails[:40])
    second = started(school, group, list(reversed(emails[20:])))

    def visit() -> str:
        for email in emails[25:35]:
            with school_scope(school):
                recognize_contact(email=email, name="Typed")
        return "typed"

    assert race(work(school, first), work(school, second), visit) == ["worked", "worked", "typed"]
    with school_scope(school):
        assert Contact.objects.count() == PEOPLE
        assert Event.objects.filter(kind="contact.created").values("subject_id").distinct().count() == PEOPLE
        assert Event.objects.filter(kind="contact.created").count() == PEOPLE
        assert ContactListMember.objects.count() == PEOPLE
        states = Counter(ContactImportLine.objects.values_list("state", flat=True))
        assert states["made"] + states["changed"] + states["same"] == 80 and states["made"] <= PEOPLE
        assert all(contact.consented_at for contact in Contact.objects.all())
    assert [finding for finding in check_invariants() if finding.rows] == []
