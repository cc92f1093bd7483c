"""Celery is the messenger, Postgres the memory: losing every message loses no work (trust 1.1)."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kwiga.settings")

TICK_SECONDS = 5.0
# Above every time limit, or a message would be given to a second worker while the first still works on it.
_VISIBILITY_SECONDS = 600

app = Celery("kwiga")
app.conf.update(
    broker_url=settings.REDIS_URL,
    result_backend=None,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_time_limit=300,
    task_soft_time_limit=270,
    visibility_timeout=_VISIBILITY_SECONDS,
    broker_transport_options={
        "visibility_timeout": _VISIBILITY_SECONDS,
        # Look for messages of dead workers every 5 s; by default that takes up to 100.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    },
    result_backend_transport_options={"visibility_timeout": _VISIBILITY_SECONDS},
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    worker_soft_shutdown_timeout=30,
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    task_default_queue="default",
    task_queues=(Queue("default"), Queue("outbox")),
    task_routes={"schools.tasks.drain_outbox": {"queue": "outbox"}},
    # A tick that waited for long is worth nothing: the next one is there already.
    beat_schedule={
        "drain-outbox": {
            "task": "schools.tasks.drain_outbox",
            "schedule": TICK_SECONDS,
            "options": {"expires": 60, "queue": "outbox"},
        }
    },
    # One fixed tick needs no memory of earlier ones, and a file could be found torn after a crash.
    beat_scheduler="celery.beat:Scheduler",
)
app.autodiscover_tasks(["schools", "orders"])
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**_options: Any) -> None:
    """Stop Celery from configuring logging: Django has, with ids and without personal data."""
