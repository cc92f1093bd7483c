"""The database and plain Python agree on who fits: every question alone, and random trees of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.segments.facts import all_facts
from contacts.segments.language import DEPTH
from contacts.segments.members import contacts_in, fitting_among
from kwiga import clock
from schools.tenancy.scope import school_scope
from tests.contacts.segments.ground import NAMES, NOW, Ground, laid_out
from tests.contacts.segments.plain import holds

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DATES = ("2026-03-04", "2026-04-02", "2026-04-03", "2026-04-04")


@pytest.fixture
def ground(school: Any) -> Iterator[Ground]:
    with school_scope(school), clock.at(NOW):
        yield laid_out(school)


def values_for(ground: Ground, fact: str, takes: str) -> list[Any]:
    """Values on both sides of every bound that the ground has."""
    tokens = {
        "access": ["", *ground.courses],
        "course_progress": ground.courses,
        "course_completed": ["", *ground.courses],
        "lesson_done": ground.lessons,
        "assignment": ["", *ground.assignments],
        "bought": ["", *ground.offers],
        "unpaid_order": ["", *ground.offers],
        "list": ground.lists,
        "tag": ground.tags,
        "language": ["", "en", "uk"],
        "country": ["", "UA", "PL"],
    }.get(fact, ["red", "blue"])
    texts = (
        ground.codes
        if fact == "coupon_used"
        else ["+38", "+380501112233", "a-1", *filter(None, NAMES), "a", "%", "_", "GMAIL", "gmail1@example.test"]
    )
    return {
        "": [None],
        "text": texts,
        "choice": tokens,
        "number": [0, 1, 2, 3],
        "days": [1, 2, 30],
        "percent": [{"of": token, "value": value} for token in tokens for value in (0, 1, 25, 33, 34, 50, 100)],
        "money": [{"amount_minor": sum_, "currency": code} for sum_ in (0, 6_000, 10_000) for code in ("UAH", "PLN")],
        "date": list(DATES),
        "decimal": ["-1.5", "0", "2.5", "2.5001"],
    }[takes]


def questions(ground: Ground) -> list[tuple[str, str, str]]:
    """Every fact with every operator, and the kind of value it takes."""
    return [(fact.key, each.key, each.takes.key) for fact in all_facts() for each in fact.questions]


def found(conditions: dict[str, Any]) -> set[int]:
    return set(contacts_in(conditions).values_list("pk", flat=True))


def expected(conditions: dict[str, Any], people: list[Contact]) -> set[int]:
    return {person.pk for person in people if person.erased_at is None and holds(person, conditions)}


def test_every_question_is_answered_as_plain_python_answers_it(ground):
    people, told, asked = list(Contact.objects.all()), set(), set()
    for fact, op, takes in questions(ground):
        for value in values_for(ground, fact, takes):
            part = {"fact": fact, "op": op, **({} if value is None else {"value": value})}
            conditions = {"match": "all", "parts": [part]}
            answer = found(conditions)
            assert answer == expected(conditions, people), part
            assert fitting_among(conditions, [person.pk for person in people]) == answer, part
            asked.add((fact, op))
            if 0 < len(answer) < len(people) - 1:
                told.add((fact, op))
    # Each one tells people apart, so that an answer which is always or never true is found out.
    always = {("created", "ever"), ("created", "never"), ("email", "filled"), ("email", "empty")}
    assert asked - told <= always, asked - told - always


@SLOW
@given(data=st.data())
def test_random_trees_are_answered_as_plain_python_answers_them(ground, data):
    known = questions(ground)

    def part(depth: int) -> st.SearchStrategy[Any]:
        single = st.sampled_from(known).flatmap(condition)
        if depth >= DEPTH:
            return single
        return st.one_of(single, group(depth + 1))

    def condition(question: tuple[str, str, str]) -> st.SearchStrategy[Any]:
        fact, op, takes = question
        return st.sampled_from(values_for(ground, fact, takes)).map(
            lambda value: {"fact": fact, "op": op, **({} if value is None else {"value": value})}
        )

    def group(depth: int) -> st.SearchStrategy[Any]:
        parts = st.lists(part(depth), min_size=1, max_size=3)
        return st.builds(lambda match, parts: {"match": match, "parts": parts}, st.sampled_from(["all", "any"]), parts)

    conditions = data.draw(group(1))
    assert found(conditions) == expected(conditions, list(Contact.objects.all())), conditions
