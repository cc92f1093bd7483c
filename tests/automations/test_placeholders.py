"""Words in double braces: a fixed list, each known where it has a value, never evaluated, never read twice (P7, D2)."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail
from django.utils import timezone

from automations.actions.mails import written
from automations.models import Run
from automations.placeholders import NAMES, known_at, mail_values_of, values_of
from automations.selectors import sample_run_for
from contacts.models import Contact
from kwiga import clock
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, mail, percent_coupon
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.support.automations import complete, coupons

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)
ALL = "\n".join(f"{name}={{{{ {name} }}}}" for name in NAMES)
ABOUT_ORDERS = {"trigger": "order.placed", "trigger_settings": {"offer": ""}}


def letter():
    (found,) = [each for each in django_mail.outbox if each.subject.startswith("News")]
    return found


def said(text):
    """What each word said."""
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and line.split("=")[0] in NAMES)


def test_every_word_of_an_order_and_its_coupon_has_a_value(school):
    offer = sold_offer(school, title="Baking")
    with clock.at(NOON):
        steps = (percent_coupon(offers="event"), mail(ALL, is_news=False))
        AutomationFactory(school=school, name="Left", steps=steps, **ABOUT_ORDERS)
        order = PlacedOrderFactory(offer=offer, email="olena@example.test", name="Olena")
        with school_scope(school):
            Contact.objects.update(phone="+380", external_id="bot-7", language="en")
        drain()
    words = said(letter().body)
    (coupon,) = coupons(school)
    with school_scope(school):
        code, run = coupon.codes.get().code, Run.objects.get()
    assert words["contact.name"] == "Olena"
    assert (words["contact.phone"], words["contact.external_id"]) == ("+380", "bot-7")
    assert (words["offer.title"], words["course.title"]) == ("Baking", "Sample course")
    assert (words["order.number"], words["order.amount"], words["order.currency"]) == (order.number, "1200.00", "UAH")
    assert words["order.date"] == "Feb 10, 2027"
    assert (words["coupon.code"], words["coupon.size"]) == (code, "15%")
    assert words["coupon.starts"] == "Feb 10, 2027, 12:00 (Kyiv)"
    assert words["coupon.expires"] == "Feb 17, 2027, 12:00 (Kyiv)"
    assert words["coupon.link"].endswith(f"/o/{offer.token}?coupon={code}")
    assert (words["automation.name"], words["run.id"]) == ("Left", run.token)
    missing = {name for name in NAMES if not words.get(name)}
    assert missing == {"school.email"}  # this school wrote none


def test_a_course_alone_has_no_words_of_orders(school, contact):
    course = CourseFactory(school=school)
    give_access(contact, course)
    AutomationFactory(school=school, trigger="course.completed", trigger_settings={"course": ""}, steps=(("stop", {}),))
    complete(contact, course)
    drain()
    with school_scope(school):
        values = dict(values_of(Run.objects.select_related("automation", "contact").get()))
    assert values["course.title"] == course.title
    assert not {name for name in values if name.startswith(("order.", "offer.", "coupon."))}


def test_only_what_a_text_speaks_of_is_looked_up(school, contact, django_assert_num_queries):
    AutomationFactory(school=school, steps=(percent_coupon(), mail("x")))
    ContactFactory(school=school)
    drain()
    with school_scope(school):
        run = Run.objects.select_related("automation", "contact", "school").get()
        with django_assert_num_queries(0):
            assert mail_values_of(run)["contact.email"] == run.contact.email
        with django_assert_num_queries(2):
            values = mail_values_of(run)
            assert values["coupon.code"] and values["coupon.size"]


def test_what_lets_a_contact_in_is_told_to_nobody_else(school, contact):
    AutomationFactory(school=school)
    ContactFactory(school=school)
    drain()
    with school_scope(school):
        run = Run.objects.select_related("automation", "contact").get()
        own = mail_values_of(run).keys() - values_of(run).keys()
    assert own == {"courses_link", "unsubscribe_link"}


def test_where_each_word_is_known(school):
    steps = (mail("a"), percent_coupon(), mail("b"), ("webhook", {"url": "https://example.test/", "body": "{}"}))
    automation = AutomationFactory(school=school, steps=steps, is_on=False, **ABOUT_ORDERS)
    with school_scope(school):
        version = automation.versions.get()
        before, behind, outside = (known_at(version, position) for position in (0, 2, 3))
        version.trigger = "contact.created"
        about_contacts = known_at(version, 2)
    assert behind - before == {name for name in NAMES if name.startswith("coupon.")}
    assert behind - outside == {"courses_link", "unsubscribe_link"}
    assert behind - about_contacts == {name for name in NAMES if name.startswith(("order.", "offer.", "course."))}
    assert behind == set(NAMES)


# --- What schools and contacts write is words, and nothing else (D2, D3) ---

PAYLOADS = [
    "{{ settings.SECRET_KEY }}",
    "{{ contact.__class__ }}",
    "{{ contact._meta.model }}",
    "{0.__init__.__globals__}",
    "{contact.email.__class__}",
    "{% load static %}{% debug %}",
    "{{ contact.name|safe }}",
    "{{ school.name }}{{ contact.token }}",
    "%(SECRET_KEY)s ${SECRET_KEY}",
    "{{{{ contact.name }}}}",
]


@pytest.mark.spec("D2")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_contact_writes_as_a_name_is_never_evaluated(school, payload):
    AutomationFactory(school=school, steps=(mail("Hello [{{ contact.name }}]"),))
    ContactFactory(school=school, name=payload[:120])
    drain()
    assert f"Hello [{payload}]" in letter().body


@pytest.mark.spec("D2")
@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_a_school_writes_is_never_evaluated(school, contact, payload, settings):
    automation = AutomationFactory(school=school, is_on=False)
    with school_scope(school):
        run = sample_run_for(contact, automation.versions.get())
        _subject, body = written(run, {"texts": {"en": {"subject": "A", "body": f"[{payload}]"}}})
    assert settings.SECRET_KEY not in body
    assert not re.search(r"class|object at|<", body.replace(payload, ""))


@pytest.mark.spec("P7.2: a name with < is escaped in a mail")
def test_markup_in_a_name_stays_words(school):
    AutomationFactory(school=school, steps=(mail("Hello {{ contact.name }}"),))
    ContactFactory(school=school, name="<b>Olena</b> & Co")
    drain()
    found = letter()
    assert "Hello <b>Olena</b> & Co" in found.body
    for html, _kind in found.alternatives:
        assert "<b>Olena" not in html
        assert "&lt;b&gt;Olena&lt;/b&gt; &amp; Co" in html


@pytest.mark.spec("D3")
def test_a_name_cannot_add_a_header(school):
    AutomationFactory(school=school, steps=(mail("Hello", subject="News for {{ contact.name }}"),))
    contact = ContactFactory(school=school, name="Olena")
    with school_scope(school):
        Contact.objects.filter(pk=contact.pk).update(name="Olena\r\nBcc: all@example.test\n\nBody")
    drain()
    message = letter().message()
    assert message["Bcc"] is None
    assert "\n" not in message["Subject"]


@pytest.mark.spec("P7.1: a value in a link arrives whole")
def test_a_value_in_a_link_is_encoded(school):
    AutomationFactory(school=school, steps=(mail("https://example.test/?who={{ contact.name }}&ok=1"),))
    ContactFactory(school=school, name="Olena & Co?#/")
    drain()
    assert "https://example.test/?who=Olena%20%26%20Co%3F%23%2F&ok=1" in letter().body


# --- Previews ---


@pytest.mark.spec("P7.4: preview equals the sent mail")
def test_a_preview_says_what_the_mail_says(school):
    offer = sold_offer(school)
    steps = (percent_coupon(), mail(ALL, is_news=False))
    with clock.at(NOON):
        paid = {"trigger": "order.paid", "trigger_settings": {"offer": ""}}
        automation = AutomationFactory(school=school, steps=steps, **paid)
        order = PaidOrderFactory(offer=offer, email="olena@example.test")
        with school_scope(school), timezone.override("Europe/Kyiv"):
            version = automation.versions.get()
            run = sample_run_for(Contact.objects.get(pk=order.contact_id), version)
            _subject, body = written(run, version.steps.get(kind="mail").settings)
        drain()
    sent, shown = said(letter().body), said(body)
    drawn = {"coupon.code", "coupon.link", "run.id", "courses_link"}  # chance, or the second it was signed
    assert {name: text for name, text in sent.items() if name not in drawn} == {
        name: text for name, text in shown.items() if name not in drawn
    }
    assert all(shown[name] for name in drawn)
