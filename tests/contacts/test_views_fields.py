"""Settings > Fields of contacts, and the fields on a contact's form and card."""

import pytest

from contacts.models import Contact, ContactField, ContactValue
from contacts.own_fields import fields_in_use
from contacts.services.fields import create_field
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory

FIELDS = "/green/contacts/fields/"
Kind = ContactField.Kind


@pytest.fixture
def boss(owner, staff):
    return staff(owner)


@pytest.fixture
def level(school) -> ContactField:
    with school_scope(school):
        return create_field(label="Level", kind=Kind.CHOICE, choices=["A1", "B2"], actor=None)


def in_use(school) -> list[str]:
    with school_scope(school):
        return [field.label for field in fields_in_use()]


def test_an_empty_page_says_what_fields_are_for(boss, school):
    html = boss.get(FIELDS).text
    assert "No fields yet" in html and f"{FIELDS}new/" in html


def test_a_field_is_made(boss, school):
    typed = {"label": "Level", "kind": "choice", "choices": " A1 \n\nB2\nA1\n"}
    answer = boss.post(f"{FIELDS}new/", typed, follow=True)
    assert "Level" in answer.text and "A1, B2" in answer.text
    with school_scope(school):
        assert ContactField.objects.get().choices == ["A1", "B2"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"label": ""}, "required"),
        ({"label": "x" * 81}, "at most 80"),
        ({"kind": "unknown"}, "not one of the available choices"),
        ({"choices": "\n \n"}, "at least one choice"),
        ({"choices": "\n".join(map(str, range(101)))}, "100 choices at most"),
        ({"choices": "x" * 101}, "100 signs at most"),
        ({"label": "Level"}, "There is a field of this name."),
    ],
)
def test_what_makes_no_field_is_refused_in_words(boss, level, school, typed, sentence):
    answer = boss.post(f"{FIELDS}new/", {"label": "Other", "kind": "choice", "choices": "A"} | typed)
    assert answer.status_code == 200
    assert sentence in answer.text
    assert in_use(school) == ["Level"]


def test_choices_are_for_choices_alone(boss, school):
    boss.post(f"{FIELDS}new/", {"label": "City", "kind": "text", "choices": "Kyiv"})
    with school_scope(school):
        assert ContactField.objects.get().choices == []


def test_a_field_is_renamed_and_its_kind_stays(boss, level, school):
    address = f"{FIELDS}{level.token}/edit/"
    assert 'name="kind"' not in boss.get(address).text
    boss.post(address, {"label": "Level of English", "kind": "text", "choices": "A1\nC1"})
    with school_scope(school):
        changed = ContactField.objects.get()
    assert (changed.label, changed.kind, changed.choices) == ("Level of English", "choice", ["A1", "C1"])


def test_fields_are_moved_archived_and_brought_back(boss, level, school):
    with school_scope(school):
        create_field(label="City", kind=Kind.TEXT, choices=[], actor=None)
    boss.post(f"{FIELDS}{level.token}/moves/down/")
    assert in_use(school) == ["City", "Level"]
    boss.post(f"{FIELDS}{level.token}/moves/up/")
    assert in_use(school) == ["Level", "City"]
    assert "Bring back" in boss.post(f"{FIELDS}{level.token}/moves/archive/", follow=True).text
    assert in_use(school) == ["City"]
    boss.post(f"{FIELDS}{level.token}/moves/restore/")
    assert in_use(school) == ["Level", "City"]
    assert boss.post(f"{FIELDS}{level.token}/moves/burn/").status_code == 404


@pytest.mark.parametrize("role", [Role.SALES, Role.MARKETING, Role.TEACHER, Role.SUPPORT, Role.READ_ONLY])
def test_only_owner_and_admin_change_fields(role, level, school, staff):
    client = staff(MemberFactory(school=school, role=role).user)
    assert client.get(FIELDS).status_code == 403
    assert client.post(f"{FIELDS}{level.token}/moves/archive/").status_code == 403
    assert in_use(school) == ["Level"]


def test_fields_of_another_school_are_not_found(boss, school, other_school):
    with school_scope(other_school):
        foreign = create_field(label="Secret", kind=Kind.TEXT, choices=[], actor=None)
    assert "Secret" not in boss.get(FIELDS).text
    assert boss.get(f"{FIELDS}{foreign.token}/edit/").status_code == 404
    assert boss.post(f"{FIELDS}{foreign.token}/moves/archive/").status_code == 404


# --- On the contact ---


def form_of(contact: Contact) -> str:
    return f"/green/contacts/{contact.token}/edit/"


def typed_for(contact: Contact, **own: str) -> dict[str, str]:
    return {"email": contact.email, "name": contact.name} | own


def test_the_form_takes_each_kind_and_the_card_shows_it(boss, level, contact, school):
    with school_scope(school):
        made = {
            kind: create_field(label=kind.label, kind=kind, choices=[], actor=None)
            for kind in Kind
            if kind != Kind.CHOICE
        }
    own = {
        f"own_{made[Kind.TEXT].token}": "Kyiv",
        f"own_{made[Kind.NUMBER].token}": "12.5",
        f"own_{made[Kind.DATE].token}": "2000-02-29",
        f"own_{made[Kind.FLAG].token}": "no",
        f"own_{level.token}": "B2",
    }
    answer = boss.post(form_of(contact), typed_for(contact, country="UA", external_id="77", **own), follow=True)
    for said in ("Kyiv", "12.5", "Feb. 29, 2000", "No", "B2", "Ukraine", "77"):
        assert said in answer.text
    html = boss.get(form_of(contact)).text
    for value in (
        'value="Kyiv"',
        'value="12.5"',
        'value="2000-02-29"',
        '<option value="B2" selected',
        '<option value="no" selected',
    ):
        assert value in html
    with school_scope(school):
        assert ContactValue.objects.count() == 5
        contact.refresh_from_db()
    assert (contact.country, contact.external_id) == ("UA", "77")


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        (Kind.NUMBER, "many", "Enter a number"),
        (Kind.NUMBER, "1" * 20, "digits"),
        (Kind.DATE, "30.02.2000", "Enter a valid date"),
        (Kind.FLAG, "perhaps", "not one of the available choices"),
        (Kind.CHOICE, "C2", "not one of the available choices"),
        (Kind.TEXT, "x" * 501, "at most 500"),
    ],
)
def test_what_does_not_fit_the_kind_is_refused_and_nothing_is_saved(boss, contact, school, kind, typed, sentence):
    with school_scope(school):
        field = create_field(label="Field", kind=kind, choices=["A1"], actor=None)
    answer = boss.post(form_of(contact), typed_for(contact, name="Changed", **{f"own_{field.token}": typed}))
    assert answer.status_code == 200
    assert sentence in answer.text
    with school_scope(school):
        assert not ContactValue.objects.exists()
        assert Contact.objects.get(pk=contact.pk).name == contact.name


def test_a_new_contact_gets_them_at_once(boss, level, school):
    boss.post("/green/contacts/new/", {"email": "new@example.test", f"own_{level.token}": "A1"})
    with school_scope(school):
        assert ContactValue.objects.get().contact.email == "new@example.test"
