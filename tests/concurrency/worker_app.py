"""Celery as the product runs it, with what only tests know: `celery -A tests.concurrency.worker_app`."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import django
from celery import shared_task
from django.apps import apps
from django.conf import settings

from kwiga.celery import app as app
from schools.school_task import SchoolTask
from tests.support.database import ROOT

if not apps.ready:
    settings.TEMPLATES[0]["DIRS"].append(ROOT / "tests" / "templates")
    django.setup()


@shared_task(base=SchoolTask)
def note_number(number: int) -> None:
    """Write the number into the journal of the task's school; refuse a negative one."""
    from schools.models import Event
    from schools.tenancy.scope import current_school_id

    if number < 0:
        raise RuntimeError("@".join(("canary", "example.com")))  # the line itself is in the traceback
    Event.objects.create(school_id=current_school_id(), kind="test.noted", subject_id=number)


def register_kinds() -> None:
    """The kinds of the worker processes; tests register their own in their own process."""
    from schools.models import OutboxRow
    from schools.outbox.effects import register
    from tests.support.outbox import Applying, Keyed

    def die(row: OutboxRow) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    register("keyed", Keyed())
    register("poison", Applying(die))


def hurry(seconds: float) -> None:
    """Try again, tick and end soon, so that a test needs not wait as long as people do."""
    from schools.outbox import claims

    pause = timedelta(seconds=seconds)
    app.conf.beat_schedule["drain-outbox"]["schedule"] = seconds
    app.conf.worker_soft_shutdown_timeout = 4 * seconds
    claims.BACKOFF, claims.OUTAGE_PAUSE = (pause,) * len(claims.BACKOFF), pause


if os.environ.get("TEST_KINDS"):
    register_kinds()
if os.environ.get("TEST_TRAPS"):
    from tests.concurrency.traps import arm

    arm(Path(os.environ["TEST_TRAPS"]))
if os.environ.get("TEST_PAUSE_SECONDS"):
    hurry(float(os.environ["TEST_PAUSE_SECONDS"]))
