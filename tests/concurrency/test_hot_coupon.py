"""R1 and R2: a crowd with one coupon, over HTTP against the running processes; and with the guard taken down."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from coupons.models import Coupon, Redemption
from kwiga.local import processes
from orders.models import Order
from schools.invariants import check_invariants
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.concurrency.crowd import Crowd, Outcome
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer
from tests.factories.schools import SchoolFactory
from tests.support.stack import WEB, stack_on

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "ops", "relay"]),
    pytest.mark.prove,
    pytest.mark.timeout(600),
]

# Under bin/prove in full size.
IN_FULL = "PROVE_SEEDS" in os.environ
ATTEMPTS, LIMIT = (1_000, 100) if IN_FULL else (120, 12)
OF_ONE = 200 if IN_FULL else 40
SAFE, UNSAFE, UNSAFE_PEOPLE = (
    f"{module}:application"
    for module in ("kwiga.wsgi", "tests.concurrency.unsafe_wsgi", "tests.concurrency.unsafe_people_wsgi")
)
USED_UP = "This code has been used as often as it could be."
RESERVED = "An unpaid order for this email holds the place."

type Store = Callable[[str], int]


@pytest.fixture(scope="module")
def store(django_db_setup: None, database_name: str) -> Iterator[Store]:
    """The port of the running store with that entry, started when it is asked for first."""
    ports: dict[str, int] = {}
    with ExitStack() as running:

        def port_of(entry: str) -> int:
            if entry not in ports:
                stack = running.enter_context(stack_on(database_name))
                stack.start_valkey()
                command = [entry if part == SAFE else part for part in WEB]
                stack.start("web", [*command, "--bind", f"127.0.0.1:{stack.port}"])
                assert processes.wait_until(stack.web_answers, 90), stack.log("web")
                ports[entry] = stack.port
            return ports[entry]

        yield port_of


@pytest.fixture
def school(db: None) -> School:
    """One that no running process has seen before."""
    made: School = SchoolFactory()
    return made


def crowd(port: int, school: School, size: int, email_of: Callable[[int], str]) -> Outcome:
    """What becomes of so many who send the form with SPRING at once."""
    path = f"/o/{sold_offer(school).token}"
    return Crowd(port, f"{school.slug}.localhost", path, size, email_of).buy("SPRING")


def strangers(port: int, school: School, size: int = ATTEMPTS) -> Outcome:
    return crowd(port, school, size, lambda number: f"s{number}@example.test")


def one_person(port: int, school: School) -> Outcome:
    ContactFactory(school=school, email="buyer@example.test", name="A Buyer", language="en")
    return crowd(port, school, OF_ONE, lambda number: "buyer@example.test")


def sold(coupon: Coupon) -> int:
    """Orders with the coupon, each with its live use."""
    with school_scope(coupon.school_id):
        orders = Order.objects.filter(discount_minor__gt=0).count()
        counted = Redemption.objects.filter(coupon=coupon, state__in=Redemption.COUNTED).count()
        assert orders == counted == Order.objects.count()
    return counted


def broken() -> set[str]:
    return {finding.invariant.name for finding in check_invariants() if finding.rows}


@pytest.mark.spec("C4: R1 over HTTP: exactly as many orders as uses, the others a polite refusal, no 5xx")
def test_a_hot_coupon_is_sold_exactly_as_often_as_its_limit(school: School, store: Store) -> None:
    coupon = CouponFactory(school=school, code="SPRING", max_uses=LIMIT)
    outcome = strangers(store(SAFE), school)
    print(f"{ATTEMPTS} attempts: {dict(outcome.statuses)} in {outcome.seconds:.1f} s")
    assert outcome.statuses == {303: LIMIT, 200: ATTEMPTS - LIMIT}
    assert outcome.saying(USED_UP) == ATTEMPTS - LIMIT
    assert sold(coupon) == LIMIT
    assert broken() == set()


@pytest.mark.spec("C4: and without its guard it is oversold")
def test_without_the_guard_it_is_oversold(school: School, store: Store) -> None:
    coupon = CouponFactory(school=school, code="SPRING", max_uses=LIMIT)
    strangers(store(UNSAFE), school, 5 * LIMIT)
    assert sold(coupon) > LIMIT
    assert {"coupon_within_limit", "counter_equals_uses"} <= broken()


@pytest.mark.spec("C5: R2 over HTTP: one person from many browsers at once has one use")
def test_one_person_in_many_browsers_has_one_use(school: School, store: Store) -> None:
    coupon = CouponFactory(school=school, code="SPRING")
    outcome = one_person(store(SAFE), school)
    print(f"{OF_ONE} attempts of one: {dict(outcome.statuses)} in {outcome.seconds:.1f} s")
    assert outcome.statuses == {303: 1, 200: OF_ONE - 1}
    assert outcome.saying(RESERVED) == OF_ONE - 1
    assert sold(coupon) == 1
    assert broken() == set()


@pytest.mark.spec("C5: and without the lock of the person they have several")
def test_without_the_lock_one_person_has_several(school: School, store: Store) -> None:
    coupon = CouponFactory(school=school, code="SPRING")
    one_person(store(UNSAFE_PEOPLE), school)
    assert sold(coupon) > 1
    assert "contact_within_limit" in broken()
