"""Telling the worker that something is due. A hint: what it forgets, the next tick finds."""

import time
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.pools import producers

logger = structlog.get_logger("schools.outbox")

TASK, QUEUE = "schools.tasks.drain_outbox", "outbox"
QUIET_SECONDS = 5.0
# The person whose change it was is waiting.
_IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "max_retries": 0}

_quiet_until = 0.0


def poke_after_commit() -> None:
    """Poke once when the open transaction commits, however many rows it writes."""
    hooks = transaction.get_connection().run_on_commit
    if not any(hook is poke for _savepoints, hook, _robust in hooks):
        # Robust: an error of a hook would reach the caller of a change that is committed already.
        transaction.on_commit(poke, robust=True)


def poke() -> None:
    """Send the drainer off, unless a message to it is waiting already. Never raises.

    Costs half a second when the broker does not answer, and then nothing for five.
    """
    global _quiet_until  # one broker, one memory of it
    if time.monotonic() < _quiet_until:
        return
    try:
        _send()
    except Exception as error:  # whatever ails the broker, the change is committed and the tick will come
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("worker not told", reason=type(error).__name__)


def _send() -> None:
    options: dict[str, Any] = current_app.conf.broker_transport_options | _IMPATIENT
    connection = current_app.connection_for_write(transport_options=options)
    with producers[connection].acquire(block=True, timeout=0.5) as producer:
        waiting = producer.channel.queue_declare(QUEUE).message_count
        if not waiting:
            current_app.send_task(TASK, queue=QUEUE, producer=producer, retry=False)
