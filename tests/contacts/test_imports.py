"""Contacts from a file: looked at first, worked in pieces, resumed after a kill, each line once (P2, D5)."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.importing import LIMITS, read_file
from contacts.models import (
    Contact,
    ContactField,
    ContactImport,
    ContactImportLine,
    ContactList,
    ContactListMember,
    ContactValue,
    Tag,
)
from contacts.services import consent
from contacts.services.erasing import erase_contact
from contacts.services.imports import (
    KIND,
    ImportEffect,
    keep_import,
    rehearse,
    settle_import,
    start_import,
)
from contacts.services.lists import create_list
from kwiga.csv import FileRefused, line_of, read_upload
from schools.models import Event, OutboxRow, School
from schools.search import found
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.tenancy.world import fingerprint

State = ContactImportLine.State


class Killed(BaseException):
    """The process is gone in the middle of its work."""


def work(school: School, pieces: int = 1_000, *, dies: bool = False) -> None:
    """Work the rows of imports that are due, as a worker does; the last of them in vain when it `dies`."""
    for number in range(pieces):
        try:
            with school_scope(school):
                row = OutboxRow.objects.filter(kind=KIND, done_at=None).order_by("pk").first()
                if row is None:
                    return
                ImportEffect().apply(row)
                if dies and number == pieces - 1:
                    raise Killed
                OutboxRow.objects.filter(pk=row.pk).update(done_at=row.created_at)
        except Killed:
            return


def imported(school: School, text: str, *, mapping: dict[str, str] | None = None, **options: Any) -> ContactImport:
    """The import of a file from the upload to its end."""
    with school_scope(school):
        kept = keep_import(table=read_file(text.encode()), file_name="people.csv", actor=None)
        settle_import(contact_import=kept, mapping=kept.mapping if mapping is None else mapping, options=options)
        start_import(contact_import=kept, actor=None)
    work(school)
    with school_scope(school):
        return ContactImport.objects.get(pk=kept.pk)


def upload(client: Any, text: str) -> Any:
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    return client.post("/green/contacts/import/", {"file": file}, follow=True)


def states(school: School) -> list[str]:
    with school_scope(school):
        return list(ContactImportLine.objects.order_by("contact_import", "number").values_list("state", flat=True))


def test_people_are_made_changed_left_and_refused(school):
    ContactFactory(school=school, email="known@x.test", name="Known", phone="")
    ContactFactory(school=school, email="same@x.test", name="Same")
    text = "Email,Name,Phone\nNEW@x.test , New  One ,+380 44 1\nknown@x.test,Other,123456\nsame@x.test,Same,\n"
    text += "no,No,\n,No,\n"
    kept = imported(school, text)
    assert states(school) == ["made", "changed", "same", "refused", "refused"]
    with school_scope(school):
        new = Contact.objects.get(email="new@x.test")
        assert (new.name, new.phone) == ("New One", "+380 44 1")
        known = Contact.objects.get(email="known@x.test")
        assert (known.name, known.phone) == ("Known", "123456")  # only what was empty
        assert Event.objects.filter(kind="contact.created", subject_id=new.pk).count() == 1
        assert Event.objects.get(kind="contact.changed", subject_id=known.pk).data == {"fields": ["phone"]}
        told = Event.objects.get(kind="contact.imported").data
        assert told == {"import": kept.pk, "made": 1, "changed": 1, "same": 1, "refused": 2}
        assert [hit for hits in found("contact", "new") for hit in hits.values_list("object_id", flat=True)]
        refused = ContactImportLine.objects.filter(state=State.REFUSED).order_by("number")
        assert [line.error for line in refused] == ["“no” is no email.", "The line has no email."]
    assert kept.finished_at


def test_overwriting_takes_what_the_file_says_and_empty_cells_change_nothing(school):
    ContactFactory(school=school, email="known@x.test", name="Known", phone="123456")
    imported(school, "email,name,phone\nknown@x.test,Other,\n", overwrites=True)
    with school_scope(school):
        known = Contact.objects.get()
        assert (known.name, known.phone) == ("Other", "123456")


@pytest.mark.spec("P2.3")
def test_somebody_twice_in_the_file_is_one_contact_and_one_member(school):
    with school_scope(school):
        group = create_list(name="VIP", actor=None)
    text = "email,name\na@x.test,Ann\nA@X.test,Ann\na@x.test,Other\nb@x.test,\n"
    imported(school, text, list=group.token, tags=["Fair"])
    imported(school, text, list=group.token, tags=["fair"])
    assert states(school)[:4] == ["made", "same", "same", "made"]
    assert states(school)[4:] == ["same"] * 4
    with school_scope(school):
        assert Contact.objects.count() == 2
        assert ContactListMember.objects.filter(contact_list=group).count() == 2
        assert Tag.objects.get().contact_tags.count() == 2
        assert Event.objects.filter(kind="list.joined").count() == 1


def test_own_fields_are_read_by_their_kind(school):
    kinds = {"Born": "date", "Height": "number", "Level": "choice", "Vegan": "flag", "Note": "text"}
    with school_scope(school):
        for label, kind in kinds.items():
            ContactField.objects.create(
                school=school, label=label, kind=kind, choices=["Low", "High"] * (kind == "choice")
            )
    text = (
        "email;Born;Height;Level;Vegan;Note\n"
        "a@x.test;31.12.1990;1,75;high;yes;tall\n"
        "b@x.test;someday;;;;\nc@x.test;;tall;;;\nd@x.test;;;middle;;\ne@x.test;;;;maybe;\n"
    )
    imported(school, text)
    assert states(school) == ["made", "refused", "refused", "refused", "refused"]
    with school_scope(school):
        said = {value.field.label: value for value in ContactValue.objects.select_related("field")}
        assert (str(said["Born"].date), str(said["Height"].number)) == ("1990-12-31", "1.7500")
        assert (said["Level"].text, said["Vegan"].flag, said["Note"].text) == ("High", True, "tall")


def test_consent_comes_to_those_who_said_nothing_and_a_no_stays(school):
    said_no = ContactFactory(school=school, email="no@x.test")
    gone = ContactFactory(school=school, email="bounced@x.test")
    with school_scope(school):
        consent.unsubscribe(contact=said_no)
        consent.mark_bounced(contact=gone)
    text = "email,news\nno@x.test,yes\nbounced@x.test,yes\nnew@x.test,yes\nleft@x.test,no\nopen@x.test,\n"
    imported(school, text, agreed=True)
    with school_scope(school):
        people = {contact.email: contact for contact in Contact.objects.all()}
        assert people["no@x.test"].consented_at is None and people["no@x.test"].unsubscribed_at
        assert people["bounced@x.test"].consented_at is None and people["bounced@x.test"].bounced_at
        assert people["new@x.test"].consented_at and people["open@x.test"].consented_at
        assert people["left@x.test"].consented_at is None and people["left@x.test"].unsubscribed_at
        assert consent.suppressed("left@x.test")


def test_an_address_that_wants_no_news_stays_so_when_its_contact_is_gone(school):
    contact = ContactFactory(school=school, email="no@x.test")
    with school_scope(school):
        consent.unsubscribe(contact=contact)
        Contact.objects.filter(pk=contact.pk).delete()
    imported(school, "email\nno@x.test\n", agreed=True)
    with school_scope(school):
        again = Contact.objects.get()
        assert again.unsubscribed_at and again.consented_at is None


@pytest.mark.spec("D8")
def test_whoever_was_erased_is_not_brought_back(school):
    contact = ContactFactory(school=school, email="gone@x.test")
    with school_scope(school):
        erase_contact(contact=contact, actor=None)
    imported(school, "email\nGone@x.test\n", agreed=True)
    assert states(school) == ["refused"]
    with school_scope(school):
        assert not Contact.objects.filter(email="gone@x.test").exists()


def test_the_look_before_the_start_says_what_happens_and_writes_nothing(school):
    ContactFactory(school=school, email="known@x.test", name="")
    text = "email,name\nnew@x.test,New\nnew@x.test,New\nknown@x.test,Known\nknown@x.test,Known\nno,\n"
    with school_scope(school):
        kept = keep_import(table=read_file(text.encode()), file_name="people.csv", actor=None)
        plans = rehearse(kept)
        assert [plans[number].state for number in range(2, 7)] == ["made", "same", "changed", "same", "refused"]
        assert Contact.objects.count() == 1 and Contact.objects.get().name == ""
        start_import(contact_import=kept, actor=None)
    work(school)
    assert states(school) == ["made", "same", "changed", "same", "refused"]


@pytest.mark.spec("P2.3: the same file again changes nothing")
def test_looking_changes_nothing_and_neither_does_the_same_file_again(school, owner, staff):
    client = staff(owner)
    upload(client, "email,name,tags\na@x.test,Ann,VIP\nb@x.test,Bob,VIP\nbad,Bad,\n")
    with school_scope(school):
        kept = ContactImport.objects.get()
    before = fingerprint(school)
    assert "New contacts: 2" in client.get(f"/green/contacts/import/{kept.token}/").text
    assert fingerprint(school) == before
    with school_scope(school):
        start_import(contact_import=kept, actor=None)
    work(school)
    with school_scope(school):
        told = Event.objects.exclude(kind__startswith="contact.import")
        people, events = list(Contact.objects.order_by("pk").values()), told.count()
    imported(school, "email,name,tags\nA@x.test ,Ann,vip\nb@x.test,Bob,VIP\nbad,Bad,\n")
    with school_scope(school):
        assert (list(Contact.objects.order_by("pk").values()), told.count()) == (people, events)
    assert states(school) == ["made", "made", "refused", "same", "same", "refused"]


def test_an_import_asked_for_twice_and_killed_makes_each_line_once(school):
    lines = [f"p{number:04d}@x.test,Person {number}" for number in range(1_700)]
    lines[17] = lines[1_200] = "bad,"
    with school_scope(school):
        kept = keep_import(
            table=read_file(("email,name\n" + "\n".join(lines)).encode()), file_name="people.csv", actor=None
        )
        for _time in range(2):
            start_import(contact_import=kept, actor=None)
    work(school, 3, dies=True)
    assert states(school).count("made") == 999  # two pieces stand, the third was never made
    work(school)
    with school_scope(school):
        assert Contact.objects.count() == 1_698
        assert Event.objects.filter(kind="contact.created").count() == 1_698
        assert Event.objects.filter(kind="contact.import_started").count() == 1
        assert Event.objects.filter(kind="contact.imported").count() == 1
    assert (states(school).count("made"), states(school).count("refused")) == (1_698, 2)


def test_what_was_worked_is_not_kept_twice(school):
    imported(school, "email,name\nnew@x.test,Somebody\nbad,Nobody\n")
    with school_scope(school):
        assert list(ContactImportLine.objects.order_by("number").values_list("cells", flat=True)) == [
            {},
            {"email": "bad", "name": "Nobody"},
        ]


def test_columns_are_read_by_titles_in_three_languages_and_by_fields(school):
    with school_scope(school):
        field = ContactField.objects.create(school=school, label="Shoe size", kind="number")
        for head in ("Email;Ім’я;Shoe size;Color", "Пошта;ПІБ;shoe SIZE;Color", "adres e-mail;imię;Shoe size;Color"):
            kept = keep_import(table=read_file(f"{head}\na@x.test;Ann;40;red\n".encode()), file_name="f", actor=None)
            columns = head.split(";")
            assert kept.mapping == {columns[0]: "email", columns[1]: "name", columns[2]: f"field:{field.token}"}


def test_a_list_that_is_gone_and_a_list_of_conditions_are_passed_over(school):
    with school_scope(school):
        dynamic = ContactList.objects.create(school=school, name="All", conditions={"match": "all", "parts": []})
    imported(school, "email\na@x.test\n", list=dynamic.token)
    with school_scope(school):
        assert Contact.objects.count() == 1 and not ContactListMember.objects.exists()


@pytest.mark.spec("D5: a file that is too large is refused before it is read")
def test_a_file_that_is_too_large_is_refused_before_it_is_read():
    class Endless(SimpleUploadedFile):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("it was read")

    for megabytes, sentence in ((LIMITS.megabytes, "it was read"), (51, "larger than 20 MB")):
        file = Endless("people.csv", b"email")
        file.size = megabytes * 1_000_000
        with pytest.raises((AssertionError, FileRefused), match=sentence):
            read_upload(file, LIMITS)


@pytest.mark.spec("D5: hostile cells are words or refused, and no line stops the others")
def test_hostile_cells_are_words_or_refused(school):
    rows = [
        ("ok1@x.test", "=HYPERLINK(1)"),
        ("ok2@x.test", "'=1+1"),
        ("ok3@x.test", "<script>alert(1)</script>{{ settings.SECRET_KEY }}"),
        ("ok4@x.test", "A\r\nBcc: v@x.test"),
        ("ok5@x.test", "\u202eevil\u2028=1"),
        ("=?utf-8?q?v=40evil.test=2C?=@x.test", "Encoded"),
        ("a@x.test,b@x.test", "Two"),
        ("a@x.test\nBcc: b@x.test", "Header"),
        ("erased-1@erased.invalid", "Erased"),
        ("ok6@x.test", "x" * 3_999),
    ]
    imported(school, "email,name\n" + "".join(line_of(row) for row in rows))
    with school_scope(school):
        names = dict(Contact.objects.order_by("email").values_list("email", "name"))
    assert states(school) == ["made"] * 5 + ["refused"] * 5
    assert names == {
        "ok1@x.test": "=HYPERLINK(1)",
        "ok2@x.test": "'=1+1",  # only the guard of an export goes
        "ok3@x.test": rows[2][1],
        "ok4@x.test": "A Bcc: v@x.test",
        "ok5@x.test": "\u202eevil =1",
    }
