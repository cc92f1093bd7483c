"""Mails about orders: in whose words, and in which language."""

from dataclasses import replace
from typing import Any

import pytest

from kwiga import clock
from offers.models import OfferMail
from offers.samples import EMAIL, NUMBER, preview_of, sample_facts
from orders.facts import facts_of
from orders.models import Order
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, placed, sold_offer
from tests.support.order_mails import Said, html_of, only_mail, sent, told_again

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.mark.spec("K04.1: own words of one offer are not those of another")
def test_own_words_are_of_their_offer_alone(school: School, own: Said) -> None:
    PaidOrderFactory(offer=own(subject="Welcome, {{ contact.name }}", body="Go: {{ access_link }}"), name="Olena")
    PaidOrderFactory(offer=sold_offer(school, title="Voice"))
    first, second = sent()
    assert (first.subject, second.subject.partition(" (")[0]) == ("Welcome, Olena", "Paid: Voice")
    assert first.body.startswith("Go: http://green.localhost:8000/")


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
def test_the_preview_is_the_mail_that_is_sent(school: School, own: Said, mode: str, time_machine: Any) -> None:
    time_machine.move_to(clock.now(), tick=False)  # links are signed with the second they were made in
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


def test_occasions_are_those_of_the_model() -> None:
    from offers.mails import PLACES, STANDARD_TEMPLATES

    assert set(STANDARD_TEMPLATES) == set(OfferMail.Occasion) == set(PLACES) - {"thank_you_url"}
