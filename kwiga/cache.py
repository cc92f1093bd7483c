"""The cache that stays up: Redis, and process memory for a while when Redis does not answer."""

import time
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

PAUSE_SECONDS = 5.0


class SteadyCache(BaseCache):
    """Every call goes to Redis; after a failure all calls go to process memory for five seconds.

    What it holds (rate limits, short answers) may be forgotten at any time, never relied on.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"socket_timeout": 2, "socket_connect_timeout": 0.5} | params.get("OPTIONS", {})
        self._redis = RedisCache(location, params | {"OPTIONS": options})
        self._memory = LocMemCache("steady", params)
        self._paused_until = 0.0

    def _call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self._paused_until:
            try:
                return getattr(self._redis, method)(*args, **kwargs)
            except (RedisError, OSError):
                self._paused_until = time.monotonic() + PAUSE_SECONDS
        return getattr(self._memory, method)(*args, **kwargs)

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
