"""Mails about orders: each once, to whom and in which language, in whose words."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives

from contacts.models import Contact
from kwiga import clock
from offers.models import Offer, OfferMail
from offers.samples import EMAIL, NUMBER, preview_of, sample_facts
from offers.services import MailTerms, change_offer, terms_in
from orders import notices
from orders.facts import facts_of
from orders.models import Order, Payment
from orders.payments.protocol import PaymentState, Status
from orders.services.applying import apply_state
from orders.services.manual import ManualOrder, make_order
from orders.services.moving import move_order
from orders.services.refunds import request_refund
from schools.journal import record_event
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, placed, sold_offer, started

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

Said = Callable[..., Offer]


@pytest.fixture
def own(school: School) -> Said:
    """An offer whose mails say what the test says."""

    def make(occasion: str = "purchased", mode: str = "own", **said: Any) -> Offer:
        price = 0 if occasion == "free_accepted" else 120_000
        offer = sold_offer(school, title="Yoga", price_minor=price)
        words = {"subject": "Ours", "body": "Our text"} | said if mode == "own" else said
        with school_scope(school):
            terms = replace(terms_in(offer), mails=(MailTerms(occasion=occasion, mode=mode, **words),))
            return change_offer(offer=offer, terms=terms, actor=None)

    return make


def sent() -> list[EmailMultiAlternatives]:
    """What has gone out once everything due is done."""
    drain()
    return list(django_mail.outbox)


def only_mail() -> EmailMultiAlternatives:
    (mail,) = sent()
    return mail


def html_of(mail: EmailMultiAlternatives) -> str:
    return str(mail.alternatives[0].content)


def told_again(order: Order, kind: str, times: int = 2, **data: Any) -> None:
    """The journal says the same once more, as after a repeated notice of a provider."""
    with school_scope(order.school_id):
        for _ in range(times):
            record_event(kind, subject=order, data=data)


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


@pytest.mark.spec("K04.1: own words of one offer are not those of another")
def test_own_words_are_of_their_offer_alone(school: School, own: Said) -> None:
    PaidOrderFactory(offer=own(subject="Welcome, {{ contact.name }}", body="Go: {{ access_link }}"), name="Olena")
    PaidOrderFactory(offer=sold_offer(school, title="Voice"))
    first, second = sent()
    assert (first.subject, second.subject.partition(" (")[0]) == ("Welcome, Olena", "Paid: Voice")
    assert first.body.startswith("Go: http://green.localhost:8000/")


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


@pytest.mark.spec("K04.4: an unknown word is blank in the mail that is sent")
def test_an_unknown_word_is_blank_in_the_mail(own: Said) -> None:
    PaidOrderFactory(offer=own(subject="{{ nothing }}Hi{{", body="[{{ contact.nmae }}] {{ access_link }} {{ order."))
    mail = only_mail()
    assert (mail.subject, mail.body.partition(" ")[0]) == ("Hi", "[]")
    assert "{{" not in mail.body and "{{" not in html_of(mail)


@pytest.mark.spec("K07.1: the mails of an order are in its language")
def test_mails_speak_the_language_of_the_order(school: School) -> None:
    PlacedOrderFactory(offer=sold_offer(school, price_minor=0), language="uk")
    mail = only_mail()
    assert '<html lang="uk">' in html_of(mail)


@pytest.mark.spec("K08.5: answers to mails reach the school")
def test_answers_go_to_the_school(school: School) -> None:
    School.objects.filter(pk=school.pk).update(contact_email="hello@green.test")
    PaidOrderFactory(school=school)
    assert only_mail().reply_to == ["hello@green.test"]


def test_a_free_offer_is_told_as_such(school: School, own: Said) -> None:
    PlacedOrderFactory(offer=sold_offer(school, title="First lesson", price_minor=0))
    PlacedOrderFactory(offer=own("free_accepted", subject="Free for you", body="{{ access_link }}{{ pay_link }}"))
    standard, ours = sent()
    assert standard.subject == "Open for you: First lesson"
    assert ours.subject == "Free for you"
    assert "/pay/" not in ours.body


@pytest.mark.spec("P7.2: a name with markup is escaped in a mail")
def test_a_name_with_markup_does_no_harm(own: Said) -> None:
    body = "Hi {{ contact.name }}: https://x.test/?n={{ contact.name }} {{ access_link }}"
    PaidOrderFactory(offer=own(body=body), name="<script>alert(1)</script> & co")
    mail = only_mail()
    html = html_of(mail)
    assert "<script" not in html
    assert "Hi &lt;script&gt;alert(1)&lt;/script&gt; &amp; co:" in html
    assert "https://x.test/?n=%3Cscript%3Ealert%281%29%3C%2Fscript%3E%20%26%20co" in mail.body


@pytest.mark.spec("D3")
@pytest.mark.parametrize("breaks", ["\r\nBcc: victim@x.test", "\nBcc: victim@x.test\n\nbody", "\u2028Bcc: v@x.test"])
def test_own_words_and_names_add_no_header(own: Said, breaks: str) -> None:
    PaidOrderFactory(offer=own(subject=f"Hi {{{{ contact.name }}}}{breaks}", body="x {{ access_link }}"), name="Olena")
    message = only_mail().message()
    assert "Bcc" not in message
    assert "\n" not in str(message["Subject"]) and str(message["Subject"]).startswith("Hi Olena Bcc:")


@pytest.mark.spec("P7.4: the preview is the mail that is sent")
@pytest.mark.parametrize("mode", ["own", "standard"])
def test_the_preview_is_the_mail_that_is_sent(school: School, own: Said, mode: str) -> None:
    said = {"body": "{{ contact.name }} {{ order.number }} {{ order.total }} {{ order.date }}\n\n{{ access_link }}"}
    offer = own(mode=mode, **(said if mode == "own" else {}))
    with school_scope(school):
        sample = sample_facts(school, offer, "en")
    order = placed(offer, email=EMAIL, name=sample.contact_name, phone=sample.contact_phone, language="en").order
    with school_scope(school):
        Order.objects.filter(pk=order.pk).update(number=NUMBER)
        order.refresh_from_db()
        mail = offer.mails.get()
        real = facts_of(school, order)
        same = replace(sample, access_link=real.access_link, pay_link=real.pay_link, receipt_link=real.receipt_link)
        letter = preview_of(school, offer, mail, same, "en")
    assert same == real
    told_again(order, "order.paid", times=1, mail=True)
    mail_sent = only_mail()
    assert letter is not None
    assert (letter.subject, letter.text, letter.html) == (mail_sent.subject, mail_sent.body, html_of(mail_sent))
    assert (letter.to, letter.sender) == (mail_sent.to[0], mail_sent.from_email)


def failed(payment: Payment) -> None:
    with school_scope(payment.school_id):
        state = PaymentState(
            provider_ref=payment.provider_ref, status=Status.FAILED, amount_minor=payment.amount_minor,
            currency=payment.currency, reference=payment.token,
        )  # fmt: skip
        apply_state(payment=payment, state=state)


@pytest.fixture
def attempt(school: School, paper: Any, own: Said) -> Callable[..., Payment]:
    """An order on its way to the bank on paper."""

    def make(**offer: Any) -> Payment:
        order = PlacedOrderFactory(offer=own("payment_failed", **offer))
        return started(order, paper, f"ref-{order.pk}")

    return make


def test_a_failed_payment_is_told_with_the_way_to_try_again(attempt: Callable[..., Payment]) -> None:
    payment = attempt(mode="standard")
    failed(payment)
    mail = only_mail()
    assert mail.subject == "The payment did not go through: Yoga"
    assert "http://green.localhost:8000/pay/" in mail.body
    told_again(payment.order, "payment.failed", payment=payment.pk)
    assert len(sent()) == 1


def test_the_school_says_itself_or_not_at_all_that_a_payment_failed(attempt: Callable[..., Payment]) -> None:
    failed(attempt(subject="Once more?", body="{{ pay_link }} {{ access_link }}"))
    mail = only_mail()
    assert mail.subject == "Once more?"
    assert "/pay/" in mail.body and "claim" not in mail.body


def test_nobody_hears_of_a_failed_payment_when_it_is_off_or_the_order_is_over(
    attempt: Callable[..., Payment], school: School
) -> None:
    failed(attempt(mode="off"))
    payment = attempt(mode="standard")
    with school_scope(school):
        Order.objects.filter(pk=payment.order_id).update(state="canceled", closed_at=clock.now())
    told_again(payment.order, "payment.failed", payment=payment.pk)
    assert sent() == []


def test_a_bank_transfer_is_told_with_details_and_reference(school: School, transfer: Any) -> None:
    with school_scope(school):
        transfer.options = {"details": "IBAN UA12 3456\nGreen School <LLC>"}
        transfer.save()
    order = PlacedOrderFactory(school=school)
    payment = started(order, transfer)
    mail = only_mail()
    assert mail.subject == f"How to pay for order {order.number}"
    assert "IBAN UA12 3456" in mail.body and f"Reference: {order.number}" in mail.body
    assert "Green School &lt;LLC&gt;" in html_of(mail)
    told_again(order, "payment.started", payment=payment.pk)
    assert len(sent()) == 1


def test_a_payment_online_is_not_told_when_it_starts(school: School, paper: Any) -> None:
    started(PlacedOrderFactory(school=school), paper)
    assert sent() == []


def test_money_given_back_is_told_once(school: School, owner: Any) -> None:
    order = PaidOrderFactory(school=school)
    sent()
    django_mail.outbox.clear()
    with school_scope(school):
        payment = Payment.objects.get(order=order)
        refund = request_refund(
            payment=payment, amount_minor=20_000, reason="", closes_access=True, returns_coupon=False, actor=owner
        )
    mail = only_mail()
    assert mail.subject == f"Money back for order {order.number}: UAH 200"
    assert "is closed" in mail.body
    told_again(order, "refund.succeeded", refund=refund.pk)
    assert len(sent()) == 1


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


def test_occasions_are_those_of_the_model() -> None:
    from offers.mails import PLACES, STANDARD_TEMPLATES

    assert set(STANDARD_TEMPLATES) == set(OfferMail.Occasion) == set(PLACES) - {"thank_you_url"}
