"""Automations: `python -m benchmarks.automations [--contacts 100000] [--processes 2] [--kill]`.

That many contacts go through "wait, create coupon, send mail": they are put in a list, which starts a run for each;
the wait is then let pass. Real worker processes, a mail server on loopback. Beside the rates stand bare baselines of
the same run: the statements that each coupon needs at least, and mails sent one after another over a connection each.
Meanwhile a second school has one contact come every few seconds: how long its single mail takes is the fairness.
"""

import argparse
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path
from smtplib import SMTP
from typing import Any

import psycopg

from benchmarks.coupons import set_up_django
from benchmarks.crowd import BIG, add_single, fill, join, let_time_pass
from benchmarks.ground import ROOT, ground, per_second, resident_megabytes, running
from kwiga.local import processes
from tests.support.smtp import MailServer, mail_server

CALM_SECONDS, GOAL_SECONDS, LOST_SECONDS = 3.0, 5.0, 300.0
BARE_COUPON = """
    WITH c AS (INSERT INTO coupons_coupon (school_id, token, kind, percent_bp, currency, uses, is_used, audience,
            contact_id, for_all_offers, combines, comment, is_draft, made_by, created_at, updated_at)
        SELECT school_id, substr(md5(random()::text), 1, 12), 'percent', 1500, '', 0, false, 'contact', id, true, false,
            '', false, 'bare', now(), now() FROM contacts_contact WHERE email LIKE 'many%%' LIMIT 1
        RETURNING school_id, id)
    INSERT INTO coupons_couponcode (school_id, coupon_id, code, code_key, created_at)
    SELECT school_id, id, upper(md5(random()::text)), upper(md5(random()::text)), now() FROM c
"""


@dataclass
class Inbox:
    """What the mail server took, read once and forgotten, so that a long run does not fill the memory."""

    server: MailServer
    ids: "Counter[str]" = field(default_factory=Counter)  # of the mails to the many
    singles: set[str] = field(default_factory=set)
    read: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def many(self) -> int:
        """How many different mails to the many have come by now."""
        with self.lock:
            accepted = self.server.accepted
            while self.read < len(accepted):
                head, accepted[self.read] = accepted[self.read].partition(b"\r\n\r\n")[0], b""
                self._note(message_from_bytes(head))
                self.read += 1
        return len(self.ids)

    def _note(self, head: Message) -> None:
        if head["To"].startswith("many"):
            self.ids[head["Message-ID"]] += 1
        else:
            self.singles.add(head["To"])


@dataclass
class Passer:
    """The second school's contacts, each with one mail to come."""

    inbox: Inbox
    number: int = 0
    waits: list[float] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    def come_and_wait(self) -> None:
        """One contact after the other, until it is over."""
        while not self.is_over.wait(CALM_SECONDS):
            self.waits.append(self.come())

    def come(self) -> float:
        """Seconds from the commit of one more contact to the mail."""
        self.number += 1
        email = f"single{self.number}@example.test"
        add_single(email)
        begun = time.monotonic()
        while email not in self.inbox.singles and time.monotonic() - begun < LOST_SECONDS:
            time.sleep(0.02)
            self.inbox.many()
        return time.monotonic() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2, help="processes of the worker")
    parser.add_argument("--kill", action="store_true", help="kill -9 a process in the middle of the mails")
    options = parser.parse_args()
    port = processes.free_port()
    with ground(SMTP_URL=f"smtp://127.0.0.1:{port}", OUTBOX_LEASE_SECONDS="20") as environment:
        go_through(options, environment, port)
        command = [sys.executable, "manage.py", "invariants"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)


def go_through(options: argparse.Namespace, environment: dict[str, str], port: int) -> None:
    """The whole run on a seeded store; `port` is where its mail goes."""
    set_up_django()
    worker = ["celery", "--app", "kwiga.celery", "worker", "--concurrency", str(options.processes)]
    commands = [[*worker, "--prefetch-multiplier", "1"], ["celery", "--app", "kwiga.celery", "beat"]]
    with ExitStack() as held:
        owner = held.enter_context(psycopg.connect(environment["DATABASE_URL"], autocommit=True))
        ops = held.enter_context(psycopg.connect(environment["OPS_DATABASE_URL"], autocommit=True))
        people = fill(owner, options.contacts)
        bare = baselines(environment["APP_DATABASE_URL"], port)
        inbox = Inbox(held.enter_context(mail_server(port)))
        (process, _beat) = held.enter_context(running(commands, environment))
        measure(options, people, bare, inbox, process, ops)


