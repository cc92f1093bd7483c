"""What races around orders share: racers, a place to meet, and a look at the damage."""

from collections import Counter

from orders.services.placing import place_order
from schools.invariants import check_invariants
from schools.tenancy.scope import school_scope
from tests.support.races import Meeting

OUR_RULES = [
    "seats_equal_orders",
    "seat_belongs_to_live_order",
    "order_is_settled_by_money",
    "nothing_is_charged_twice",
    "paid_order_has_access",
    "unpaid_order_has_no_access",
    "refunds_equal_rows",
]


def buy(school, checkout):
    def act():
        with school_scope(school):
            return place_order(checkout=checkout)

    return act


def in_school(school, verb, **arguments):
    def act():
        with school_scope(school):
            return verb(**arguments)

    return act


def kinds_of(outcomes) -> Counter:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def damage() -> dict:
    return {finding.invariant.name: finding.rows for finding in check_invariants(OUR_RULES) if finding.rows}


def meet_at(monkeypatch, module, name, racers):
    """Hold every racer behind this function, where the race would be lost."""
    meeting, original = Meeting(racers), getattr(module, name)

    def and_meet(*args, **kwargs):
        found = original(*args, **kwargs)
        meeting.wait()
        return found

    monkeypatch.setattr(module, name, and_meet)
