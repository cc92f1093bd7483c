"""Row history of the tables that matter: triggers write it, so bulk updates and plain SQL are recorded too."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pghistory
import pgtrigger
from django.db import models

from schools.tenancy.constraints import TenantPolicy


def school_history[M: type[models.Model]](model: M) -> M:
    """Class decorator: every insert, update and delete of a row is kept in `<table>event`, one school's apart."""
    return _keep(model, pghistory.UpdateEvent())


def school_history_but[M: type[models.Model]](*counters: str) -> Callable[[M], M]:
    """The same, but a change of these columns alone is not worth a row."""
    return lambda model: _keep(model, pghistory.UpdateEvent(condition=pgtrigger.AnyChange(exclude=list(counters))))


def _keep[M: type[models.Model]](model: M, update: pghistory.UpdateEvent) -> M:
    label = model.__name__.lower()
    table = f"{model.__module__.split('.')[0]}_{label}event"
    tracked: M = pghistory.track(
        pghistory.InsertEvent(),
        update,
        pghistory.DeleteEvent(),
        context_field=pghistory.ContextJSONField(),
        obj_field=pghistory.ObjForeignKey(related_name="history", db_index=False, db_constraint=False),
        meta={
            "constraints": [TenantPolicy(name=f"{table}_tenant")],
            "indexes": [models.Index(fields=["school", "pgh_obj"], name=f"{table}_object"[:30])],
        },
    )(model)
    return tracked


@contextmanager
def rewritten_history(*models_: type[models.Model]) -> Iterator[None]:
    """Let the history of these models be changed in the block: for erasing what names a person, and nothing else."""
    with pgtrigger.ignore(*[f"{_history_label(model)}:append_only" for model in models_]):
        yield


def _history_label(model: type[models.Model]) -> str:
    history: Any = model._meta.get_field("history").related_model
    return str(history._meta.label)
