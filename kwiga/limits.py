"""How often may somebody try? A moving window in Redis, and a stricter one in this process while Redis is away.

What is counted may be forgotten at any time: a limit slows guessing down, it decides nothing. Keys are stored as keyed
digests, so Redis holds no address and no email (trust D6, C1).
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network

import limits
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from kwiga.clients import client_address

PAUSE_SECONDS = 5.0
# Each process counts for itself while Redis is away, and several serve: together they are not to let more through.
STRICTER = 4


class _Limiters:
    """The two windows, made when first asked for, and when to try Redis again."""

    def __init__(self) -> None:
        self._shared: MovingWindowRateLimiter | None = None
        self.own = MovingWindowRateLimiter(MemoryStorage())
        self.next_try = 0.0

    @property
    def shared(self) -> MovingWindowRateLimiter:
        if self._shared is None:
            self._shared = MovingWindowRateLimiter(_redis_storage())
        return self._shared

    def forget(self) -> None:
        """Start from zero, and find Redis anew."""
        self._shared, self.next_try = None, 0.0
        self.own.storage.reset()
        self.shared.storage.reset()


def _redis_storage() -> RedisStorage:
    # A page waits for it: half a second for a server that hangs, and no second try.
    prefix = f"{settings.CACHES['default']['KEY_PREFIX']}:limits"
    patience = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
    return RedisStorage(settings.REDIS_URL, key_prefix=prefix, **patience)  # type: ignore[arg-type]


_limiters = _Limiters()


def allow(name: str, key: str, *, times: int, seconds: int) -> bool:
    """Count one try of `key` at what `name` says, and answer whether it is among the `times` of the last `seconds`.

    A try that is refused is not counted. While Redis is away a quarter of `times` is allowed, at least one.
    """
    return _ask(lambda limiter, item: limiter.hit(item, _digest(name, key)), name, times, seconds)


def blocked_until(name: str, key: str, *, times: int, seconds: int) -> datetime | None:
    """From when `allow` would say yes again (UTC); None when it would now. Counts nothing."""

    def look(limiter: MovingWindowRateLimiter, item: limits.RateLimitItem) -> datetime | None:
        window = limiter.get_window_stats(item, _digest(name, key))
        return None if window.remaining > 0 else datetime.fromtimestamp(window.reset_time, UTC)

    return _ask(look, name, times, seconds)


def client_key(request: HttpRequest) -> str:
    """Who asks, for limits: the client's address, or the /64 that an IPv6 client has for itself."""
    return address_key(client_address(request))


def address_key(text: str) -> str:
    """The same for an address at hand."""
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((address, 64), strict=False))
    return str(address)


def forget() -> None:
    """Every count starts from zero: for tests."""
    _limiters.forget()


def _ask[Answer](
    question: Callable[[MovingWindowRateLimiter, limits.RateLimitItem], Answer], name: str, times: int, seconds: int
) -> Answer:
    if time.monotonic() >= _limiters.next_try:
        try:
            return question(_limiters.shared, _item(name, times, seconds))
        except (RedisError, OSError):
            _limiters.next_try = time.monotonic() + PAUSE_SECONDS
    return question(_limiters.own, _item(name, max(1, times // STRICTER), seconds))


def _item(name: str, times: int, seconds: int) -> limits.RateLimitItem:
    return limits.RateLimitItemPerSecond(times, seconds, namespace=name)


def _digest(name: str, key: str) -> str:
    return salted_hmac("kwiga.limits", f"{name}\0{key}", algorithm="sha256").hexdigest()[:32]
