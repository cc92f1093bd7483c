"""What a channel is told without any automation."""

from datetime import timedelta
from typing import Any

import pytest

from automations.models import TelegramChannel, TelegramMessage
from automations.telegram.channels import ChannelFacts, change_channel
from contacts.services.people import recognize_contact
from courses.models import Lesson
from courses.services.assignments import hand_in
from kwiga import clock
from orders.models import Order
from orders.services.paying import mark_paid
from schools.models import Event, OutboxRow, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory
from tests.factories.courses import CourseFactory, give_access, lessons_of
from tests.factories.orders import placed, sold_offer
from tests.support.receiver import Telegram

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def bought(school: School, **said: Any) -> Order:
    offer = sold_offer(school, title="Course A")
    with school_scope(school):
        return placed(offer, **said).order


def pay(order: Order) -> None:
    with school_scope(order.school_id):
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)


def listen_to(channel: TelegramChannel, *events: str, **said: Any) -> None:
    facts = {"name": "Sales", "chat_id": "-1001", "events": events, **said}
    with school_scope(channel.school_id):
        change_channel(channel=channel, facts=ChannelFacts(**facts), actor=None)


def said_by(telegram: Telegram) -> list[str]:
    return [text for posted in telegram.posted for text in posted["text"].split("\n\n")]


@pytest.mark.spec("K34.2")
def test_a_paid_order_is_one_message_however_often_it_is_told(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    listen_to(channel, "order.paid")
    order = bought(school)
    pay(order)
    drain()
    with school_scope(school):
        event = Event.objects.get(kind="order.paid")
        OutboxRow.objects.filter(dedupe_key=f"event:{event.pk}").update(done_at=None)
    drain()
    (text,) = said_by(telegram)
    lines = text.split("\n")
    assert lines[0] == f"Order {order.number} is paid"
    assert lines[1].startswith("Course A: ")
    assert lines[2].endswith(f"/green/orders/{order.number}/")
    with school_scope(school):
        assert TelegramMessage.objects.count() == 1


@pytest.mark.spec("K34.5")
def test_the_buyer_is_named_where_the_school_chose_it(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    listen_to(channel, "order.placed")
    bought(school, name="Anna <b>Bold</b> _x_")
    drain()
    (text,) = said_by(telegram)
    assert "Anna" not in text and "buyer@example.test" not in text
    listen_to(channel, "order.paid", names_people=True)
    with school_scope(school):
        order = Order.objects.get()
    pay(order)
    with clock.at(clock.now() + timedelta(seconds=5)):
        drain()
    assert "Anna <b>Bold</b> _x_" in said_by(telegram)[1].split("\n")


def test_events_that_were_not_chosen_are_not_told(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    listen_to(channel, "refund.succeeded")
    pay(bought(school))
    drain()
    assert telegram.server.heard == []


@pytest.mark.spec("K34.3")
def test_orders_go_on_when_the_channel_is_broken(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    telegram.gone["-1001"] = "Forbidden: bot was kicked"
    first = bought(school)
    pay(first)
    drain()
    second = bought(school, email="second@example.test")
    pay(second)
    drain()
    with school_scope(school):
        assert set(Order.objects.values_list("state", flat=True)) == {Order.State.PAID}
        assert not OutboxRow.objects.filter(done_at=None, kind__in=["event", "telegram"]).exists()
        assert TelegramChannel.objects.get().broken_at


def test_an_automation_tells_the_team(
    school: School, channel: TelegramChannel, telegram: Telegram, mailoutbox: list[Any]
) -> None:
    listen_to(channel)
    said = {"by": "telegram", "channel": channel.token, "text": "{{ contact.name }} <b>joined</b>"}
    mail = {"by": "mail", "channel": "", "text": "{{ contact.name }} <b>joined</b>"}
    AutomationFactory(school=school, steps=(("notify", said), ("notify", mail)))
    with school_scope(school):
        recognize_contact(email="new@example.test", name="Anna & Co")
    drain()
    assert said_by(telegram) == ["Anna & Co <b>joined</b>"]
    (letter,) = mailoutbox
    assert "Anna & Co <b>joined</b>" in letter.body
    assert "Anna &amp; Co &lt;b&gt;joined&lt;/b&gt;" in letter.alternatives[0].content


def test_an_answer_to_an_assignment_is_told(
    school: School, channel: TelegramChannel, telegram: Telegram, contact: Any
) -> None:
    course = CourseFactory(school=school, title="Course A")
    give_access(contact, course)
    listen_to(channel, "assignment.submitted", names_people=True)
    with school_scope(school):
        lesson = lessons_of(course)[0]
        Lesson.objects.filter(pk=lesson.pk).update(kind=Lesson.Kind.ASSIGNMENT)
        lesson.refresh_from_db()
        answer = hand_in(contact=contact, lesson=lesson, text="Here it is")
    drain()
    (text,) = said_by(telegram)
    lines = text.split("\n")
    assert lines[:2] == ["New answer to an assignment", f"Course A: {lesson.title}"]
    assert lines[2] == "Olena" and answer.token in lines[3]
    assert "Here it is" not in text
