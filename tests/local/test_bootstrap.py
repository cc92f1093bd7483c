"""The shell part, with programs on PATH that are not what their names say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kwiga.local.paths import ROOT

REAL = os.path.realpath(sys.executable)


@pytest.fixture
def programs(tmp_path):
    """Puts programs on PATH; one that is `real` hands over to the Python of this run."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return put


@pytest.fixture
def shell(tmp_path):
    """Runs shell code in a folder of its own, after bootstrap.sh, with only our programs and the system's tools."""

    def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
        names = {"PATH": f"{tmp_path / 'bin'}:{tmp_path / 'tools'}", "HOME": str(tmp_path / "home")}
        return subprocess.run(
            ["/bin/sh", "-euc", f". '{ROOT}/bin/bootstrap.sh'\n{code}"],
            cwd=tmp_path,
            env=names | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("awk", "df", "grep", "mkdir", "mv", "rm", "rmdir", "tail", "tee", "tr"):
        source = next(path for path in (Path("/usr/bin") / name, Path("/bin") / name) if path.exists())
        (tools / name).symlink_to(source)
    return run


def test_a_shim_that_leads_nowhere_is_passed_over(programs, shell):
    programs("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    programs("python3", f'exec {REAL} "$@"')
    found = shell("find_project_python")
    assert (found.returncode, found.stdout.strip()) == (0, REAL)


def test_an_old_python_is_not_taken_for_the_project_but_makes_uv(programs, shell):
    programs("python3", 'case $2 in *"3, 12"*) exit 1;; *) echo /old/python3;; esac')
    assert shell("find_project_python").returncode == 1
    assert shell('find_python "$any_python_test" python3').stdout.strip() == "/old/python3"


@pytest.mark.parametrize("root", ["home/.pyenv", "elsewhere"])
def test_pyenvs_versions_are_found(shell, tmp_path, root):
    folder = tmp_path / root / "versions" / "3.13.0" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(REAL)
    found = shell("find_project_python", PYENV_ROOT=str(tmp_path / "elsewhere"))
    assert (found.returncode, os.path.realpath(found.stdout.strip())) == (0, REAL)


def test_without_any_python_one_sentence_says_so(shell, tmp_path):
    done = shell("bootstrap local")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "No Python was found that can make virtual environments: install python3 with its venv package (python3-venv "
        "on Debian and Ubuntu), or uv.\n"
    )
    assert not (tmp_path / ".venv").exists()


def uv(sync: str) -> str:
    """A uv that knows its options and then does this when asked to sync."""
    return f'case "$*" in *--help*) echo --inexact;; *) {sync};; esac'


def test_a_missing_network_is_one_sentence_and_leaves_nothing(programs, shell, tmp_path):
    programs("python3", f'exec {REAL} "$@"')
    programs("uv", uv("mkdir .venv; echo 'error: Failed to fetch: dns error'; exit 2"))
    done = shell("bootstrap local")
    assert (done.returncode, done.stderr) == (
        1,
        "A package could not be downloaded: check the network and the access to the package index, then start again.\n",
    )
    assert not (tmp_path / ".venv").exists()


def test_a_disk_that_fills_up_is_one_sentence_and_leaves_nothing(programs, shell, tmp_path):
    programs("python3", f'exec {REAL} "$@"')
    programs("uv", uv("mkdir .venv; echo 'error: No space left on device (os error 28)'; exit 2"))
    done = shell("bootstrap local")
    assert done.returncode == 1
    assert done.stderr == f"The disk that holds {tmp_path} is full: free 1000 MB and start again.\n"
    assert not (tmp_path / ".venv").exists()


def test_a_disk_that_is_full_is_said_before_anything_is_made(programs, shell, tmp_path):
    programs("df", "printf 'Filesystem\\nx 100 90 10240 90%% /\\n'")
    done = shell("bootstrap local")
    assert done.returncode == 1
    assert done.stderr.startswith(f"The disk that holds {tmp_path} is full (10 MB left, 1000 MB are needed)")
    assert not (tmp_path / ".data").exists()


def test_an_existing_environment_survives_a_failure(programs, shell, tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(REAL)
    programs("uv", uv("echo 'error: Failed to fetch'; exit 2"))
    assert shell("bootstrap local").returncode == 1
    assert (tmp_path / ".venv" / "bin" / "python").exists()


def test_where_no_python_fits_uv_may_fetch_one(programs, shell, tmp_path):
    programs("uv", uv('echo "$UV_PYTHON_DOWNLOADS $*" >asked'))
    done = shell("bootstrap local test")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "asked").read_text() == (
        "automatic sync --frozen --inexact --no-progress --group local --group test --python 3.13\n"
    )
