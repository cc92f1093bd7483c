"""The base of every task: it carries its school, and refuses to run without one (trust 3.5)."""

from functools import partial
from typing import Any

from celery import Task
from django.db import transaction
from structlog.contextvars import bind_contextvars

from schools.tenancy.scope import ScopeError, current_school_id, school_scope

HEADER = "school"


class SchoolTask(Task):
    """A task that runs within the scope of the school it was sent from; arguments are ids, and rows are read again.

    `delay_on_commit` is the way to send it: the worker could otherwise look before the rows are there. A message may
    be lost with the broker; what must not be lost is an outbox row. `platform = True` is for the few tasks that serve
    no one school; they open scopes themselves.
    """

    abstract = True
    platform = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        # Bound for the lines that follow the run as well; the next task clears them.
        bind_contextvars(task=self.name)
        if self.platform:
            return self.run(*args, **kwargs)
        school_id = _school_of(self.request)
        bind_contextvars(school=school_id)
        with school_scope(school_id):
            return self.run(*args, **kwargs)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Send the task when the open scope's transaction commits. Raises ScopeError outside a scope."""
        headers = {HEADER: current_school_id()}
        transaction.on_commit(partial(self.apply_async, args, kwargs, headers=headers), robust=True)

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        """Send a message that names its school; `delay_on_commit` and retries come through here."""
        if not self.platform and HEADER not in (options.get("headers") or {}):
            raise ScopeError(f"{self.name} needs a school: send it by delay_on_commit, inside a scope.")
        return super().apply_async(args, kwargs, **options)


def _school_of(request: Any) -> int:
    school_id = (request.headers or {}).get(HEADER)
    if school_id is None:
        raise ScopeError(f"{request.task} was sent without a school.")
    return int(school_id)
