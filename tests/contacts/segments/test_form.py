"""Conditions put together by plain posts: rows come, change and go, and nothing typed is lost."""

import pytest
from django.http import QueryDict

from contacts.segments.form import ConditionsForm
from contacts.segments.language import PARTS

STORED = {
    "match": "any",
    "parts": [
        {"fact": "email", "op": "contains", "value": "gmail"},
        {"match": "all", "parts": [{"fact": "orders_paid", "op": "at_least", "value": 2}]},
        {"fact": "money_paid", "op": "less", "value": {"amount_minor": 120_050, "currency": "UAH"}},
        {"fact": "created", "op": "since", "value": "2026-01-31"},
        {"fact": "news", "op": "yes"},
    ],
}


def sent(form: ConditionsForm, button: str = "", **changed: str) -> QueryDict:
    """What a browser sends for the form as it is shown; `changed` is what the person did to fields."""
    data = QueryDict(mutable=True)
    data.appendlist("conditions-node", "0")

    def box(part):
        data[f"{part.name}-match"] = part.match
        for inner in part.parts:
            data.appendlist("conditions-node", inner.path)
            if inner.is_row:
                row(inner)
            else:
                box(inner)

    def row(part):
        data[f"{part.name}-fact"], data[f"{part.name}-was"] = part.fact_key, part.was
        if part.fact:
            data[f"{part.name}-op"] = part.operator.key
        for name, text in part.typed.items():
            data[f"{part.name}-{name}"] = text

    box(form.shown)
    data.update({f"conditions-{name.replace('_', '-')}": text for name, text in changed.items()})
    if button:
        data["conditions"] = button
    return data


def test_what_is_stored_comes_back_as_it_was(scope):
    form = ConditionsForm(sent(ConditionsForm(conditions=STORED)))
    assert not form.pressed
    assert form.is_valid()
    assert form.conditions == STORED


def test_rows_and_groups_are_added_and_removed_and_the_rest_stays(scope):
    form = ConditionsForm(sent(ConditionsForm(conditions=STORED), "add:0-1"))
    assert [row.path for row in form.root.rows] == ["0-0", "0-1-0", "0-1-1", "0-2", "0-3", "0-4"]
    form = ConditionsForm(sent(form, "group:0"))
    assert form.root.parts[-1].match == "all"
    form = ConditionsForm(sent(form, "remove:0-5"))
    form = ConditionsForm(sent(form, "remove:0-1-1"))
    assert ConditionsForm(sent(form)).is_valid()
    form = ConditionsForm(sent(form, "remove:0-1-0"))  # a group goes with its last row
    final = ConditionsForm(sent(form))
    assert final.is_valid()
    assert final.conditions == {**STORED, "parts": [STORED["parts"][0], *STORED["parts"][2:]]}


def test_another_fact_forgets_the_value_and_another_question_of_the_kind_keeps_it(scope):
    form = ConditionsForm(conditions=STORED)
    other = ConditionsForm(sent(form, "refresh", **{"0_0_fact": "orders_paid"}))
    assert other.root.parts[0].typed == {}
    assert other.root.parts[0].operator.key == "at_least"
    same = ConditionsForm(sent(form, "refresh", **{"0_0_op": "starts"}))
    assert same.root.parts[0].typed["value"] == "gmail"


def test_a_new_form_has_one_row_to_begin_with_and_says_what_is_missing(scope):
    form = ConditionsForm(sent(ConditionsForm()))
    assert not form.is_valid()
    assert [row.error for row in form.root.rows] == ["Choose what to ask."]
    assert form.found is None


@pytest.mark.parametrize(
    ("fact", "op", "typed", "error"),
    [
        ("email", "contains", {"value": " "}, "Write what to look for"),
        ("orders_paid", "at_least", {"value": "two"}, "Write a whole number"),
        ("orders_paid", "at_least", {"value": "-1"}, "Write a whole number"),
        ("created", "within", {"value": "0"}, "from 1"),
        ("created", "since", {"value": "31.01.2026"}, "Choose a day"),
        ("money_paid", "at_least", {"value": "1.005", "currency": "UAH"}, "Write a sum"),
        ("money_paid", "at_least", {"value": "1", "currency": ""}, "Choose a currency"),
        ("tag", "has", {"value": ""}, "Choose one"),
        ("course_progress", "at_least", {"of": "", "value": "50"}, "Choose one"),
        ("course_progress", "at_least", {"of": "x", "value": "101"}, "from 0 to 100"),
        ("unheard", "is", {"value": "1"}, "Choose what to ask"),
    ],
)
def test_each_row_says_what_it_misses(scope, fact, op, typed, error):
    data = QueryDict(mutable=True)
    data.setlist("conditions-node", ["0", "0-0"])
    data.update({"conditions-0-match": "all", "conditions-0-0-fact": fact, "conditions-0-0-op": op})
    data.update({f"conditions-0-0-{name}": text for name, text in typed.items()})
    form = ConditionsForm(data)
    assert not form.is_valid()
    assert error in form.root.parts[0].error


def test_what_people_type_is_read_as_they_mean_it(scope):
    data = QueryDict(mutable=True)
    data.setlist("conditions-node", ["0", "0-0", "0-1"])
    data.update(
        {
            "conditions-0-0-fact": "money_paid",
            "conditions-0-0-op": "at_least",
            "conditions-0-0-value": "1 200,50",
            "conditions-0-0-currency": "UAH",
            "conditions-0-1-fact": "name",
            "conditions-0-1-op": "contains",
            "conditions-0-1-value": "  Olha\0 \ud800 K ",
        }
    )
    form = ConditionsForm(data)
    assert form.is_valid()
    assert [part["value"] for part in form.conditions["parts"]] == [
        {"amount_minor": 120_050, "currency": "UAH"},
        "Olha K",
    ]


def test_no_condition_stands_for_everybody_only_where_it_may(scope):
    empty = QueryDict("conditions-node=0&conditions-0-match=all")
    free = ConditionsForm(empty, conditions=STORED, may_be_empty=True)
    assert free.is_valid()
    assert free.conditions is None
    assert not ConditionsForm(empty, conditions=STORED).is_valid()


def test_a_flood_of_parts_is_cut(scope):
    data = QueryDict(mutable=True)
    data.setlist("conditions-node", ["0", *(f"0-{number}" for number in range(5_000)), "0-0-0-0-0", "7", "0-0-x"])
    data["conditions"] = "add:0"
    form = ConditionsForm(data)
    assert form.root.size <= 2 * PARTS
    assert form.is_full
    assert not form.is_valid()
