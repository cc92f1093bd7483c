"""One clock: the database's, held still while a scope is open, and set by hand for seeding and tests."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kwiga import clock
from schools.models import School
from schools.tenancy.scope import school_scope

LATER = datetime(2030, 1, 1, 12, 0, tzinfo=UTC)


def database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    instant: datetime = row[0]
    return instant


def test_outside_a_scope_the_database_is_asked(db: None) -> None:
    before = database_time()
    instant = clock.now()
    assert before <= instant <= database_time()
    assert instant.tzinfo is not None


def test_it_moves_on_inside_a_plain_transaction(db: None) -> None:
    """`now()` of Postgres would stand still: a test runs in one transaction."""
    with transaction.atomic():
        first = clock.now()
        assert clock.now() > first


def test_a_scope_holds_its_first_instant_and_asks_no_more(school: School) -> None:
    with school_scope(school):
        first = clock.now()
        time.sleep(0.01)
        with CaptureQueriesContext(connection) as queries:
            assert clock.now() == first
    assert len(queries) == 0
    assert clock.now() > first


def test_an_inner_scope_keeps_the_instant_of_the_outer_one(school: School, other_school: School) -> None:
    with school_scope(school):
        outer = clock.now()
        time.sleep(0.01)
        with school_scope(other_school):
            assert clock.now() == outer
        assert clock.now() == outer


def test_two_scopes_in_a_row_have_instants_of_their_own(school: School) -> None:
    with school_scope(school):
        first = clock.now()
    with school_scope(school):
        assert clock.now() > first


def test_set_by_hand_it_stands_in_every_scope(school: School) -> None:
    with clock.at(LATER):
        assert clock.now() == LATER
        with school_scope(school):
            assert clock.now() == LATER


def test_set_by_hand_within_a_scope_it_wins_and_is_given_back(school: School) -> None:
    with school_scope(school):
        held = clock.now()
        with clock.at(LATER):
            assert clock.now() == LATER
            with clock.at(LATER + timedelta(days=1)):
                assert clock.now() == LATER + timedelta(days=1)
            assert clock.now() == LATER
        assert clock.now() == held


def test_an_error_gives_the_clock_back(school: School) -> None:
    with pytest.raises(ValueError, match="stop"), clock.at(LATER):
        raise ValueError("stop")
    assert clock.now() < LATER
    with pytest.raises(ValueError, match="stop"), school_scope(school):
        raise ValueError("stop")
    first = clock.now()
    assert clock.now() > first
