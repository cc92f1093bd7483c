"""One event told to several drainers at once starts one run, which makes one coupon (trust R7)."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from automations.engine.starting import start_runs
from automations.models import Run
from automations.triggers import Occurrence, Trigger, registry, trigger_of
from coupons.models import Coupon
from kwiga.tokens import address_token
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, percent_coupon
from tests.factories.contacts import ContactFactory

pytestmark = [pytest.mark.prove, pytest.mark.django_db(transaction=True, databases=["default", "relay"])]

TELLERS, PEOPLE = 4, 5


@pytest.mark.spec("R7")
@pytest.mark.parametrize("repeat", ["each", "once"])
def test_an_event_told_by_several_at_once_makes_one_coupon(school: School, repeat: str) -> None:
    AutomationFactory(school=school, repeat=repeat, steps=(percent_coupon(),))
    tell_at_once(school, [ContactFactory(school=school).pk for _ in range(PEOPLE)])
    with_drainers()
    assert made(school) == (PEOPLE, PEOPLE, PEOPLE)


def test_without_the_key_of_what_happened_it_makes_several(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: each telling counts as something new."""
    trigger = trigger_of("contact.created")
    careless = Trigger(key=trigger.key, label=trigger.label, group=trigger.group, kinds=trigger.kinds, occurrences=anew)
    monkeypatch.setitem(registry._triggers, trigger.key, careless)
    AutomationFactory(school=school, steps=(percent_coupon(),))
    tell_at_once(school, [ContactFactory(school=school).pk])
    with_drainers()
    runs, coupons, people = made(school)
    assert runs == coupons > people == 1


def anew(event: Event, settings: object) -> list[Occurrence]:
    key = address_token()
    return [Occurrence(contact_id=event.subject_id or 0, key=key, about=key)]


def tell_at_once(school: School, contacts: list[int]) -> None:
    """Hand each event to the engine as often as there are tellers, all at the same moment."""
    with school_scope(school):
        events = list(Event.objects.filter(kind="contact.created", subject_id__in=contacts).order_by("id"))
    barrier = threading.Barrier(TELLERS, timeout=20)

    def tell() -> None:
        for event in events:
            barrier.wait()
            with school_scope(school):
                start_runs(event)

    in_threads(tell)


def with_drainers() -> None:
    """Work everything, the tellings of the outbox itself included."""
    in_threads(drain)
    drain()


def made(school: School) -> tuple[int, int, int]:
    """Done runs, coupons, and contacts with a coupon."""
    with school_scope(school):
        people = Coupon.objects.values("contact").distinct().count()
        return Run.objects.filter(state=Run.State.DONE).count(), Coupon.objects.count(), people


def in_threads(act: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(TELLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
