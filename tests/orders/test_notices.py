"""Mails about orders: each once, and to whom."""

from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Contact
from kwiga import clock
from orders import notices
from orders.models import Order
from orders.services.manual import ManualOrder, make_order
from orders.services.moving import move_order
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.order_mails import Said, html_of, only_mail, sent, told_again

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.mark.spec("K32.3: order, payment, access and mail carry the same number")
def test_a_purchase_is_confirmed_with_number_sum_and_the_way_in(school: School) -> None:
    offer = sold_offer(school, title="Yoga")
    order = PaidOrderFactory(offer=offer, email="olena@example.test", name="Olena")
    mail = only_mail()
    assert mail.to == ["olena@example.test"]
    assert mail.subject == f"Paid: Yoga (order {order.number})"
    for text in (mail.body, html_of(mail)):
        assert order.number in text and "Sample course" in text and "UAH\N{NO-BREAK SPACE}1,200" in text
        assert "http://green.localhost:8000/" in text
    assert "Hello, Olena!" in mail.body


@pytest.mark.spec("K04.2: with the mail off a new buyer still gets the way in")
@pytest.mark.spec("K10.1: a guest who pays gets the link to sign in")
@pytest.mark.parametrize(
    ("mode", "said", "subjects"),
    [
        ("off", {}, ["Your way in to Green School"]),
        ("own", {"body": "Thanks"}, ["Ours", "Your way in to Green School"]),
        ("own", {"body": "Thanks: {{ access_link }}"}, ["Ours"]),
        ("standard", {}, ["Paid: Yoga"]),
    ],
)
def test_whoever_is_new_gets_the_way_in_exactly_once(
    own: Said, mode: str, said: dict[str, str], subjects: list[str]
) -> None:
    PaidOrderFactory(offer=own(mode=mode, **said))
    mails = sent()
    assert [mail.subject.partition(" (")[0] for mail in mails] == subjects
    assert sum("/claim/" in mail.body or "http://green.localhost:8000/" in mail.body for mail in mails) == 1


def test_whoever_came_in_before_gets_no_way_in_again(school: School, own: Said) -> None:
    with school_scope(school):
        Contact.objects.create(school=school, email="known@example.test", name="Known", verified_at=clock.now())
    PaidOrderFactory(offer=own(mode="off"), email="known@example.test")
    assert sent() == []


@pytest.mark.spec("K04.3: a notice delivered three times is one mail")
def test_the_same_told_three_times_is_one_mail(own: Said) -> None:
    order = PaidOrderFactory(offer=own(mode="own", body="Thanks"))
    told_again(order, "order.paid", mail=True)
    assert len(sent()) == 2  # the own words, and the way in
    told_again(order, "order.paid", mail=True)
    assert len(sent()) == 2


def test_a_free_offer_is_told_as_such(school: School, own: Said) -> None:
    PlacedOrderFactory(offer=sold_offer(school, title="First lesson", price_minor=0))
    PlacedOrderFactory(offer=own("free_accepted", subject="Free for you", body="{{ access_link }}{{ pay_link }}"))
    standard, ours = sent()
    assert standard.subject == "Open for you: First lesson"
    assert ours.subject == "Free for you"
    assert "/pay/" not in ours.body


def by_hand(school: School, **terms: Any) -> Order:
    offer = sold_offer(school, title="Yoga")
    with school_scope(school):
        contact = Contact.objects.create(school=school, email="olena@example.test", name="Olena", language="en")
        return make_order(terms=ManualOrder(contact=contact, offer=offer, currency="UAH", **terms), actor=None)


@pytest.mark.spec("K12.2: with the switch off nobody is mailed")
@pytest.mark.parametrize(("send_mail", "subjects"), [(True, ["Open for you: Yoga"]), (False, [])])
def test_access_opened_by_the_team_is_told_unless_switched_off(
    school: School, send_mail: bool, subjects: list[str]
) -> None:
    by_hand(school, send_mail=send_mail)
    assert [mail.subject for mail in sent()] == subjects


@pytest.mark.parametrize(("send_mail", "count"), [(True, 1), (False, 0)])
def test_terms_made_for_one_person_are_mailed_with_their_link(school: School, send_mail: bool, count: int) -> None:
    by_hand(school, price_minor=50_000, send_mail=send_mail)
    mails = sent()
    assert [mail.subject for mail in mails] == ["Waiting for payment: Yoga"] * count
    assert all("http://green.localhost:8000/pay/" in mail.body for mail in mails)


def test_an_order_moved_to_the_right_address_is_told_there(school: School, owner: Any) -> None:
    order = PaidOrderFactory(school=school, email="tpyo@example.test")
    with school_scope(school):
        move_order(order=order, email="typo@example.test", name="Typo", actor=owner)
    last = sent()[-1]
    assert last.to == ["typo@example.test"]
    assert "http://green.localhost:8000/" in last.body


def test_a_link_asked_for_again_is_mailed_once_an_hour(school: School) -> None:
    order = PlacedOrderFactory(school=school)
    told_again(order, "order.link_asked", times=3)
    assert len(sent()) == 1
    with clock.at(clock.now() + timedelta(hours=1)):
        told_again(order, "order.link_asked", times=1)
        assert len(sent()) == 2


def test_an_event_of_an_order_that_is_gone_is_no_error(school: School) -> None:
    with school_scope(school):
        for kind in ("order.paid", "payment.failed", "payment.started", "refund.succeeded", "order.moved"):
            event = Event(school=school, kind=kind, subject_id=10**9, data={"payment": 10**9, "refund": 10**9})
            for handler in (notices.tell_paid, notices.tell_failed, notices.tell_transfer, notices.tell_refunded):
                handler(event)
    assert sent() == []
