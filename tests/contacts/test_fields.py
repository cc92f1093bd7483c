"""Fields of the school's own: made, ordered, put away; and what they say of a contact, each in its type."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from contacts.models import ContactField, ContactValue
from contacts.own_fields import fields_in_use, lines_of
from contacts.services import fields
from schools.models import Event
from schools.tenancy.scope import school_scope

Kind = ContactField.Kind
SAMPLES = [
    (Kind.TEXT, "Kyiv", "Kyiv"),
    (Kind.NUMBER, Decimal("12.5000"), "12.5"),
    (Kind.DATE, date(2000, 2, 29), "Feb. 29, 2000"),
    (Kind.CHOICE, "B2", "B2"),
    (Kind.FLAG, False, "No"),
    (Kind.FLAG, True, "Yes"),
]


def make(label: str, kind: str = Kind.TEXT, choices=("A1", "B2")) -> ContactField:
    return fields.create_field(label=label, kind=kind, choices=choices, actor=None)


def labels() -> list[str]:
    return [field.label for field in fields_in_use()]


def test_fields_stand_in_the_order_they_are_put_in(scope):
    first, _second, third = make("First"), make("Second"), make("Third")
    fields.move_field(field=third, up=1, actor=None)
    assert labels() == ["First", "Third", "Second"]
    fields.move_field(field=first, up=-1, actor=None)
    assert labels() == ["Third", "First", "Second"]
    fields.move_field(field=third, up=1, actor=None)
    assert labels() == ["Third", "First", "Second"]
    make("Fourth")
    assert labels()[-1] == "Fourth"


def test_a_name_is_given_once_among_fields_in_use(scope):
    city = make(" City  of birth ")
    assert city.label == "City of birth"
    with pytest.raises(fields.FieldNameTaken):
        make("City of birth")
    fields.archive_field(field=city, actor=None)
    again = make("City of birth")
    with pytest.raises(fields.FieldNameTaken):
        fields.restore_field(field=city, actor=None)
    fields.change_field(field=again, label="Town", choices=[], actor=None)
    fields.restore_field(field=city, actor=None)
    assert sorted(labels()) == ["City of birth", "Town"]
    kinds = Event.objects.filter(kind__startswith="contactfield.").order_by("id").values_list("kind", flat=True)
    assert [kind.partition(".")[2] for kind in kinds] == ["created", "archived", "created", "changed", "restored"]


def test_there_are_so_many_fields_and_no_more(scope, monkeypatch):
    monkeypatch.setattr(fields, "MOST", 2)
    make("First")
    second = make("Second")
    with pytest.raises(fields.TooManyFields):
        make("Third")
    fields.archive_field(field=second, actor=None)
    make("Third")
    with pytest.raises(fields.TooManyFields):
        fields.restore_field(field=second, actor=None)


@pytest.mark.parametrize(("kind", "value", "text"), SAMPLES)
def test_each_kind_keeps_its_type_and_reads_well(kind, value, text, contact, scope):
    field = make("Field", kind)
    assert fields.write_values(contact=contact, values={field: value}, actor=None) == [field]
    (row,) = ContactValue.objects.all()
    said = {name: getattr(row, name) for name in ("text", "number", "date", "flag")}
    assert said == {"text": "", "number": None, "date": None, "flag": None, fields.COLUMNS[kind]: value}
    assert [line.text for line in lines_of(contact)] == [text]


def test_numbers_and_dates_speak_the_language_of_the_page(contact, scope):
    number, day = make("Number", Kind.NUMBER), make("Day", Kind.DATE)
    fields.write_values(contact=contact, values={number: Decimal("1.5"), day: date(2000, 2, 29)}, actor=None)
    with translation.override("pl"):
        assert [line.text for line in lines_of(contact)] == ["1,5", "29 lutego 2000"]


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_says_nothing_is_not_kept(nothing, contact, scope):
    field = make("City")
    fields.write_values(contact=contact, values={field: "Kyiv"}, actor=None)
    fields.write_values(contact=contact, values={field: nothing}, actor=None)
    assert not ContactValue.objects.exists()
    assert lines_of(contact) == []


def test_no_difference_writes_no_journal(contact, scope):
    field, flag = make("City"), make("Vegan", Kind.FLAG)
    fields.write_values(contact=contact, values={field: "Kyiv", flag: False}, actor=None)
    assert fields.write_values(contact=contact, values={field: "Kyiv", flag: False}, actor=None) == []
    (event,) = Event.objects.filter(kind="contact.changed")
    assert event.data["own"] == ["City", "Vegan"]
    assert "Kyiv" not in str(event.data)


def test_an_archived_field_is_shown_nowhere_and_comes_back_with_what_it_said(contact, scope):
    field = make("City")
    fields.write_values(contact=contact, values={field: "Kyiv"}, actor=None)
    fields.archive_field(field=field, actor=None)
    assert (labels(), lines_of(contact)) == ([], [])
    fields.restore_field(field=field, actor=None)
    assert [line.text for line in lines_of(contact)] == ["Kyiv"]


def test_a_choice_that_is_gone_stays_with_whoever_has_it(contact, scope):
    field = make("Level", Kind.CHOICE)
    fields.write_values(contact=contact, values={field: "B2"}, actor=None)
    changed = fields.change_field(field=field, label="Level", choices=["C1"], actor=None)
    assert (changed.choices, [line.text for line in lines_of(contact)]) == (["C1"], ["B2"])


def test_another_school_has_fields_of_its_own(school, other_school):
    with school_scope(school):
        make("City")
    with school_scope(other_school):
        assert labels() == []
        make("City")
