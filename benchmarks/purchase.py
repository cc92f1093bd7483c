"""Purchases a second: `python -m benchmarks.purchase [--seconds 12] [--profile]`.

A fresh guest opens an offer, tries a code, submits, pays at the Test bank and lands on the thanks: seven requests, on
the processes that the demo runs (web, worker, beat, bank), with fsync and all limits on. Beside it, in the same run:
the offer page alone, the same seven requests to a bare Django app, and the statements of one purchase without any web
process. Then the worker catches up, and every invariant must hold.
"""

import argparse
import itertools
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.buyer import REQUESTS, Buyer, Shop
from benchmarks.ground import ROOT, ground, requests_per_second, running
from benchmarks.limits_found import cpu_shares, print_profile
from benchmarks.replay import replays_per_second
from kwiga.local import processes
from kwiga.local.postgres import DEMO_SETTINGS

OFFER = "TnHG7QjEFukO"
SITE = "sampleschool.localhost"
CLIENTS = (1, 4, 16)
_numbers = itertools.count(1)


@dataclass
class Result:
    """What the clients of one run saw."""

    seconds: float
    times: list[list[float]] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    @property
    def medians(self) -> list[float]:
        """Of each of the seven requests, in milliseconds."""
        return [statistics.median(purchase[place] for purchase in self.times) * 1000 for place in range(len(REQUESTS))]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=12.0, help="how long each measurement takes")
    parser.add_argument("--profile", action="store_true", help="say what limits it")
    options = parser.parse_args()
    with stores() as (store, skeleton, environment):
        measure(store, skeleton, environment, options.seconds, profile=options.profile)
        check(environment)
        # Afterwards, for what it says over and over changes the rows of purchases made here.
        rates = {clients: replays_per_second(store, clients, options.seconds / 2) for clients in CLIENTS}
        print(
            "the SQL of a purchase alone: " + ", ".join(f"{rate:.0f}/s by {clients}" for clients, rate in rates.items())
        )


@contextmanager
def stores() -> Iterator[tuple[Shop, Shop, dict[str, str]]]:
    """The store and the skeleton, each with its processes, on one database and one bank."""
    port, bare_port, bank_port = (processes.free_port() for _ in range(3))
    variables = {"BASE_URL": f"http://localhost:{port}", "TEST_BANK_URL": f"http://127.0.0.1:{bank_port}"}
    with ground(DEMO_SETTINGS, **variables) as environment:
        folder = Path(environment["STATIC_ROOT"]).parent
        environment["KEEP_MAIL_IN"] = str(folder / "mail")
        subprocess.run([sys.executable, "-m", "benchmarks.skeleton.wsgi"], cwd=ROOT, env=environment, check=True)
        commands = [
            ["gunicorn", "kwiga.wsgi:application", "--bind", f"127.0.0.1:{port}"],
            ["gunicorn", "benchmarks.skeleton.wsgi:application", "--bind", f"127.0.0.1:{bare_port}"],
            ["python", "-m", "orders.payments.test_bank.bank", "--port", str(bank_port), "--ledger", str(folder)],
            ["celery", "--app", "kwiga.celery", "worker", "--concurrency", "2", "--prefetch-multiplier", "1"],
            ["celery", "--app", "kwiga.celery", "beat"],
        ]
        with running(commands, environment):
            ports = (port, bare_port, bank_port)
            if not processes.wait_until(lambda: not any(map(processes.port_is_free, ports)), 60):
                raise RuntimeError("a process does not answer")
            yield Shop(port, SITE, OFFER), Shop(bare_port, "127.0.0.1", OFFER), environment


def measure(store: Shop, skeleton: Shop, environment: dict[str, str], seconds: float, *, profile: bool) -> None:
    """Print a line for each number of clients; the skeleton is measured right before and right after the store."""
    for shop in (store, skeleton):
        run(shop, 4, 3)
    print(f"{'clients':>7}{'purchases/s':>13}{'skeleton/s':>12}{'ratio':>7}{'offer pages/s':>15}")
    medians = {}
    for clients in CLIENTS:
        first = run(skeleton, clients, seconds / 2)
        with cpu_shares(environment, show=profile and clients == CLIENTS[-1]):
            own = run(store, clients, seconds)
        second = run(skeleton, clients, seconds / 2)
        bare = (first.per_second + second.per_second) / 2
        pages, _median = requests_per_second(store.port, SITE, f"/o/{OFFER}", clients, seconds / 2)
        medians[clients] = own.medians
        print(
            f"{clients:>7}{own.per_second:>13.1f}{bare:>12.1f}{own.per_second / bare:>7.2f}{pages:>15.0f}", flush=True
        )
    print_medians(medians)
    if profile:
        print_profile(store)


def print_medians(medians: dict[int, list[float]]) -> None:
    """Milliseconds of each request, a line for each number of clients."""
    print("median ms" + "".join(f"{name:>10}" for name in REQUESTS))
    for clients, row in medians.items():
        print(f"{clients:>7}  " + "".join(f"{median:>10.0f}" for median in row))


def run(shop: Shop, clients: int, seconds: float) -> Result:
    """So many guests at a time, each followed by the next. Raises what a guest met."""
    ends, begun = time.monotonic() + seconds, time.monotonic()
    times: list[list[float]] = []
    problems: list[Exception] = []
    threads = [threading.Thread(target=_shop_until, args=(shop, ends, times, problems)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return Result(time.monotonic() - begun, times)


def _shop_until(shop: Shop, ends: float, times: list[list[float]], problems: list[Exception]) -> None:
    try:
        while time.monotonic() < ends and not problems:
            buyer = Buyer(shop, next(_numbers))
            buyer.buy()
            times.append(buyer.times)
    except Exception as problem:
        problems.append(problem)


def check(environment: dict[str, str]) -> None:
    """Let the worker catch up, then ask for every rule; a broken one ends the run with status 1."""
    with psycopg.connect(environment["OPS_DATABASE_URL"], autocommit=True) as ops:
        begun = time.monotonic()
        processes.wait_until(lambda: not waiting(ops), 600)
        print(f"worker done {time.monotonic() - begun:.0f} s later, {waiting(ops)} rows left")
    subprocess.run([sys.executable, "manage.py", "invariants"], cwd=ROOT, env=environment, check=True)


def waiting(ops: "psycopg.Connection[tuple[int]]") -> int:
    """Rows of the outbox that are due and not done."""
    query = "SELECT count(*) FROM schools_outbox WHERE done_at IS NULL AND dead_at IS NULL AND available_at <= now()"
    row = ops.execute(query).fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
