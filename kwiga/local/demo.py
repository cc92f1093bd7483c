"""`bin/demo`: a seeded store on this machine, from nothing to signed in, and back to nothing on Ctrl-C."""

import argparse
import fcntl
import http.client
import os
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from kwiga.local import processes
from kwiga.local.builders import build_css, collect_static, compile_catalogues
from kwiga.local.envfile import process_environment, write_env_file
from kwiga.local.errors import CommandError
from kwiga.local.manage import run_manage
from kwiga.local.passwords import keep_secrets
from kwiga.local.paths import DATA, ROOT, prepare_data_folder
from kwiga.local.postgres import DEMO_SETTINGS
from kwiga.local.progress import complain, step
from kwiga.local.services import Services, check_external_services, services
from kwiga.local.supervisor import Supervisor, end_leftovers, read_procfile, watch

PASSWORD = "sample-school-demo"  # noqa: S105 - the demo's people live on this machine alone
_READY_SECONDS = 90
_FORGOTTEN_BY_RESET = ("postgres", "valkey", "mail", "bank", "env", "static", "static.stamp")


def main(arguments: list[str]) -> int:
    """Runs until Ctrl-C or until a process ends by itself; returns the exit status."""
    parser = argparse.ArgumentParser(prog="bin/demo", description="Start a seeded store on this machine.")
    parser.add_argument("--reset", action="store_true", help="forget the data of earlier starts and begin anew")
    options = parser.parse_args(arguments)
    port = _port()
    prepare_data_folder()
    with only_one(DATA / "demo.lock"):
        end_leftovers(DATA / "run")
        _check_port(port)
        _check_bank_port(port)
        check_external_services()
        if options.reset:
            _forget()
        with services(DATA, keep_secrets(DATA / "secrets.json"), DEMO_SETTINGS, os.environ) as running:
            variables = {**running.variables, **_settings(port)}
            _prepare(variables)
            supervisor = Supervisor(
                read_procfile(ROOT / "Procfile"), DATA / "run", lambda name: process_environment(name, variables)
            )
            return _serve(supervisor, running, port)


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is {text!r}, but a port is a number from 1 to 65535.")
    if int(text) == 65535:
        raise CommandError("PORT is the last there is, and the Test bank needs the one after it: choose another.")
    return int(text)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CommandError(f"This user may not listen on port {port}: choose another, as in PORT=8080.") from error
        except OSError as error:
            raise CommandError(
                f"Port {port} is used by another program: stop that one, or choose another port, as in "
                f"PORT={port + 1 if port < 65535 else 8000} bin/demo."
            ) from error


def _check_bank_port(port: int) -> None:
    if not processes.port_is_free(port + 1):
        raise CommandError(
            f"Port {port + 1}, where the Test bank answers, is used by another program: stop that one, or choose "
            f"another port for the store, as in PORT={port + 2 if port < 65533 else 8000} bin/demo."
        )


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Holds a lock that the kernel drops with the process; raises CommandError when another one holds it."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CommandError(
                f"bin/demo already runs in this folder (process {file.read().strip()}): use that one, or stop it first."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _forget() -> None:
    if os.environ.get("DATABASE_URL"):
        raise CommandError("--reset empties only the embedded servers: empty the database of DATABASE_URL yourself.")
    for name in _FORGOTTEN_BY_RESET:
        path = DATA / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _settings(port: int) -> dict[str, str]:
    """What differs between the demo and production. The real environment wins, but for the port itself."""
    defaults = {
        "BASE_URL": f"http://localhost:{port}",
        "DEBUG": "0",
        "DEMO": "1",
        "KEEP_MAIL_IN": str(DATA / "mail"),
        "STATIC_ROOT": str(DATA / "static"),
        "TEST_BANK_URL": f"http://127.0.0.1:{port + 1}",
        "TEST_BANK_LEDGER": str(DATA / "bank"),
    }
    fixed = {"PORT": str(port), "TEST_BANK_PORT": str(port + 1)}
    return {name: os.environ.get(name, value) for name, value in defaults.items()} | fixed


def _prepare(variables: Mapping[str, str]) -> None:
    write_env_file(DATA / "env", variables)
    with step("Building the style sheet"):
        build_css()
    with step("Compiling the message catalogues"):
        compile_catalogues()
    with step("Collecting static files"):
        collect_static(variables)
    with step("Migrating the database"):
        run_manage(["migrate", "--verbosity", "0"], variables)
    with step("Seeding the demo schools"):
        run_manage(["seed_demo", "--password", PASSWORD], variables)


def _serve(supervisor: Supervisor, running: Services, port: int) -> int:
    try:
        print("Starting web, worker, beat and the Test bank …", flush=True)
        supervisor.start()
        processes.wait_until(lambda: supervisor.fallen() is not None or _is_ready(port), _READY_SECONDS)
        if supervisor.fallen() is None and not _is_ready(port):
            raise CommandError(f"The store did not answer within {_READY_SECONDS} seconds.")
        if supervisor.fallen() is None:
            _welcome(port)
        name = watch(supervisor, running.fallen)
        complain(f"{name} has ended by itself, so everything is stopped; its last words are above.")
        return 1
    finally:
        print("Stopping …", flush=True)
        supervisor.stop()


def _is_ready(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request("GET", "/readyz", headers={"Host": f"localhost:{port}"})
        return client.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()


def _welcome(port: int) -> None:
    begun = float(os.environ.get("KWIGA_STARTED_AT") or time.time())
    print(
        f"""
Ready after {max(time.time() - begun, 0):.0f} s.

  Store       http://sampleschool.localhost:{port}/
              http://127.0.0.1:{port}/  (the same, where that name is not resolved)
  Dashboard   http://localhost:{port}/sampleschool/
              owner@sampleschool.test, password {PASSWORD}
  Second one  http://otherschool.localhost:{port}/
              http://localhost:{port}/otherschool/
              owner@otherschool.test, password {PASSWORD}
  Mailbox     http://localhost:{port}/mailbox/  (every mail the store sends)
  Test bank   http://127.0.0.1:{port + 1}/  (where the store's buyers pay with money that does not exist)

Ctrl-C stops everything and keeps the data; bin/demo --reset starts over.
""",
        flush=True,
    )
