"""kill -9 of the process that makes the coupons of a file: the next one goes on, and each line is made once."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.conf import settings as django_settings

from coupons.models import CouponImportLine
from coupons.services.imports import PIECE
from kwiga.local import processes
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.support.coupon_files import LINES, all_made_once, kept, started_import
from tests.support.database import ROOT
from tests.support.workers import worker_environment

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True, databases=["default", "relay"]),
]

# The drainer as the workers run it, again and again until the process is ended.
WORK = """
import time, django
django.setup()
from schools.outbox.drain import drain
while True:
    drain()
    time.sleep(0.1)
"""


@contextmanager
def working(database: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that makes what is due; what it held when it died is due again after a second."""
    environment = worker_environment(database, django_settings.REDIS_URL, OUTBOX_LEASE_SECONDS="1")
    environment |= {"DJANGO_SETTINGS_MODULE": "kwiga.settings"}
    process = processes.spawn([sys.executable, "-c", WORK], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def worked(school: School) -> int:
    """How many lines are through."""
    with school_scope(school):
        return CouponImportLine.objects.exclude(state="waiting").count()


def has_worked(school: School, count: int) -> bool:
    return worked(school) >= count


def is_finished(school: School) -> bool:
    return kept(school).finished_at is not None


def until(condition: Callable[[], bool]) -> None:
    assert processes.wait_until(condition, 120), "The import did not go on"


def test_an_import_goes_on_after_kills_of_its_process(school, owner, staff, database_name) -> None:
    client = staff(owner)
    started_import(client, school)
    for pieces in (1, 2):
        with working(database_name):
            until(partial(has_worked, school, pieces * PIECE))
        # A piece is made whole or not at all, wherever the kill hit.
        assert worked(school) % PIECE == 0 and pieces * PIECE <= worked(school) < LINES
    assert not is_finished(school)
    with working(database_name):
        until(partial(is_finished, school))
    all_made_once(client, school, owner)
