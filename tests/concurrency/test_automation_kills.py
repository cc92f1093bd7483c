"""Automations while everything around them dies: each step done once, nothing lost (trust F2, F4, F10, F13; R7).

One worker serves all tests of the module; every contact goes through eight steps in two stretches with a wait between.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

import pytest
import redis
from pytest_django import Settings

from automations.engine.plans import KIND
from automations.models import Automation, Run, RunStep, WebhookDelivery
from contacts.models import Contact, ContactList, ContactListMember, ContactTag, SentMail
from contacts.services.lists import create_list
from coupons.models import Coupon
from coupons.services.due import END
from courses.models import Access, Course
from kwiga import clock
from kwiga.local import processes
from schools.invariants import check_invariants
from schools.models import OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.concurrency.machine import PAUSE_SECONDS, Machine, running_on
from tests.concurrency.traps import CARELESS
from tests.factories.automations import AutomationFactory, mail, percent_coupon, wait
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory
from tests.support.smtp import MailServer
from tests.support.workers import Beat

pytestmark = [
    pytest.mark.prove,
    pytest.mark.timeout(240),
    pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"]),
]

MANY = int(os.environ.get("PROVE_SEEDS", "1")) > 1
PEOPLE = 60 if MANY else 10
PATIENCE = 90
STEPS = 8
BOUNDARIES = [f"{side}-{position}" for position in range(STEPS) for side in ("before", "after")]
PLACES = ["told", *(BOUNDARIES if MANY else BOUNDARIES[1::4]), "advanced", "mailed", "recorded", "called"]


@pytest.fixture(scope="module")
def running_machine(
    django_db_setup: None, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    with running_on(database_name, tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@dataclass
class Scene:
    """The machine, and a school whose new contacts go through the automation."""

    machine: Machine
    school: School
    automation: Automation
    course: Course
    group: ContactList
    mails: MailServer

    def people_come(self, count: int = PEOPLE) -> None:
        for _ in range(count):
            ContactFactory(school=self.school)

    def is_over(self) -> bool:
        """Whether every run is done and every mail is out; time that a run waits for is let pass."""
        with school_scope(self.school):
            let_waits_pass()
            done = Run.objects.filter(state=Run.State.DONE).count()
            waiting = OutboxRow.objects.filter(done_at=None, dead_at=None).exclude(kind=END)
            return done == Contact.objects.count() and not waiting.exists()

    def due(self) -> int:
        """How many rows wait to be worked now."""
        with school_scope(self.school):
            return OutboxRow.objects.filter(done_at=None, dead_at=None, available_at__lte=clock.now()).count()

    def finish(self) -> float:
        """Wait until everything is over; how many seconds it took."""
        begun = time.monotonic()
        assert processes.wait_until(self.is_over, PATIENCE), self.unfinished()
        return time.monotonic() - begun

    def unfinished(self) -> str:
        """What is left, for whoever has to find out why."""
        with school_scope(self.school):
            rows = OutboxRow.objects.filter(done_at=None).exclude(kind=END)
            runs = Run.objects.exclude(state=Run.State.DONE)
            left = [*runs.values("pk", "state", "reason", "position", "due_at"), *rows.values()]
        return "\n".join(map(str, left)) + self.machine.worker.text()[-4_000:]

    def counts(self) -> dict[str, int]:
        """How much there is of what each run makes one of."""
        with school_scope(self.school):
            return {
                "runs": Run.objects.filter(state=Run.State.DONE).count(),
                "steps": RunStep.objects.filter(state=RunStep.State.DONE).count() // STEPS,
                "coupons": Coupon.objects.count(),
                "members": ContactListMember.objects.count(),
                "tags": ContactTag.objects.count(),
                "accesses": Access.objects.count(),
                "calls": WebhookDelivery.objects.filter(state=WebhookDelivery.State.SENT).count(),
            }


def let_waits_pass() -> None:
    """What waits for a later time comes due now."""
    later = {"available_at__gt": clock.now(), "locked_until": None, "attempts": 0}
    rows = OutboxRow.objects.filter(kind=KIND, done_at=None, **later)
    runs = [row.payload["run"] for row in rows.select_for_update(skip_locked=True)]
    at = clock.now()
    RunStep.objects.filter(run__in=runs, state=RunStep.State.WAITING, due_at__gt=at).update(due_at=at)
    Run.objects.filter(pk__in=runs, due_at__gt=at).update(due_at=at)
    rows.filter(payload__run__in=runs).update(available_at=at)


@pytest.fixture
def scene(running_machine: Machine, school: School, settings: Settings) -> Iterator[Scene]:
    machine = running_machine
    settings.OUTBOUND_ALLOW = [machine.called.host]
    machine.called.heard.clear()
    course = CourseFactory(school=school)
    with school_scope(school):
        School.objects.filter(pk=school.pk).update(news_a_contact_a_day=100)
        group = create_list(name="Rewarded", actor=None)
    steps = (
        percent_coupon(),
        ("list_add", {"list": group.token}),
        wait(minutes=5),
        mail("{{ coupon.code }}", subject="First"),
        ("tag", {"tag": "Rewarded"}),
        ("access", {"course": course.token, "days": None}),
        mail("{{ coupon.code }}", subject="Second"),
        ("webhook", {"url": f"{machine.called.url}/hook", "headers": [], "body": ""}),
    )
    automation = AutomationFactory(school=school, steps=steps)
    yield Scene(machine, school, automation, course, group, machine.open_mail())
    machine.close_mail()
    machine.traps.clear()


def check(scene: Scene, told: Any, *, kills: int = 0, seconds: float = 0.0) -> None:
    """Everything once; mails and calls at least once, and repeats have the id of the first."""
    with school_scope(scene.school):
        people = Contact.objects.count()
        dead = OutboxRow.objects.filter(dead_at__isnull=False).count()
        known = SentMail.objects.count()
    sent = Counter(scene.mails.message_ids())
    heard = Counter(each.headers["webhook-id"] for each in scene.machine.called.heard)
    with told.disabled():
        print(
            f"\n{people} contacts, {kills} kills, all {seconds:.1f} s later: {scene.counts()}; "
            f"mails {len(sent)} of {2 * people}, {sent.total() - len(sent)} sent again; "
            f"webhooks {len(heard)} of {people}, {heard.total() - len(heard)} called again"
        )
    assert set(scene.counts().values()) == {people}
    assert (len(sent), known, len(heard), dead) == (2 * people, 2 * people, people, 0)
    assert sent.total() - len(sent) + heard.total() - len(heard) <= kills
    assert subjects_by_person(scene.mails.mails()) == {("First", "Second"): people}
    assert [(each.invariant.name, each.rows[:3]) for each in check_invariants([]) if each.rows] == []


def subjects_by_person(mails: list[EmailMessage]) -> Counter[tuple[str, ...]]:
    """How many got which mails in which order, repeats aside."""
    told: dict[str, list[str]] = {}
    for letter in mails:
        seen = told.setdefault(str(letter["To"]), [])
        if letter["Subject"] not in seen:
            seen.append(str(letter["Subject"]))
    return Counter(tuple(seen) for seen in told.values())


@pytest.mark.spec("F2")
@pytest.mark.spec("R7")
@pytest.mark.spec("P1.2: a worker dies amid a step")
@pytest.mark.spec("P3.3: one coupon, although a killed step is done again")
def test_killed_at_each_boundary_every_step_is_done_once(
    scene: Scene, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(seed)
    for place in PLACES:
        scene.machine.traps.lay(place, passers=chance.randint(0, 5 if MANY else 2))
    scene.people_come()
    seconds = scene.finish()
    assert scene.machine.traps.sprung() == sorted(PLACES)
    check(scene, capsys, kills=len(PLACES), seconds=seconds)


@pytest.mark.spec("F4")
def test_valkey_killed_and_back_empty_loses_nothing(
    scene: Scene, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    broker = scene.machine.broker
    scene.people_come(PEOPLE // 2)
    redis.Redis.from_url(broker.url).flushall()
    broker.kill()
    scene.people_come(PEOPLE - PEOPLE // 2)
    for left in broker.folder.glob("appendonlydir/*"):
        left.unlink()
    broker.start()
    check(scene, capsys, seconds=scene.finish())


@pytest.mark.spec("F10")
def test_without_beat_due_rows_are_late_and_with_two_nothing_is_done_twice(
    scene: Scene, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.machine.beat.kill()
    scene.people_come()
    assert processes.wait_until(lambda: not scene.due(), 30), scene.machine.worker.text()
    time.sleep(1)  # whoever worked them has seen that nothing is left
    with school_scope(scene.school):
        let_waits_pass()
    assert not processes.wait_until(lambda: scene.due() < PEOPLE, 2), "nobody has told the worker"
    scene.machine.beat.start()
    with Beat(scene.machine.environment, scene.machine.folder / "second.log"):
        check(scene, capsys, seconds=scene.finish())


@pytest.mark.spec("F13")
def test_mails_wait_for_the_mail_server_and_keep_their_order(
    scene: Scene, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    scene.machine.close_mail()
    scene.people_come()
    assert processes.wait_until(lambda: not scene.is_over() and scene.counts()["runs"] == PEOPLE, 60)
    time.sleep(2 * PAUSE_SECONDS)
    scene.mails = scene.machine.open_mail()
    check(scene, capsys, seconds=scene.finish())


def test_a_deploy_in_the_middle_loses_nothing(scene: Scene, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """What the worker's two processes can finish in time is finished, the rest waits for the next one (trust 1.1)."""
    worker = scene.machine.worker
    scene.people_come()
    assert processes.wait_until(lambda: scene.counts()["coupons"] > 0, 30), worker.text()
    worker.process.send_signal(signal.SIGQUIT)
    assert worker.process.wait(30) == 0
    worker.start()
    check(scene, capsys, kills=2, seconds=scene.finish())


def test_a_step_that_does_not_share_the_transaction_is_done_twice(scene: Scene, seed: int) -> None:
    """The negative control: the coupon is kept even when the books of the run are lost."""
    scene.machine.traps.lay(CARELESS, passers=-1)
    scene.machine.traps.lay("after-0", passers=1)
    scene.people_come(4)
    scene.finish()
    assert scene.counts()["coupons"] == 5
