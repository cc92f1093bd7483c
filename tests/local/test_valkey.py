import os
import signal

import pytest
import redis

from kwiga.local.valkey import Valkey, answers


@pytest.fixture
def server(tmp_path):
    server = Valkey(tmp_path / "valkey", "a-password")
    server.start()
    yield server
    server.stop()


def test_every_acknowledged_message_is_back_after_a_kill(server):
    with redis.Redis.from_url(server.url()) as client:
        for number in range(500):
            client.rpush("queue", number)
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()

    server.start()

    with redis.Redis.from_url(server.url()) as client:
        assert client.llen("queue") == 500


def test_nobody_gets_in_without_the_password(server):
    assert answers(server.url())
    assert not answers(server.url().replace("a-password", "another"))


def test_it_never_throws_messages_away_for_room(server):
    with redis.Redis.from_url(server.url(), decode_responses=True) as client:
        assert client.config_get("maxmemory-policy", "appendonly") == {
            "maxmemory-policy": "noeviction",
            "appendonly": "yes",
        }


def test_a_server_that_still_runs_from_an_earlier_start_is_ended_first(server):
    earlier = server.process
    successor = Valkey(server.folder, "a-password")

    successor.start()

    assert earlier.poll() == 0
    assert answers(successor.url())
    successor.stop()
