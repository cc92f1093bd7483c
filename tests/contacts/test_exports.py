"""Contacts as a file, and everything about one person as a zip (D4, D8)."""

import io
import json
import zipfile
from typing import Any

import pytest

from contacts.importing import read_file
from contacts.models import Contact, ContactField, ContactImport, ContactValue
from contacts.services import consent
from contacts.services.erasing import erase_contact
from contacts.services.imports import keep_import
from contacts.services.tags import tag_contacts
from courses.models import Lesson
from courses.services.assignments import hand_in
from kwiga import clock
from schools.models import Event
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access, make_assignment
from tests.factories.files import text_upload
from tests.factories.orders import PaidOrderFactory, sold_offer
from tests.factories.schools import MemberFactory


def text_of(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


@pytest.fixture
def people(school) -> list[Contact]:
    first = ContactFactory(school=school, email="ann@x.test", name="=HYPERLINK(1)", phone="+380 44 1")
    second = ContactFactory(school=school, email="bob@x.test", name="Bob")
    with school_scope(school):
        field = ContactField.objects.create(school=school, label="Pet", kind="text")
        ContactValue.objects.create(school=school, contact=first, field=field, text="@cat")
        tag_contacts(contacts=[first], name="VIP")
        tag_contacts(contacts=[first], name="Early")
        consent.subscribe(contact=first)
        consent.unsubscribe(contact=second)
    return [first, second]


@pytest.mark.spec("D4")
def test_a_file_for_people_holds_facts_tags_and_fields_and_no_formula(school, owner, staff, people):
    response = staff(owner).get("/green/contacts/export/")
    assert response["Cache-Control"] == "no-store"
    head, bob, ann = text_of(response).removeprefix("\ufeff").splitlines()
    assert head.startswith('"Email","Name","Phone"') and head.endswith('"Pet"')
    assert ann.startswith('"ann@x.test","\'=HYPERLINK(1)","\'+380 44 1"')
    assert '"Early, VIP","yes"' in ann and ann.endswith('"\'@cat"')
    assert '"bob@x.test"' in bob and ',"no",' in bob


def test_a_file_for_machines_holds_keys_and_cells_as_they_are(school, owner, staff, people):
    head, _bob, ann = text_of(staff(owner).get("/green/contacts/export/?raw=1")).splitlines()
    assert head.startswith('"email","name","phone","language","country","external_id","tags","news"')
    assert '"=HYPERLINK(1)"' in ann and '"@cat"' in ann


def test_those_who_were_chosen_and_those_who_fit(school, owner, staff, people):
    client = staff(owner)
    chosen = text_of(client.post("/green/contacts/export/", {"contact": [people[1].token]}))
    assert "bob@x.test" in chosen and "ann@x.test" not in chosen
    fitting = text_of(client.get("/green/contacts/export/", {"q": "ann"}))
    assert "ann@x.test" in fitting and "bob@x.test" not in fitting
    assert client.post("/green/contacts/export/").status_code == 302
    client.head("/green/contacts/export/")
    with school_scope(school):
        told = Event.objects.filter(kind="contact.downloaded", actor=owner)
        assert [event.data["chosen"] for event in told.order_by("pk")] == [1, 0]


def test_the_erased_are_in_no_file(school, owner, staff, people):
    with school_scope(school):
        erase_contact(contact=people[0], actor=None)
    assert "erased" not in text_of(staff(owner).get("/green/contacts/export/"))


def test_an_exported_file_is_imported_without_a_change(school, owner, staff, people):
    file = text_of(staff(owner).get("/green/contacts/export/"))
    from contacts.services.imports import rehearse

    with school_scope(school):
        kept = keep_import(table=read_file(file.encode()), file_name="f", actor=None)
        ContactImport.objects.filter(pk=kept.pk).update(options=kept.options | {"overwrites": True})
        assert [plan.state for plan in rehearse(ContactImport.objects.get()).values()] == ["same", "same"]


def test_a_file_is_written_in_pieces_and_holds_each_person_once(
    school, other_school, owner, staff, monkeypatch, django_assert_max_num_queries
):
    monkeypatch.setattr("contacts.views.exports.PIECE", 3)
    ContactFactory(school=other_school, email="stranger@x.test")
    for number in range(8):
        ContactFactory(school=school, email=f"p{number}@x.test")
    response = staff(owner).get("/green/contacts/export/?raw=1")
    lines = iter(response.streaming_content)
    pieces = [next(lines), next(lines)]
    # Who comes and who goes meanwhile moves nobody from one piece to another.
    ContactFactory(school=school, email="late@x.test")
    with school_scope(school):
        erase_contact(contact=Contact.objects.get(email="p6@x.test"), actor=None)
    with django_assert_max_num_queries(30):
        pieces += lines
    emails = [line.split(",")[0].strip('"') for line in b"".join(pieces).decode().splitlines()[1:]]
    assert emails == [f"p{number}@x.test" for number in (7, 6, 5, 4, 3, 2, 1, 0)]
    assert len(pieces) == 4


@pytest.mark.parametrize(("role", "status"), [(Role.MARKETING, 200), (Role.SUPPORT, 403), (Role.READ_ONLY, 403)])
def test_who_may_export(school, staff, people, role, status):
    client = staff(MemberFactory(school=school, role=role).user)
    assert client.get("/green/contacts/export/").status_code == status
    assert client.get(f"/green/contacts/{people[0].token}/personal-data/").status_code == status


@pytest.mark.spec("D8")
def test_everything_about_one_person(school, owner, staff, contact):
    PaidOrderFactory(offer=sold_offer(school), email=contact.email, name="Olena")
    course = CourseFactory(school=school, modules=[1])
    give_access(contact, course)
    with school_scope(school):
        task = make_assignment(course.modules.get(), acceptance=Lesson.Acceptance.STAFF)
        hand_in(contact=contact, lesson=task, upload=text_upload("essay.txt", "My essay"))
    client, address = staff(owner), f"/green/contacts/{contact.token}/personal-data/"
    assert "Answers handed in" in client.get(address).text
    with school_scope(school):
        assert not Event.objects.filter(kind="contact.exported").exists()
    with zipfile.ZipFile(io.BytesIO(b"".join(client.post(address).streaming_content))) as archive:
        said = {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}
        (file,) = [name for name in archive.namelist() if name.startswith("files/")]
        assert file.endswith("-essay.txt") and archive.read(file) == b"My essay"
    assert {"contacts.json", "courses.json", "coupons.json", "orders.json", "automations.json"} == set(said)
    assert said["contacts.json"]["email"] == contact.email
    assert said["orders.json"]["orders"][0]["buyer_name"] == "Olena"
    assert said["courses.json"]["answers"][0]["file__name"] == "essay.txt"
    with school_scope(school):
        assert Event.objects.get(kind="contact.exported").actor == owner


def test_delicate_pages_ask_for_the_password_again(school, owner, staff, contact):
    client = staff(owner)
    with clock.at(clock.now()):
        session = client.session
        session["account_authentication_methods"] = [
            {**method, "at": method["at"] - 3_600} for method in session["account_authentication_methods"]
        ]
        session.save()
    for page in ("personal-data", "erasure"):
        answer = client.post(f"/green/contacts/{contact.token}/{page}/", {"typed": contact.email})
        assert answer.status_code == 302 and "/reauthenticate/" in answer.url
    with school_scope(school):
        assert Contact.objects.get().erased_at is None
