import os
import signal
from pathlib import Path

import psycopg
import pytest

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.paths import private_folder
from kwiga.local.postgres import TEST_SETTINGS, Postgres, _launch, _make_cluster
from kwiga.local.postgres_user import _ways_for_root, _works, find_way, own

STARTER = """
import time
from pathlib import Path
from kwiga.local.postgres import Postgres
server = Postgres(Path({folder!r}), "a-password")
server.start()
print(server.process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def server(tmp_path):
    """Below a folder that only its owner may enter, as a project in somebody's home."""
    server = Postgres(tmp_path / "postgres", "a-password", TEST_SETTINGS)
    yield server
    server.stop()


def ask(server: Postgres, statement: str):
    with psycopg.connect(server.superuser_url(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else None


def test_two_run_side_by_side(cluster, server):
    server.start()

    assert ask(cluster, "SHOW server_version_num") == ask(server, "SHOW server_version_num")
    assert cluster.port != server.port


def test_nobody_logs_in_without_the_password(cluster):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(cluster.url("postgres", "another", "postgres"))


def test_what_was_committed_before_a_kill_is_there_afterwards(cluster):
    ask(cluster, "CREATE TABLE kept AS SELECT 1 AS number")
    os.kill(cluster.process.pid, signal.SIGKILL)
    cluster.process.wait()

    cluster.start()

    assert ask(cluster, "SELECT number FROM kept") == [(1,)]


def test_data_is_kept_over_a_stop(server):
    server.start()
    ask(server, "CREATE TABLE kept AS SELECT 1 AS number")
    server.stop()

    server.start()

    assert ask(server, "SELECT number FROM kept") == [(1,)]


def test_an_interrupted_initdb_is_done_again(server):
    for half in ("data.new", "data"):
        (server.folder / half).mkdir(parents=True)
        (server.folder / half / "postgresql.conf").write_text("nonsense")

    server.start()

    assert ask(server, "SELECT 1") == [(1,)]
    assert not (server.folder / "data.new").exists()


def test_a_lock_file_of_a_process_that_is_somebody_else_by_now_does_not_matter(server):
    server.start()
    server.stop()
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n1\n1\n\n127.0.0.1\n\nready\n")

    server.start()

    assert ask(server, "SELECT 1") == [(1,)]


def test_data_of_another_version_is_left_alone(server):
    server.start()
    server.stop()
    (server.data / "PG_VERSION").write_text("9\n")

    with pytest.raises(CommandError, match="made by PostgreSQL 9, and PostgreSQL 18 is installed"):
        server.start()


def test_the_server_ends_when_its_parent_is_killed(script, tmp_path):
    parent, server_pid = script(STARTER.format(folder=str(tmp_path / "postgres")))

    parent.kill()

    assert processes.wait_until(lambda: not processes.is_running(server_pid), 10)


def test_the_next_start_takes_over_from_a_killed_one(script, server):
    parent, _server_pid = script(STARTER.format(folder=str(server.folder)))
    parent.kill()

    server.start()

    assert ask(server, "SELECT 1") == [(1,)]


def test_no_folder_above_the_data_changes(cluster):
    folder = cluster.folder
    above = [Path(folder.anchor), *[parent for parent in folder.parents if parent != Path(folder.anchor)]]
    assert all(parent.stat().st_uid == os.geteuid() for parent in above if str(parent).startswith(str(Path.cwd())))
    assert (folder.stat().st_mode & 0o777) == 0o700


def test_a_server_that_still_runs_from_an_earlier_start_is_ended_first(server):
    server.start()
    earlier = server.process
    successor = Postgres(server.folder, "a-password", TEST_SETTINGS)

    successor.start()

    assert earlier.poll() == 0
    assert ask(successor, "SELECT 1") == [(1,)]
    successor.stop()


def test_every_way_to_run_it_that_this_machine_allows_works(server):
    """As root: as nobody, in a user namespace, or with one capability; below a private folder the first cannot."""
    ways = list(_ways_for_root()) if os.geteuid() == 0 else [find_way(server.folder)]
    private_folder(server.folder)
    allowed = [way for way in ways if _works(way, server.folder)]
    assert allowed
    for way in allowed:
        own(server.folder, way.owner)
        _make_cluster(server, way)
        assert _launch(server, way)
        assert ask(server, "SELECT 1") == [(1,)]
        server.stop()
