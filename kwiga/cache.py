"""The cache that stays up: Redis, and process memory for a while when Redis does not answer."""

import time
from typing import Any, ClassVar

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.functional import cached_property
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

PAUSE_SECONDS = 5.0
# A page waits for it: half a second for a server that hangs, and no second try (redis-py makes three by default).
_IMPATIENT = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)}
_MEMORY = {"MAX_ENTRIES": 10_000}


class _Client(RedisCacheClient):
    """Django's, but it makes one client for each server and not one for each call."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]
        client = self._made.get(pool)
        if client is None:
            client = self._made[pool] = self._client(connection_pool=pool)  # type: ignore[attr-defined]
        return client

    @cached_property
    def _made(self) -> dict[Any, Any]:
        return {}


class _Redis(RedisCache):
    """Django's, but `clear` forgets only what this cache wrote: the broker's messages may lie beside it."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = _Client

    def clear(self) -> None:
        client = self._cache.get_client(None, write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:{self.version}:*", count=1000):
            client.unlink(key)


class SteadyCache(BaseCache):
    """Every call goes to Redis; after a failure all calls go to process memory, and one in five seconds tries again.

    What it holds (rate limits, short answers) may be forgotten at any time, never relied on.
    """

    # By location: Django makes one cache for each thread, and one thread's failure is to spare the others.
    _next_try: ClassVar[dict[str, float]] = {}

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._location = location
        self._redis = _Redis(location, params | {"OPTIONS": _IMPATIENT | params.get("OPTIONS", {})})
        self._memory = LocMemCache(f"steady {location}", params | {"OPTIONS": _MEMORY})

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        due = self._next_try.get(self._location)
        if due is not None and time.monotonic() < due:
            return getattr(self._memory, method)(*args, **kwargs)
        if due is not None:
            self._pause()  # the other threads go on quietly while this one tries
        try:
            answer = getattr(self._redis, method)(*args, **kwargs)
        except (RedisError, OSError):
            self._pause()
            return getattr(self._memory, method)(*args, **kwargs)
        if due is not None:
            self._resume()
        return answer

    def _pause(self) -> None:
        self._next_try[self._location] = time.monotonic() + PAUSE_SECONDS

    def _resume(self) -> None:
        self._next_try.pop(self._location, None)
        # The next outage is not to bring back what this one left behind.
        self._memory.clear()

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("add", *args, **kwargs)

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("get", *args, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("set", *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("touch", *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("delete", *args, **kwargs)

    def incr(self, *args: Any, **kwargs: Any) -> Any:
        return self._call("incr", *args, **kwargs)

    def clear(self) -> None:
        self._call("clear")

    def answers(self) -> bool:
        """Whether Redis itself answers just now."""
        try:
            return bool(self._redis._cache.get_client(None).ping())
        except (RedisError, OSError):
            return False