def measure(
    options: argparse.Namespace,
    people: list[int],
    bare: dict[str, float],
    inbox: Inbox,
    worker: subprocess.Popen[bytes],
    ops: psycopg.Connection[Any],
) -> None:
    """Both stretches of the runs, with the second school's single mails beside them, and what it all came to."""
    passer = Passer(inbox)
    passer.come()  # the worker is up then
    single = threading.Thread(target=passer.come_and_wait)
    memory = [resident_megabytes(worker.pid)]
    count, begun = options.contacts, time.monotonic()
    single.start()
    join(people)
    until(lambda: _count(ops, "automations_run", "due_at IS NOT NULL") >= count, worker, memory)
    print(f"{'events':<10}{count / (time.monotonic() - begun):>9.1f}/s   a run begun for each, waiting", flush=True)
    let_time_pass()
    begun = time.monotonic()
    if options.kill:
        threading.Thread(target=kill_in_the_middle, args=(worker.pid, inbox, count)).start()
    until(lambda: inbox.many() >= count, worker, memory)
    seconds = {"coupons": _seconds_of_coupons(ops), "mails": time.monotonic() - begun}
    passer.is_over.set()
    single.join()
    tell({name: count / each for name, each in seconds.items()}, bare, memory)
    tell_waits(passer.waits)
    tell_repeats(count, inbox, ops)


def tell(rates: dict[str, float], bare: dict[str, float], memory: list[float]) -> None:
    for name, rate in rates.items():
        print(f"{name:<10}{rate:>9.1f}/s   bare {bare[name]:.0f}/s, ratio {rate / bare[name]:.0%}")
    print(f"{'memory':<10}{memory[0]:>9.0f} MB   at first, {max(memory):.0f} MB at most, {memory[-1]:.0f} MB at last")


def tell_waits(waits: list[float]) -> None:
    middle, worst = statistics.median(waits), max(waits)
    verdict = "kept" if worst <= GOAL_SECONDS else "MISSED"
    print(
        f"{'fairness':<10}{worst:>9.1f} s    at worst for the other school's single mail, {middle:.1f} s at the median"
    )
    print(f"{'':<10}{len(waits):>9} mails; goal {GOAL_SECONDS:.0f} s: {verdict}")


def tell_repeats(count: int, inbox: Inbox, ops: psycopg.Connection[Any]) -> None:
    inbox.many()
    doubles = _count(
        ops, "(SELECT FROM coupons_coupon WHERE made_by = 'Reward' GROUP BY contact_id HAVING count(*) > 1) d"
    )
    lost = _count(ops, "schools_outbox", "dead_at IS NOT NULL")
    repeats = inbox.ids.total() - len(inbox.ids)
    print(f"{'twice':<10}{doubles:>9} coupons, {repeats} mails (of the same Message-ID); given up {lost}")
    print(f"{'all':<10}{len(inbox.ids):>9} mails for {count} contacts")


def baselines(address: str, port: int) -> dict[str, float]:
    """The least that a coupon and a mail cost here: two rows in a transaction, and one conversation."""
    from schools.models import School

    school = str(School.objects.get(slug=BIG).pk)
    app = psycopg.connect(address, autocommit=True)

    def coupon() -> None:
        with app.transaction(force_rollback=True):
            app.execute("SELECT set_config('app.school_id', %s, true)", [school])
            app.execute(BARE_COUPON)

    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.test", "b@example.test", "For you"
    letter.set_content("Hello")

    def mail() -> None:
        with SMTP("127.0.0.1", port, timeout=10) as client:
            client.send_message(letter)

    with app, mail_server(port):
        return {"coupons": per_second(coupon, 3.0), "mails": per_second(mail, 3.0)}


def until(is_done: Callable[[], bool], worker: subprocess.Popen[bytes], memory: list[float]) -> None:
    """Wait, and look at the worker's memory meanwhile. Raises RuntimeError when the worker is gone."""
    while not is_done():
        if worker.poll() is not None:
            raise RuntimeError("the worker is gone")
        memory.append(resident_megabytes(worker.pid))
        time.sleep(0.5)


def kill_in_the_middle(worker: int, inbox: Inbox, count: int) -> None:
    """kill -9 of one process of the worker, once a third of the mails are out."""
    while inbox.many() < count // 3:
        time.sleep(0.02)
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGKILL)


def _seconds_of_coupons(ops: psycopg.Connection[Any]) -> float:
    """From the first coupon of the many to the last."""
    row = ops.execute(
        "SELECT extract(epoch FROM max(s.ended_at) - min(s.ended_at)) FROM automations_runstep s"
        " JOIN automations_run r ON r.id = s.run_id JOIN contacts_contact c ON c.id = r.contact_id"
        " WHERE s.kind = 'coupon' AND c.email LIKE 'many%'"
    ).fetchone()
    return float(row[0]) if row else 0.0


def _count(ops: psycopg.Connection[Any], table: str, condition: str = "true") -> int:
    row = ops.execute(f"SELECT count(*) FROM {table} WHERE {condition}").fetchone()  # noqa: S608
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
