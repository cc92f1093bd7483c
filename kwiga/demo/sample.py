"""The sample school's past: courses, offers, people, orders and what they have learned, in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import override

from contacts.models import Contact
from coupons.services.due import END
from kwiga import clock
from kwiga.demo.automations import describe_people, make_automations
from kwiga.demo.bank import tell_bank
from kwiga.demo.coupons import finish_coupons, make_coupons
from kwiga.demo.courses import make_courses
from kwiga.demo.learning import learn
from kwiga.demo.legal import make_terms
from kwiga.demo.offers import make_offers
from kwiga.demo.orders import Shop
from kwiga.demo.plan import planned_orders
from kwiga.demo.rows import MadeRows, was_seeded
from offers.models import Offer
from orders.models import Order, PaymentConnection
from orders.payments.registry import provider_of
from orders.services import due
from orders.services.connections import connect
from schools.models import OutboxRow, School, User
from schools.outbox.queue import gathered
from schools.tenancy.scope import school_scope

TEST_BANK, TRANSFER = "test_bank", "bank_transfer"
_DETAILS = "Sample School LLC\nIBAN UA21 3223 1300 0002 6007 2335 6600 1\nBank of Samples, Kyiv"
SEATS_LEFT = 3


def fill_sample(school: School, *, owner: User, teacher: User, today: datetime) -> bool:
    """Give the school its past, once; False when that was done before. `today` is the midnight it is seeded on."""
    with school_scope(school), override("en"), without_savepoints():
        if was_seeded():
            return False
        now = clock.now()
        rows = MadeRows()
        card, transfer = _connections(owner)
        with gathered():
            with clock.at(today - timedelta(days=95)):
                courses = make_courses(rows, owner)
                documents = make_terms(rows, owner)
                offers = make_offers(rows, courses, documents, owner)
                make_coupons(rows, offers, owner, today)
            shop = Shop(rows, offers, card=card, transfer=transfer, actor=owner, now=now)
            orders = [shop.happen(plan) for plan in planned_orders(today)]
            finish_coupons(rows, offers, owner, today)
            learn([made.course for made in courses.values()], teacher, now)
        describe_people(rows, courses["english"].course, owner, today)
        make_automations(rows, courses["english"].course, owner, today)
        tell_bank(card)
        _leave_few_seats(offers["HroshiKurs01"])
        _mark_contacts(rows, orders)
        forget_messages(now)
        rows.keep()
    return True


@contextmanager
def without_savepoints() -> Iterator[None]:
    """One transaction and nothing inside it to go back to: every verb asks for a savepoint, a third of all statements.

    Nothing that seeding does is refused, and what would be ends the whole of it.
    """
    features: Any = connection.features
    features.uses_savepoints = False
    try:
        yield
    finally:
        del features.uses_savepoints


def _connections(owner: User) -> tuple[PaymentConnection, PaymentConnection]:
    """The Test bank where one runs, and bank transfer. What was paid by card counts as money in the demo's past."""
    card = None
    if provider_of(TEST_BANK).is_available():
        options = {"entry": "link", "return_by": "get"}
        card = connect(provider=TEST_BANK, title="Card", options=options, actor=owner)
        card.is_test = False  # on this object alone
    transfer = connect(provider=TRANSFER, title="Bank transfer", options={"details": _DETAILS}, actor=owner)
    return card or transfer, transfer


def _leave_few_seats(offer: Offer) -> None:
    taken = Offer.objects.values_list("seats_taken", flat=True).get(pk=offer.pk)
    Offer.objects.filter(pk=offer.pk).update(seats=taken + SEATS_LEFT)


def _mark_contacts(rows: MadeRows, orders: list[Order]) -> None:
    """Who ordered, and whom a mistyped order belongs to now."""
    typed = {order.contact_id for order in orders}
    own = Order.objects.filter(pk__in=[order.pk for order in orders]).values("contact_id")
    for contact in Contact.objects.filter(Q(pk__in=typed) | Q(pk__in=own)):
        rows.add(contact)


def forget_messages(now: datetime) -> None:
    """Nobody is told of the past: no mails, no sessions to close, no refunds. What is still to come stays."""
    waiting = OutboxRow.objects.filter(done_at=None)
    waiting.filter(kind__in=["event", due.CLOSE, due.REFUND]).update(done_at=now)
    waiting.filter(kind=END, available_at__lte=now).update(done_at=now)
    unpaid = set(Order.objects.pending().values_list("pk", flat=True))
    looks = waiting.filter(kind__in=[due.EXPIRE, due.RELEASE])
    # What waits for a bank transfer is held longer than it seemed at first: its row looks again when that is over.
    holding = dict(Order.objects.pending().filter(held_until__gt=now).values_list("pk", "held_until"))
    for row in looks.filter(kind=due.RELEASE, available_at__lte=now):
        if row.payload["order"] in holding:
            OutboxRow.objects.filter(pk=row.pk).update(available_at=holding[row.payload["order"]])
    over = [row.pk for row in looks if row.available_at <= now or row.payload["order"] not in unpaid]
    OutboxRow.objects.filter(pk__in=over).update(done_at=now)
