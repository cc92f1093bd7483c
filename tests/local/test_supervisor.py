import signal
import sys

import pytest

from kwiga.local import processes
from kwiga.local.errors import CommandError
from kwiga.local.supervisor import Supervisor, end_leftovers, read_procfile, watch

SLEEP = "exec sleep 60"
# A process with a child that ignores every polite signal, as a server with workers.
FAMILY = f"""exec {sys.executable} -c "
import subprocess, time
child = subprocess.Popen(['/bin/sh', '-c', 'trap : TERM; while :; do sleep 1; done'])
print(child.pid, flush=True)
time.sleep(60)" """
KILLED = """
import time
from pathlib import Path
from kwiga.local.supervisor import Supervisor
commands = dict(web="exec sleep 60", worker="exec sleep 60")
supervisor = Supervisor(commands, Path({folder!r}), lambda name: dict(NAME=name))
supervisor.start()
print(1, flush=True)
time.sleep(60)
"""


@pytest.fixture
def supervise(tmp_path):
    """Builds a supervisor for these commands, and stops it at the end."""
    built = []

    def build(**commands):
        built.append(Supervisor(commands, tmp_path / "run", lambda name: {"NAME": name, "PATH": "/usr/bin:/bin"}))
        return built[-1]

    yield build
    for supervisor in built:
        supervisor.stop()


def pids(supervisor):
    return [child.pid for child in supervisor.children.values()]


def test_a_line_without_exec_is_refused(tmp_path):
    (tmp_path / "Procfile").write_text("web: exec gunicorn\n# a comment\nworker: celery\n")
    with pytest.raises(CommandError, match="of the form `name: exec command`: worker: celery"):
        read_procfile(tmp_path / "Procfile")


def test_lines_are_read_in_order(tmp_path):
    (tmp_path / "Procfile").write_text("web: exec gunicorn --bind :$PORT\n\nworker: exec celery\n")
    assert list(read_procfile(tmp_path / "Procfile").items()) == [
        ("web", "exec gunicorn --bind :$PORT"),
        ("worker", "exec celery"),
    ]


def test_one_that_ends_by_itself_is_named(supervise):
    supervisor = supervise(web=SLEEP, worker="exec false")
    supervisor.start()
    assert watch(supervisor, lambda: None) == "worker"


def test_a_server_that_ends_is_named(supervise):
    supervisor = supervise(web=SLEEP)
    supervisor.start()
    assert watch(supervisor, lambda: "PostgreSQL") == "PostgreSQL"


def test_each_line_of_output_stands_behind_a_name(supervise, capsys):
    supervisor = supervise(web="exec printf 'one\\ntwo\\n'", worker='exec echo "$NAME"')
    supervisor.start()
    assert processes.wait_until(lambda: all(child.poll() == 0 for child in supervisor.children.values()), 5)
    supervisor.stop()
    assert sorted(capsys.readouterr().out.splitlines()) == ["web    | one", "web    | two", "worker | worker"]


def test_stop_ends_them_softly(supervise):
    supervisor = supervise(web=SLEEP, worker=SLEEP)
    supervisor.start()
    supervisor.stop()
    assert [child.returncode for child in supervisor.children.values()] == [-signal.SIGTERM, -signal.SIGTERM]
    assert list(supervisor.pid_folder.iterdir()) == []


def test_stop_leaves_no_grandchild(supervise, capsys):
    supervisor = supervise(web=FAMILY)
    supervisor.start()
    seen = []
    assert processes.wait_until(lambda: bool(seen.append(capsys.readouterr().out) or "".join(seen).strip()), 5)
    grandchild = int("".join(seen).rpartition("| ")[2])
    assert processes.is_running(grandchild)

    supervisor.stop()

    assert processes.wait_until(lambda: not processes.is_running(grandchild), 5)


def test_a_kill_of_the_supervisor_ends_everything(script, tmp_path):
    parent, _ = script(KILLED.format(folder=str(tmp_path / "run")))
    left = [int(file.read_text()) for file in (tmp_path / "run").glob("*.pid")]
    assert len(left) == 2

    parent.kill()

    assert processes.wait_until(lambda: not any(map(processes.is_running, left)), 5)


def test_a_process_that_is_none_of_ours_is_left_alone(supervise, tmp_path):
    supervisor = supervise(web=SLEEP)
    supervisor.start()
    (tmp_path / "run" / "damaged.pid").write_text("")

    end_leftovers(tmp_path / "run")

    assert all(map(processes.is_running, pids(supervisor)))
    assert list((tmp_path / "run").iterdir()) == []
