"""The worker's pulse: after each run it says how long the oldest due row waits, for whoever watches (`/readyz`).

It lies in the cache, so it may be forgotten: no pulse means that no worker ran lately, or that Redis is away.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache

from kwiga import clock
from schools.outbox import claims

_KEY = "outbox:pulse"
_KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Pulse:
    """What a worker last said."""

    at: datetime
    oldest_wait_seconds: int


def report_pulse() -> None:
    """Say how long the oldest due row waits. Needs the login of relay."""
    at = clock.now()
    cache.set(_KEY, Pulse(at, round(claims.oldest_wait(at).total_seconds())), _KEPT_SECONDS)


def last_pulse() -> Pulse | None:
    """The latest pulse of any worker; None when there was none for a day or the cache forgot it."""
    pulse: Pulse | None = cache.get(_KEY)
    return pulse
