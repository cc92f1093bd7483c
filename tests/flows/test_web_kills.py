"""The web process dies again and again while guests buy: what was acknowledged is there, and nothing is half-done.

The driver keeps its own journal of every promise the store made, and the bank has its ledger; both lie within what the
database knows in the end (trust F1, I11, I15).
"""

import itertools
import json
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

import pytest

from benchmarks.buyer import Buyer, Shop, Unexpected
from kwiga import clock
from kwiga.local.processes import wait_until
from kwiga.tokens import digest
from orders.models import InboxEvent, Order, Payment
from schools.invariants import check_invariants
from schools.models import OutboxRow
from schools.tenancy.scope import school_scope
from tests.flows.conftest import MAIN, Store
from tests.support.stack import WEB, Stack

# bin/prove asks for many seeds of each race, and gets that many kills of this one.
KILLS = 50 if int(os.environ.get("PROVE_SEEDS", "1")) > 1 else 4
BUYERS = 4


@dataclass
class Driver:
    """Guests who buy without end, and what the store has promised them."""

    shop: Shop
    promised: list[tuple[str, str]] = field(default_factory=list)
    failures: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def buy_on(self) -> None:
        while not self.is_over.is_set():
            try:
                Buyer(self.shop, next(self.numbers)).buy()
            except (OSError, HTTPException, Unexpected):
                self.failures += 1
                time.sleep(0.1)

    def wait_for_promises(self, count: int) -> None:
        """Let so many more be made, or 20 seconds pass."""
        before = len(self.promised)
        wait_until(lambda: len(self.promised) >= before + count, 20)

    def promises(self, kind: str) -> set[str]:
        return {name for told, name in self.promised if told == kind}


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_web(stack: Stack, chance: random.Random) -> None:
    """kill -9: one worker, both, or the whole server, which is then started again."""
    master = stack.running["web"].pid
    workers = children(master)
    strike = chance.choice(["one", "both", "all"])
    for pid in workers[:1] if strike == "one" else workers:
        os.kill(pid, signal.SIGKILL)
    if strike == "all":
        stack.kill("web")
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 5)
        stack.start("web", [*WEB, "--bind", f"127.0.0.1:{stack.port}"])


def ledger_of(stack: Stack) -> list[dict[str, object]]:
    """The lines of the bank's ledger; one that is being written is left out."""
    lines = (stack.folder / "bank" / "ledger.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def unheard(stack: Stack) -> set[object]:
    """Notices that the bank has not got rid of yet."""
    entries = ledger_of(stack)
    sent = {entry["notice"]["id"] for entry in entries if entry["do"] == "notice"}  # type: ignore[index]
    return sent - acknowledged(stack)


def acknowledged(stack: Stack) -> set[object]:
    told = [entry for entry in ledger_of(stack) if entry["do"] == "told"]
    return {entry["notice"] for entry in told if 200 <= int(str(entry["status"])) < 300}


@pytest.mark.prove
@pytest.mark.spec("F1")
@pytest.mark.spec("I11")
@pytest.mark.spec("I15")
@pytest.mark.timeout(900)
def test_nothing_promised_is_lost_when_the_web_process_is_killed(store: Store, capsys: pytest.CaptureFixture) -> None:
    stack, chance = store.stack, random.Random(KILLS)
    driver = Driver(Shop(stack.port, store.host, MAIN))
    driver.shop = Shop(stack.port, store.host, MAIN, acknowledged=lambda *promise: driver.promised.append(promise))
    buyers = [threading.Thread(target=driver.buy_on) for _ in range(BUYERS)]
    for buyer in buyers:
        buyer.start()
    for _kill in range(KILLS):
        driver.wait_for_promises(3)
        time.sleep(chance.uniform(0, 0.5))
        kill_web(stack, chance)
    assert wait_until(stack.web_answers, 60), stack.log("web")
    time.sleep(2)
    driver.is_over.set()
    for buyer in buyers:
        buyer.join(60)
    assert wait_until(lambda: not unheard(stack), 120), stack.log("bank")
    assert wait_until(lambda: not due(store), 120), stack.log("worker")
    with capsys.disabled():
        print(f"\n{KILLS} kills: {len(driver.promises('order'))} orders promised, {driver.failures} attempts cut off")
    check(store, driver)


def due(store: Store) -> int:
    with school_scope(store.school):
        waiting = OutboxRow.objects.filter(done_at=None, dead_at=None, available_at__lte=clock.now())
        return waiting.count()


def paid_at(stack: Stack) -> set[object]:
    """Sessions that the bank counts as paid."""
    return {entry["session"] for entry in ledger_of(stack) if entry["do"] == "move" and entry["status"] == "paid"}


def captured_in(store: Store) -> set[object]:
    with school_scope(store.school):
        return set(Payment.objects.captured().values_list("provider_ref", flat=True))


def check(store: Store, driver: Driver) -> None:
    # Work that failed while the store was away is tried again some time later.
    assert wait_until(lambda: paid_at(store.stack) <= captured_in(store), 120), store.stack.log("worker")
    captured = captured_in(store)
    with school_scope(store.school):
        known = set(Order.objects.values_list("pay_digest", flat=True))
        stored = set(InboxEvent.objects.values_list("event_id", flat=True))
        dead = OutboxRow.objects.filter(dead_at__isnull=False).count()
    assert driver.failures and len(driver.promises("order")) > KILLS
    assert {digest(token) for token in driver.promises("order")} <= known
    assert driver.promises("paid") <= captured
    assert acknowledged(store.stack) <= stored
    assert dead == 0
    assert [(finding.invariant.name, finding.rows[:3]) for finding in check_invariants([]) if finding.rows] == []
