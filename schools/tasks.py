"""Tasks of the worker: leaves that take ids."""

from celery import shared_task

from schools.outbox.drain import drain
from schools.outbox.pulse import report_pulse
from schools.school_task import SchoolTask


@shared_task(base=SchoolTask, platform=True)
def drain_outbox() -> None:
    """Work what is due in the outbox of every school. Any number may run at once, and none may be missing for long."""
    drain()
    report_pulse()
