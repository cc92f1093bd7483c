"""The limiter against a real Valkey, with it and without."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.conf import settings as django_settings
from django.test import RequestFactory

from kwiga import limits
from tests.support.broker import Broker, running_broker


@pytest.fixture
def valkey(tmp_path: Path, settings) -> Iterator[Broker]:
    with running_broker(tmp_path) as server:
        settings.REDIS_URL = server.url
        limits.forget()
        yield server
    limits._limiters.__init__()


def allowed(key: str, tries: int, times: int = 8, seconds: int = 60) -> int:
    return sum(limits.allow("guess", key, times=times, seconds=seconds) for _ in range(tries))


@pytest.mark.spec("C1")
def test_only_so_many_tries_pass_in_a_window():
    assert allowed("here", 1_000) == 8
    assert allowed("there", 1) == 1


def test_limits_of_different_names_do_not_mix():
    assert allowed("here", 8) == 8
    assert limits.allow("other", "here", times=8, seconds=60)


def test_the_window_moves_on():
    assert allowed("here", 3, times=2, seconds=1) == 2
    time.sleep(1.1)
    assert allowed("here", 3, times=2, seconds=1) == 2


def test_looking_counts_nothing_and_says_until_when(db):
    from kwiga import clock

    for _ in range(20):
        assert limits.blocked_until("guess", "here", times=2, seconds=60) is None
    assert allowed("here", 2, times=2) == 2
    until = limits.blocked_until("guess", "here", times=2, seconds=60)
    assert until is not None
    assert timedelta(seconds=50) < until - clock.now() <= timedelta(seconds=61)


@pytest.mark.spec("C1")
def test_with_redis_stopped_the_limit_is_stricter_and_comes_back(valkey, monkeypatch):
    monkeypatch.setattr(limits, "PAUSE_SECONDS", 0.3)
    assert allowed("here", 5) == 5
    valkey.kill()
    assert allowed("here", 100) == 8 // limits.STRICTER
    assert allowed("there", 100) == 8 // limits.STRICTER
    assert limits.blocked_until("guess", "here", times=8, seconds=60) is not None
    valkey.start()
    time.sleep(0.35)
    assert allowed("new", 100) == 8


def test_even_a_limit_of_one_lets_one_through_without_redis(valkey):
    valkey.kill()
    assert allowed("here", 10, times=1) == 1


def test_a_dead_redis_is_not_asked_at_every_call(valkey):
    valkey.kill()
    allowed("here", 1)
    begun = time.monotonic()
    allowed("here", 2_000)
    assert time.monotonic() - begun < 1


@pytest.mark.spec("D6")
def test_redis_holds_no_word_of_the_key():
    limits.allow("sign_in", "olena@example.test 203.0.113.9", times=5, seconds=60)
    client = redis.Redis.from_url(django_settings.REDIS_URL)
    prefix = django_settings.CACHES["default"]["KEY_PREFIX"]
    keys = [key.decode() for key in client.scan_iter(match=f"{prefix}:limits*")]
    assert keys
    assert not any(word in key for key in keys for word in ("olena", "example", "203.0"))


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "unknown"),
    ],
)
def test_a_client_is_its_address_or_its_own_network(address, key):
    assert limits.client_key(RequestFactory().get("/", REMOTE_ADDR=address)) == key
