"""The books of the drainer, kept as role relay: which row is whose, for how long, and what became of the try.

Each function is one statement, so it is one transaction. A claim is a lease: when the process dies, the lease ends and
the row comes back. Attempts are counted when the work on a row begins, so rows that merely waited in a claim beside one
that kills its process are not blamed for it.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections

from kwiga import clock

ATTEMPTS = 5
BACKOFF = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
OUTAGE_PAUSE = timedelta(minutes=1)
ROWS_A_CLAIM = 5


@dataclass(frozen=True)
class Claim:
    """One row held by this process. `attempts` and `locked_until` together are its token: a later claim has others.

    `batch` is the lease that all rows claimed with it began with.
    """

    id: int
    school_id: int
    kind: str
    attempts: int
    locked_until: datetime
    batch: datetime


# The earliest open row of each school, by a loose index scan: one probe of schools_outbox_due for each of them.
_RING = """
WITH RECURSIVE ring AS (
    (SELECT school_id, available_at FROM schools_outbox
      WHERE done_at IS NULL AND dead_at IS NULL AND school_id > %(after)s
      ORDER BY school_id, available_at LIMIT 1)
    UNION ALL
    SELECT next.school_id, next.available_at FROM ring CROSS JOIN LATERAL (
        SELECT school_id, available_at FROM schools_outbox
         WHERE done_at IS NULL AND dead_at IS NULL AND school_id > ring.school_id
         ORDER BY school_id, available_at LIMIT 1) next
)"""

# The scan stops as soon as enough schools with due rows are found. One row of each comes before the second of any.
_CLAIM = (
    _RING  # noqa: S608
    + """, busy AS (
    SELECT school_id FROM ring WHERE available_at <= %(at)s AND EXISTS (
        SELECT FROM schools_outbox o WHERE o.school_id = ring.school_id AND o.done_at IS NULL AND o.dead_at IS NULL
           AND o.available_at <= %(at)s AND (o.locked_until IS NULL OR o.locked_until <= %(at)s))
     LIMIT %(rows)s
), due AS (
    SELECT picked.id, row_number() OVER (PARTITION BY busy.school_id ORDER BY picked.available_at, picked.id) AS turn
      FROM busy CROSS JOIN LATERAL (
        SELECT id, available_at FROM schools_outbox o
         WHERE o.school_id = busy.school_id AND o.done_at IS NULL AND o.dead_at IS NULL
           AND o.available_at <= %(at)s AND (o.locked_until IS NULL OR o.locked_until <= %(at)s)
         ORDER BY available_at, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED) picked
), chosen AS (
    SELECT id, turn FROM due ORDER BY turn, id LIMIT %(rows)s
), claimed AS (
    UPDATE schools_outbox o SET locked_until = %(until)s FROM chosen WHERE o.id = chosen.id
    RETURNING o.id, o.school_id, o.kind, o.attempts, o.locked_until, o.available_at, chosen.turn
)
SELECT id, school_id, kind, attempts, locked_until FROM claimed ORDER BY turn, school_id, available_at, id
"""
)

_OLDEST = _RING + " SELECT %(at)s - min(available_at) FROM ring WHERE available_at <= %(at)s"  # noqa: S608

_HELD = (
    "id = %(id)s AND attempts = %(attempts)s AND locked_until = %(locked_until)s"
    " AND done_at IS NULL AND dead_at IS NULL"
)
_BEGIN = f"""
UPDATE schools_outbox SET attempts = attempts + 1, locked_until = %(until)s, available_at = %(again)s
 WHERE {_HELD} RETURNING attempts
"""  # noqa: S608
_FAIL = f"""
UPDATE schools_outbox SET locked_until = NULL, last_error = %(reason)s, dead_at = %(dead_at)s,
       available_at = coalesce(%(again)s, available_at)
 WHERE {_HELD} RETURNING id
"""  # noqa: S608
_POSTPONE = f"""
UPDATE schools_outbox SET available_at = %(again)s, last_error = %(reason)s, locked_until = NULL,
       attempts = attempts - CASE WHEN {_HELD} THEN 1 ELSE 0 END
 WHERE ({_HELD}) OR (kind = %(kind)s AND done_at IS NULL AND dead_at IS NULL AND available_at <= %(at)s
   AND (locked_until IS NULL OR locked_until <= %(at)s OR locked_until = %(batch)s))
"""  # noqa: S608

_PUT_OFF = f"""
UPDATE schools_outbox SET available_at = %(until)s, last_error = '', locked_until = NULL, attempts = attempts - 1
 WHERE {_HELD}
"""  # noqa: S608


def lease() -> timedelta:
    """How long a claimed row belongs to its process."""
    return timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)


def last_school() -> int:
    """The highest id of a school with open rows; 0 when no row of any school is open."""
    rows = _run(
        "SELECT school_id FROM schools_outbox WHERE done_at IS NULL AND dead_at IS NULL ORDER BY school_id DESC LIMIT 1"
    )
    return rows[0][0] if rows else 0


def oldest_wait(at: datetime) -> timedelta:
    """How long the row that has been due the longest waits already; zero when none is due."""
    return _run(_OLDEST, after=0, at=at)[0][0] or timedelta()


def claim_due(after: int = 0) -> list[Claim]:
    """A few due rows, taken fairly from the schools whose id lies above `after`, for the length of the lease."""
    at = clock.now()
    rows = _run(_CLAIM, after=after, at=at, until=at + lease(), rows=ROWS_A_CLAIM)
    return [Claim(pk, school, kind, attempts, until, until) for pk, school, kind, attempts, until in rows]


def begin(claim: Claim) -> Claim | None:
    """Count an attempt and renew the lease; None when the row is no longer this claim's.

    The row is put off at once, as if the attempt had failed: when the process dies without a word, the rows that
    waited beside it come first.
    """
    at = clock.now()
    until = at + lease()
    again = max(until, at + BACKOFF[min(claim.attempts, len(BACKOFF) - 1)])
    rows = _run(_BEGIN, claim, until=until, again=again)
    return replace(claim, attempts=rows[0][0], locked_until=until) if rows else None


def fail(claim: Claim, reason: str) -> bool:
    """Give the row back for later, or bury it after the last attempt; whether it is buried now."""
    at = clock.now()
    dead = claim.attempts >= ATTEMPTS
    again = None if dead else at + BACKOFF[claim.attempts - 1]
    rows = _run(_FAIL, claim, reason=reason[:300], dead_at=at if dead else None, again=again)
    return dead and bool(rows)


def postpone_kind(claim: Claim, reason: str) -> None:
    """After an outage: every due row of this kind waits, in its order, and this one gets its attempt back.

    All of them get the same instant, so the id keeps their order, and one row finds out whether the outage is over.
    """
    at = clock.now()
    _run(_POSTPONE, claim, again=at + OUTAGE_PAUSE, at=at, reason=reason[:300])


def put_off(claim: Claim, until: datetime) -> None:
    """Give the row back for that instant, with the attempt that this was."""
    _run(_PUT_OFF, claim, until=until)


def _run(statement: str, claim: Claim | None = None, **values: Any) -> list[Any]:
    token = vars(claim) if claim else {}
    with connections["relay"].cursor() as cursor:
        cursor.execute(statement, token | values)
        return cursor.fetchall() if cursor.description else []
