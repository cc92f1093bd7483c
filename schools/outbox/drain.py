"""The drainer: due rows of all schools, each worked in the scope of its own."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from django.db import close_old_connections, models

from kwiga import clock
from schools.models import OutboxRow
from schools.outbox import claims
from schools.outbox.claims import Claim
from schools.outbox.effects import ExternalEffect, NotYet, Outage, Refusal, TransactionalEffect, effect_of
from schools.outbox.reasons import reason_of
from schools.tenancy.scope import refuse_in_scope, school_scope
from schools.tenancy.statements import Given, Statement

logger = structlog.get_logger("schools.outbox")

RUN_SECONDS = 20.0
_MINE = Statement(
    lambda: OutboxRow.objects.select_for_update().filter(
        pk=Given("id", models.BigIntegerField()),
        locked_until=Given("locked_until", models.DateTimeField()),
        attempts=Given("attempts", models.IntegerField()),
        done_at=None,
        dead_at=None,
    )
)


class ClaimLost(Exception):
    """The lease ended and another process took the row, which will finish it."""


def drain(seconds: float = RUN_SECONDS) -> int:
    """Work rows until none is due or the time is over; how many were tried.

    Any number of drainers may run at once. The round begins at a school chosen by chance, so that a run that ends
    early does not always serve the same ones.
    """
    refuse_in_scope("Draining the outbox")
    deadline = time.monotonic() + seconds
    after, tried = secrets.randbelow(claims.last_school() + 1), 0
    while time.monotonic() < deadline:
        batch = claims.claim_due(after)
        if not batch and not after:
            break
        for claim in batch:
            work(claim)
        tried += len(batch)
        after = _next_start(batch)
    if tried:
        logger.info("outbox drained", count=tried)
    return tried


def _next_start(batch: list[Claim]) -> int:
    schools = {claim.school_id for claim in batch}
    # Fewer schools than fit: the scan reached the last one, and the round begins anew.
    return max(schools) if len(schools) == claims.ROWS_A_CLAIM else 0


def work(claim: Claim) -> None:
    """Try one claimed row: do it and mark it done, or write down why not."""
    if claim.attempts >= claims.ATTEMPTS:
        # Each attempt ended with its process and could not even say why.
        _failed(claim, "WorkerLost")
        return
    begun = claims.begin(claim)
    if begun is None:
        return
    try:
        _run(begun)
    except ClaimLost:
        logger.warning("outbox claim lost", **_facts(begun))
    except NotYet as later:
        claims.put_off(begun, later.until)
    except Outage as outage:
        claims.postpone_kind(begun, reason_of(outage))
        logger.error("outbox outage", reason=reason_of(outage), **_facts(begun))
    except Exception as error:
        # A connection that broke in the middle would fail every row after it.
        close_old_connections()
        _failed(begun, reason_of(error), error)


def _run(claim: Claim) -> None:
    effect: Any = effect_of(claim.kind)
    if isinstance(effect, TransactionalEffect):
        with _held(claim) as row:
            effect.apply(row)
            _finish(row)
    elif isinstance(effect, ExternalEffect):
        _converse(effect, claim)
    else:
        raise TypeError(f"{type(effect).__name__} is no kind of effect")


def _converse(effect: ExternalEffect[Any, Any], claim: Claim) -> None:
    with _held(claim) as row:
        prepared = effect.prepare(row)
        if prepared is None:
            _finish(row)
            return
    refuse_in_scope("An effect on the outside world")
    outcome = effect.perform(prepared)
    with _held(claim) as row:
        effect.record(row, outcome)
        _finish(row)


@contextmanager
def _held(claim: Claim) -> Iterator[OutboxRow]:
    """The row, locked in its school's scope while it still is this claim's; ClaimLost otherwise.

    The row lock keeps other drainers off even past the end of the lease (they skip locked rows).
    """
    with school_scope(claim.school_id):
        row = _MINE.first(id=claim.id, locked_until=claim.locked_until, attempts=claim.attempts)
        if row is None:
            raise ClaimLost
        yield row


def _finish(row: OutboxRow) -> None:
    row.done_at, row.locked_until, row.last_error = clock.now(), None, ""
    row.save(update_fields=["done_at", "locked_until", "last_error", "payload"])


def _failed(claim: Claim, reason: str, error: Exception | None = None) -> None:
    is_over = claim.attempts >= claims.ATTEMPTS or isinstance(error, Refusal)
    if (is_over and _given_up(claim, reason, error)) or claims.fail(claim, reason):
        logger.error("outbox row given up", reason=reason, exc_info=error, **_facts(claim))
    else:
        logger.warning("outbox row failed", reason=reason, exc_info=error, **_facts(claim))


def _given_up(claim: Claim, reason: str, error: Exception | None) -> bool:
    """Tell the effect that there is no further attempt, and end the row with what it says; whether that worked."""
    try:
        with _held(claim) as row:
            at = clock.now()
            is_settled = effect_of(row.kind).gave_up(row, error)
            row.done_at, row.dead_at = (at, None) if is_settled else (None, at)
            row.locked_until, row.last_error = None, reason[:300]
            row.save(update_fields=["done_at", "dead_at", "locked_until", "last_error", "payload"])
    except Exception as trouble:
        logger.warning("outbox row not given up", reason=reason_of(trouble), exc_info=trouble, **_facts(claim))
        return False
    return True


def _facts(claim: Claim) -> dict[str, Any]:
    return {"row": claim.id, "school": claim.school_id, "kind": claim.kind, "attempts": claim.attempts}
