"""Lists that ask for lists."""

import pytest

from contacts.models import ContactList
from contacts.segments.language import ConditionsRefused
from contacts.selectors import is_member, lists_of, members_of
from contacts.services import lists


def asks(*rows: ContactList, op: str = "has") -> dict:
    return {"match": "any", "parts": [{"fact": "list", "op": op, "value": row.token} for row in rows]}


def everybody() -> dict:
    return {"match": "all", "parts": [{"fact": "email", "op": "filled"}]}


def made(name: str, conditions: dict | None = None) -> ContactList:
    return lists.create_list(name=name, actor=None, conditions=conditions)


def test_a_list_asks_for_static_and_dynamic_ones(scope, contact):
    static = made("Static")
    outer = made("Outer", asks(made("Inner", asks(static))))
    assert not is_member(outer, contact)
    lists.add_members(contact_list=static, contacts=[contact], actor=None)
    assert is_member(outer, contact)
    assert [row.name for row in lists_of(contact)] == ["Inner", "Outer", "Static"]
    assert list(members_of(made("Others", asks(outer, op="has_not")))) == []


def test_a_list_never_asks_for_itself(scope):
    first = made("First", everybody())
    second = made("Second", asks(first))
    for conditions in (asks(first), asks(second)):
        with pytest.raises(ConditionsRefused, match="itself"):
            lists.change_conditions(contact_list=first, conditions=conditions, actor=None)


def test_a_circle_that_came_to_be_ends_and_fits_nobody(scope, contact):
    """Two edits at the same instant may close one behind the back of the check."""
    first = made("First", everybody())
    second = made("Second", asks(first))
    ContactList.objects.filter(pk=first.pk).update(conditions=asks(second))
    first.refresh_from_db()
    assert not is_member(first, contact)
    assert not is_member(second, contact)


def test_lists_lie_three_deep_in_each_other_at_most(scope, contact):
    row = made("0", everybody())
    for number in range(1, 4):
        row = made(str(number), asks(row))
    assert is_member(row, contact)
    with pytest.raises(ConditionsRefused, match="deep"):
        made("4", asks(row))
