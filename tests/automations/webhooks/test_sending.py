"""From a step to the receiver, through the real drainer and over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from standardwebhooks import Webhook, WebhookVerificationError

from automations.models import WebhookDelivery
from automations.webhooks import signing
from automations.webhooks.retrying import retry_call, rotate_waiting_calls
from contacts.models import Contact
from contacts.services.people import note_external_id, recognize_contact
from kwiga import clock
from orders.services.paying import mark_paid
from schools.models import Event, OutboxRow, School
from schools.outbox import claims
from schools.outbox.drain import drain, work
from schools.services.deliveries import NothingToRetry
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory
from tests.factories.orders import placed, sold_offer
from tests.support.automations import runs, steps
from tests.support.receiver import Receiver, Reply

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

BODY = '{"event": "paid", "user": {"id": "{{ contact.external_id }}", "order": "{{ order.number }}"}}'


def calling(school: School, url: str, trigger: str = "contact.created", **settings: Any) -> None:
    said = {"offer": ""} if trigger.startswith("order.") else {}
    step = ("webhook", {"url": url, "headers": [], "body": "", **settings})
    AutomationFactory(school=school, trigger=trigger, trigger_settings=said, steps=(step,))


def new_contact(school: School, **facts: str) -> Contact:
    with school_scope(school):
        return recognize_contact(email="new@example.test", **facts)


def delivery_of(school: School) -> WebhookDelivery:
    with school_scope(school):
        return WebhookDelivery.objects.get()


def drain_for_an_hour(minutes: int = 60) -> None:
    """All tries with their pauses."""
    at = clock.now()
    for minute in range(0, minutes, 5):
        with clock.at(at + timedelta(minutes=minute)):
            drain()


@pytest.mark.spec("K05.1")
def test_a_paid_order_calls_once_with_the_number_of_the_other_system(school: School, server: Receiver) -> None:
    calling(school, f"{server.url}/hook", trigger="order.paid", body=BODY)
    offer = sold_offer(school)
    with school_scope(school):
        order = placed(offer).order
        note_external_id(contact=order.contact, external_id="bot-42")
        mark_paid(order=order, amount_minor=order.total_minor, comment="", actor=None)
    with school_scope(school):
        event = Event.objects.get(kind="order.paid")
        # The same news told again, as after a crash.
        OutboxRow.objects.filter(dedupe_key=f"event:{event.pk}").update(done_at=None)
    drain()
    drain()
    (heard,) = server.heard
    assert heard.said == {"event": "paid", "user": {"id": "bot-42", "order": order.number}}
    assert steps(school) == [(0, "done", "")]
    delivery = delivery_of(school)
    assert (delivery.state, delivery.attempts, delivery.status_code, delivery.answer) == ("sent", 1, 200, "ok")
    assert delivery.duration_ms is not None and delivery.ended_at


def test_a_call_is_signed_and_its_body_cannot_be_changed(school: School, server: Receiver) -> None:
    with school_scope(school):
        secret = signing.rotate_secret(actor=None)
    calling(school, f"{server.url}/hook")
    new_contact(school, name="Олена")
    drain()
    (heard,) = server.heard
    said = Webhook(secret).verify(heard.body, heard.headers)
    assert said["data"]["contact"]["name"] == "Олена"
    assert heard.headers["content-type"] == "application/json; charset=utf-8"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(heard.body + b" ", heard.headers)


def test_for_a_day_both_secrets_sign(school: School, server: Receiver) -> None:
    with school_scope(school):
        old = signing.rotate_secret(actor=None)
        new = signing.rotate_secret(actor=None)
        assert signing.signing_secrets() == [new, old]
        with clock.at(clock.now() + timedelta(hours=25)):
            assert signing.signing_secrets() == [new]
    calling(school, f"{server.url}/hook")
    new_contact(school)
    drain()
    (heard,) = server.heard
    for secret in (old, new):
        Webhook(secret).verify(heard.body, heard.headers)


@pytest.mark.spec("K05.2")
def test_an_answer_of_500_is_tried_again_and_then_shown_with_the_answer(school: School, server: Receiver) -> None:
    server.answer = lambda heard: Reply(500, b"the bot is broken")
    calling(school, f"{server.url}/hook")
    new_contact(school)
    drain_for_an_hour()
    assert len(server.heard) == claims.ATTEMPTS
    assert len({heard.headers["webhook-id"] for heard in server.heard}) == 1
    assert len({heard.body for heard in server.heard}) == 1
    delivery = delivery_of(school)
    assert (delivery.state, delivery.attempts, delivery.status_code) == ("failed", 5, 500)
    assert delivery.answer == "the bot is broken"


def test_a_call_that_was_given_up_goes_out_after_all(school: School, server: Receiver) -> None:
    server.answer = lambda heard: Reply(500)
    calling(school, f"{server.url}/hook")
    new_contact(school)
    drain_for_an_hour()
    server.answer = lambda heard: Reply(204, b"")
    with school_scope(school):
        retry_call(delivery=delivery_of(school), actor=None)
        assert delivery_of(school).state == "waiting"
        with pytest.raises(NothingToRetry):
            retry_call(delivery=delivery_of(school), actor=None)
    drain()
    assert delivery_of(school).state == "sent"
    assert len({heard.headers["webhook-id"] for heard in server.heard}) == 1


@pytest.mark.spec("K05.3")
@pytest.mark.parametrize("url", ["https://127.0.0.1/x", "https://localhost/x", "http://127.0.0.1:9/x"])
def test_an_address_that_became_private_is_not_called(
    url: str, school: School, server: Receiver, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = [server.host, "127.0.0.1:443", "localhost:443", "127.0.0.1:9"]
    calling(school, url)
    settings.OUTBOUND_ALLOW = []
    new_contact(school)
    drain()
    delivery = delivery_of(school)
    assert (delivery.state, delivery.status_code) == ("waiting", None)
    with school_scope(school):
        row = OutboxRow.objects.get(kind="webhook")
    assert row.last_error.startswith("AddressRefused")
    assert runs(school) == [("done", "")]


def test_a_worker_killed_behind_the_answer_calls_again_under_the_same_id(school: School, server: Receiver) -> None:
    calling(school, f"{server.url}/hook")
    new_contact(school)
    killed: list[bool] = []

    def die_once(heard: Any) -> Reply:
        # The lease runs out while the receiver answers, as when the process is gone.
        if not killed:
            killed.append(True)
            with school_scope(school):
                OutboxRow.objects.filter(kind="webhook").update(locked_until=None, available_at=clock.now())
            connections.close_all()  # those of the receiver's thread
        return Reply()

    server.answer = die_once
    drain()
    drain()
    assert [heard.headers["webhook-id"] for heard in server.heard] == [delivery_of(school).webhook_id] * 2
    assert delivery_of(school).state == "sent"


def test_what_waits_is_sealed_and_gone_when_it_is_out(school: School, server: Receiver) -> None:
    calling(school, f"{server.url}/hook?who={{{{ contact.email }}}}")
    new_contact(school)
    (claim,) = _claims("event")
    work(claim)
    for claim in _claims("automation.run"):
        work(claim)
    with school_scope(school):
        row = OutboxRow.objects.get(kind="webhook")
        assert "example.test" not in str(row.payload) and "sealed" in row.payload
        assert rotate_waiting_calls() == 0
    drain()
    with school_scope(school):
        assert OutboxRow.objects.get(kind="webhook").payload == {"delivery": delivery_of(school).pk}
    assert server.heard[0].query == {"who": "new@example.test"}


def _claims(kind: str) -> list[claims.Claim]:
    return [claim for claim in claims.claim_due() if claim.kind == kind]


def test_an_erased_contact_is_told_nobody(school: School, server: Receiver) -> None:
    server.answer = lambda heard: Reply(500)
    calling(school, f"{server.url}/hook")
    contact = new_contact(school)
    drain()
    assert len(server.heard) == 1
    with school_scope(school):
        Contact.objects.filter(pk=contact.pk).update(erased_at=clock.now())
    drain_for_an_hour()
    assert len(server.heard) == 1
    assert delivery_of(school).state == "failed"
    with school_scope(school):
        assert OutboxRow.objects.get(kind="webhook").payload == {"delivery": delivery_of(school).pk}
