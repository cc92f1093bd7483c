"""Drainers side by side do each row once; without claims they do not."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from kwiga import clock
from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.support.outbox import Keyed, keys_inserted, put, registered, rows

pytestmark = [pytest.mark.prove, pytest.mark.django_db(transaction=True, databases=["default", "relay"])]


@pytest.mark.spec("F10")
def test_two_drainers_at_once_do_each_row_once(school: School, other_school: School) -> None:
    numbers = range(60)
    with registered("keyed", Keyed()):
        put(school, "keyed", *numbers)
        put(other_school, "keyed", *numbers)
        _in_threads(4, drain)
    assert keys_inserted(school) == keys_inserted(other_school) == list(numbers)
    assert {row.attempts for row in rows(school) + rows(other_school)} == {1}


def test_without_the_claim_two_drainers_do_rows_twice(school: School) -> None:
    """The negative control: drainers that just read due rows and do them."""
    barrier = threading.Barrier(4, timeout=20)

    def careless() -> None:
        with school_scope(school):
            found = list(OutboxRow.objects.filter(done_at=None).order_by("id"))
        barrier.wait()
        for row in found:
            with school_scope(school):
                Keyed().apply(row)
                OutboxRow.objects.filter(pk=row.pk).update(done_at=clock.now())

    put(school, "keyed", *range(10))
    _in_threads(4, careless)
    assert len(keys_inserted(school)) > 10


def _in_threads(count: int, act: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
