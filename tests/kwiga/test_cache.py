"""The cache against a real Valkey that is stopped, frozen and started again (trust F4)."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import redis

from kwiga import cache as cache_module
from kwiga.cache import SteadyCache
from tests.support.broker import Broker, running_broker

PAUSE = 0.4


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Broker]:
    with running_broker(tmp_path) as server:
        yield server


@pytest.fixture
def cache(valkey: Broker, monkeypatch: pytest.MonkeyPatch) -> SteadyCache:
    monkeypatch.setattr(cache_module, "PAUSE_SECONDS", PAUSE)
    return SteadyCache(valkey.url, {})


@contextmanager
def frozen(valkey: Broker) -> Iterator[None]:
    """Connections are taken, and nothing is ever answered."""
    assert valkey.process
    valkey.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        valkey.process.send_signal(signal.SIGCONT)


def seconds_of(cache: SteadyCache, calls: int = 1) -> float:
    begun = time.monotonic()
    for _ in range(calls):
        cache.get("key")
    return time.monotonic() - begun


def test_two_processes_see_the_same_values(valkey: Broker, cache: SteadyCache) -> None:
    cache.set("key", ["value"], timeout=60)
    assert SteadyCache(valkey.url, {}).get("key") == ["value"]


def test_every_kind_of_call_reaches_valkey(cache: SteadyCache) -> None:
    assert cache.add("count", 1)
    assert not cache.add("count", 5)
    assert cache.incr("count", 2) == 3
    assert cache.get_or_set("other", "made") == "made"
    assert cache.get_many(["count", "other", "missing"]) == {"count": 3, "other": "made"}
    assert cache.touch("other", 60)
    assert cache.delete("other")
    assert not cache.has_key("other")
    cache.clear()
    assert cache.get("count") is None


def test_clearing_leaves_the_messages_of_the_broker_alone(valkey: Broker) -> None:
    ours, theirs = SteadyCache(valkey.url, {"KEY_PREFIX": "cache"}), SteadyCache(valkey.url, {"KEY_PREFIX": "other"})
    ours.set("key", 1)
    theirs.set("key", 2)
    with closing(redis.Redis.from_url(valkey.url)) as client:
        client.rpush("celery", "a message")
        ours.clear()
        assert client.llen("celery") == 1
    assert ours.get("key") is None
    assert theirs.get("key") == 2


def test_a_missing_counter_is_an_error_of_the_caller_and_no_outage(cache: SteadyCache) -> None:
    with pytest.raises(ValueError, match="not found"):
        cache.incr("missing")
    cache.set("key", "in valkey")
    assert SteadyCache._next_try == {}


def test_values_live_in_memory_while_valkey_is_down(valkey: Broker, cache: SteadyCache) -> None:
    cache.set("before", 1)
    valkey.kill()
    assert cache.get("before") is None
    cache.set("during", 2)
    assert cache.get("during") == 2
    assert cache.incr("during") == 3


def test_a_server_that_is_gone_costs_nothing_to_speak_of(valkey: Broker, cache: SteadyCache) -> None:
    valkey.kill()
    assert seconds_of(cache, calls=100) < 0.2


@pytest.mark.spec("F4")
def test_a_server_that_hangs_costs_half_a_second_once(valkey: Broker, cache: SteadyCache) -> None:
    cache.get("key")  # the connection is open when the server stops answering
    with frozen(valkey):
        assert 0.3 < seconds_of(cache) < 0.9
        assert seconds_of(cache, calls=100) < 0.1


def test_a_server_that_hangs_costs_one_thread_and_spares_the_others(valkey: Broker, cache: SteadyCache) -> None:
    with frozen(valkey):
        cache.get("key")
        time.sleep(PAUSE + 0.05)
        trier = threading.Thread(target=seconds_of, args=[cache])
        trier.start()
        time.sleep(0.05)  # the thread is waiting for an answer by now
        other_thread = SteadyCache(valkey.url, {})
        assert seconds_of(other_thread) < 0.1
        trier.join()


def test_it_is_back_within_seconds(valkey: Broker, cache: SteadyCache) -> None:
    cache.set("key", "old")
    valkey.kill()
    cache.set("key", "kept in memory")
    valkey.start()
    time.sleep(PAUSE + 0.05)
    assert cache.get("key") == "old"
    cache.set("key", "new")
    assert SteadyCache(valkey.url, {}).get("key") == "new"


def test_an_outage_does_not_bring_back_what_an_earlier_one_left(valkey: Broker, cache: SteadyCache) -> None:
    valkey.kill()
    cache.set("key", "first outage")
    valkey.start()
    time.sleep(PAUSE + 0.05)
    cache.get("key")
    valkey.kill()
    assert cache.get("key") is None


def test_many_connections_survive_a_restart(valkey: Broker, cache: SteadyCache) -> None:
    """Each thread has a connection of its own; a broken one is noticed and replaced without another outage."""
    caches = [SteadyCache(valkey.url, {}) for _ in range(4)]
    for each in caches:
        each.set("key", "open")
    valkey.kill()
    valkey.start()
    for each in caches:
        each.set("key", "again")
    assert SteadyCache._next_try == {}
    assert cache.get("key") == "again"


def test_it_says_whether_the_server_itself_answers(valkey: Broker, cache: SteadyCache) -> None:
    assert cache.answers()
    valkey.kill()
    assert not cache.answers()


@pytest.fixture(autouse=True)
def no_outage_is_left_behind() -> Iterator[None]:
    SteadyCache._next_try.clear()
    yield
    SteadyCache._next_try.clear()
