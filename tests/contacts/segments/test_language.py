"""Which JSON is a condition, and which is refused."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.segments.facts import all_facts
from contacts.segments.language import PARTS, Condition, ConditionsRefused, Group, as_json, parse
from contacts.segments.members import checked, contacts_in, fits, problems_in, sentence_of
from tests.factories.contacts import ContactFactory

UA = {"fact": "country", "op": "is", "value": "UA"}
HOSTILE = [
    "' OR 1=1 --",
    "'; DROP TABLE contacts_contact; --",
    "%' OR '%'='",
    "\\' OR TRUE --",
    "%",
    "_",
    "\\",
    "{{ contact.email }}",
    "%(school)s",
    "{0.__class__}",
    "$1",
    "; SELECT pg_sleep(9)",
]


def all_of(*parts: Any) -> dict[str, Any]:
    return {"match": "all", "parts": list(parts)}


def test_a_tree_is_read_and_written_as_it_was():
    given_ = all_of(UA, {"match": "any", "parts": [{"fact": "news", "op": "yes"}, UA]})
    assert parse(given_) == Group(
        "all", (Condition("country", "is", "UA"), Group("any", (Condition("news", "yes"), Condition(**UA))))
    )
    assert as_json(parse(given_)) == given_


@pytest.mark.parametrize(
    "given_",
    [
        None,
        [],
        "all",
        {},
        {"match": "none", "parts": [UA]},
        {"match": "all", "parts": []},
        {"match": "all", "parts": UA},
        {"match": "all", "parts": [UA], "sql": "TRUE"},
        all_of("country"),
        all_of({**UA, "lookup": "regex"}),
        all_of({"fact": "country", "op": ""}),
        all_of({"fact": 1, "op": "is"}),
        all_of({**UA, "value": 1.5}),
        all_of({**UA, "value": [1]}),
        all_of({**UA, "value": {"of": {"a": 1}}}),
        all_of({**UA, "value": "a\0b"}),
        all_of({**UA, "value": "\ud800"}),
        all_of({**UA, "value": "x" * 501}),
        all_of({**UA, "value": 2**63}),
        all_of(all_of(all_of(all_of(UA)))),
        all_of(*[UA] * (PARTS + 1)),
        all_of(*[all_of(*[UA] * 10)] * 3),
    ],
)
def test_what_has_another_shape_is_refused(given_):
    with pytest.raises(ConditionsRefused):
        parse(given_)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["match", "parts", "fact", "op", "value", "x"]), inner)
        ),
    )
)
def test_any_json_is_read_or_refused_and_nothing_else(given_):
    with suppress(ConditionsRefused):
        assert parse(as_json(parse(given_))) == parse(given_)


@pytest.mark.parametrize(
    "part",
    [
        {"fact": "password", "op": "is", "value": "x"},
        {"fact": "email__regex", "op": "is", "value": "x"},
        {"fact": "school_id", "op": "is", "value": 1},
        {"fact": "country", "op": "gte", "value": "UA"},
        {"fact": "country", "op": "is", "value": 7},
        {"fact": "country", "op": "is"},
        {"fact": "email", "op": "contains", "value": " "},
        {"fact": "orders_paid", "op": "at_least", "value": "2"},
        {"fact": "orders_paid", "op": "at_least", "value": True},
        {"fact": "orders_paid", "op": "at_least", "value": -1},
        {"fact": "created", "op": "within", "value": 0},
        {"fact": "created", "op": "within", "value": 10**7},
        {"fact": "created", "op": "since", "value": "2026-02-30"},
        {"fact": "created", "op": "since", "value": "0001-01-01"},
        {"fact": "created", "op": "since", "value": "now()"},
        {"fact": "money_paid", "op": "at_least", "value": 100},
        {"fact": "money_paid", "op": "at_least", "value": {"amount_minor": 100, "currency": "XXX"}},
        {"fact": "money_paid", "op": "at_least", "value": {"amount_minor": "1", "currency": "UAH"}},
        {"fact": "course_progress", "op": "at_least", "value": {"of": "x", "value": 101}},
        {"fact": "course_progress", "op": "at_least", "value": {"of": 1, "value": 50}},
        {"fact": "field:nothing", "op": "is", "value": "x"},
        {"fact": "field:", "op": "is", "value": "x"},
        {"fact": "tag", "op": "has", "value": ""},
    ],
)
def test_what_cannot_be_asked_is_not_stored_and_fits_nobody(scope, part):
    ContactFactory(school=scope)
    with pytest.raises(ConditionsRefused):
        checked(all_of(part))
    assert not contacts_in(all_of(part)).exists()
    assert contacts_in({"match": "any", "parts": [part, {"fact": "news", "op": "yes"}]}).count() == 1
    assert problems_in(all_of(part)) != []
    assert sentence_of(all_of(part))


@pytest.mark.parametrize("value", HOSTILE)
def test_values_are_data_and_nothing_else(scope, value):
    """Each text operator of each fact finds the contact that has the value, and no other (trust D1, D2)."""
    other = ContactFactory(school=scope, email="other@example.test", name="Plain")
    own = ContactFactory(school=scope, email="own@example.test")
    Contact.objects.filter(pk=own.pk).update(name=f"x{value}y", external_id=value)
    for fact, op in (("name", "contains"), ("external_id", "is"), ("external_id", "starts")):
        assert list(contacts_in(all_of({"fact": fact, "op": op, "value": value}))) == [own], (fact, op)
    assert list(contacts_in(all_of({"fact": "external_id", "op": "is_not", "value": value}))) == [other]
    assert value in sentence_of(all_of({"fact": "name", "op": "contains", "value": value}))


@pytest.mark.parametrize("value", HOSTILE)
def test_no_question_breaks_on_a_hostile_value(scope, contact, value):
    for fact in all_facts():
        for question in fact.questions:
            for shape in (value, {"of": value, "value": 1}, {"amount_minor": 1, "currency": value}, None):
                conditions = all_of({"fact": fact.key, "op": question.key, "value": shape})
                fits(conditions, contact)
                sentence_of(conditions)
                problems_in(conditions)


def test_one_contact_is_checked_by_one_statement(scope, contact, django_assert_num_queries):
    conditions = all_of(UA, {"fact": "bought", "op": "has_not", "value": ""}, {"fact": "email", "op": "filled"})
    with django_assert_num_queries(1):
        fits(conditions, contact)


def test_erased_contacts_fit_nothing(scope, contact):
    assert fits(all_of({"fact": "email", "op": "filled"}), contact)
    Contact.objects.update(erased_at=contact.created_at)
    assert not fits(all_of({"fact": "email", "op": "filled"}), contact)
    assert not fits(all_of({"fact": "bought", "op": "has_not", "value": ""}), contact)


def test_conditions_are_said_in_a_plain_sentence(scope):
    given_ = all_of(
        {"fact": "orders_paid", "op": "at_least", "value": 2},
        {"match": "any", "parts": [{"fact": "last_seen", "op": "longer", "value": 30}, UA]},
        {"match": "any", "parts": [{"fact": "news", "op": "yes"}]},
        {"fact": "bought", "op": "has_not", "value": ""},
    )
    assert sentence_of(json.loads(json.dumps(given_))) == (
        "Number of paid orders: at least 2 and (last visit: more than 30 days ago or country: is “Ukraine”)"
        " and news by mail: may be sent and has not bought any offer."
    )
