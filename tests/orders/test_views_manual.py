"""An order that the team makes for one person."""

import pytest

from contacts.models import Contact
from contacts.services.people import recognize_contact
from courses.models import Access, Course, Lesson, Module
from courses.selectors import open_lessons
from kwiga import clock
from offers.models import OfferItem
from orders.models import Order
from schools.models import Event, OutboxRow
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory

pytestmark = pytest.mark.django_db
NEW = "/green/orders/new/"
FREE = {"email": "olena@example.test", "name": "Olena", "currency": "UAH", "window": "offer", "key": "k1"}


@pytest.fixture
def course(school) -> Course:
    with school_scope(school):
        course = Course.objects.create(school=school, title="Breathing", status=Course.Status.PUBLISHED)
        for name in ("First", "Second"):
            module = Module.objects.create(school=school, course=course, title=f"{name} module")
            for number in (1, 2):
                Lesson.objects.create(
                    school=school,
                    course=course,
                    module=module,
                    title=f"{name} {number}",
                    status=Lesson.Status.PUBLISHED,
                )
        return course


@pytest.fixture
def offer(school, course):
    offer = PublishedOfferFactory(school=school, title="Yoga")
    with school_scope(school):
        OfferItem.objects.create(school=school, offer=offer, course=course)
        type(offer).objects.filter(pk=offer.pk).update(open_for=30)
    return offer


@pytest.fixture
def client(owner, staff):
    return staff(owner)


@pytest.fixture
def give(client, offer):
    """Send the form with an offer chosen."""

    def send(**said):
        return client.post(NEW, FREE | {"what": "offer", "offer": offer.token, "send_mail": "on"} | said)

    return send


def orders(school) -> list[Order]:
    with school_scope(school):
        return list(Order.objects.select_related("contact", "made_by").order_by("id"))


def accesses(school) -> list[Access]:
    with school_scope(school):
        return list(Access.objects.order_by("id"))


@pytest.mark.spec("K12.1")
@pytest.mark.spec("K12.4")
def test_access_is_given_in_one_go(school, give, owner, client):
    answer = give(reason="won it")
    [order] = orders(school)
    assert (answer.status_code, answer.url) == (302, f"/green/orders/{order.number}/")
    assert (order.state, order.total_minor, order.source, order.reason) == ("paid", 0, "manual", "won it")
    assert (order.contact.email, order.contact.name, order.made_by) == ("olena@example.test", "Olena", owner)
    [access] = accesses(school)
    assert access.is_open(order.created_at)
    assert access.ends_at is not None and (access.ends_at - access.starts_at).days == 30
    shown = client.get(answer.url).text
    assert "won it" in shown and f"Made by {owner}" in shown and "Order placed" in shown


def mails(school) -> list[str]:
    """Those that the listeners of the journal would write for events that ask for one."""
    with school_scope(school):
        return [event.kind for event in Event.objects.filter(kind="order.paid") if event.data.get("mail", True)]


@pytest.mark.spec("K12.2")
def test_mail_can_be_left_out(school, give):
    give(send_mail="")
    assert mails(school) == []
    give(email="petro@example.test", key="k2")
    assert mails(school) == ["order.paid"]


@pytest.mark.spec("K12.3")
@pytest.mark.parametrize("choice", ["extend", "replace", "anyway"])
def test_person_who_has_it_already_is_asked_about(school, give, choice):
    give()
    answer = give(key="k2")
    assert answer.status_code == 200 and "They can open this already" in answer.text
    assert "Extend it" in answer.text and "Breathing" in answer.text
    assert len(orders(school)) == 1
    assert give(key="k2", choice=choice).status_code == 302
    first, second = accesses(school)
    assert (first.revoked_at is not None) is (choice == "replace")
    assert (second.ends_at - clock.now()).days in ((59, 60) if choice == "extend" else (29, 30))


@pytest.mark.spec("K01.3")
def test_two_lessons_of_own_choice_and_no_more(school, client, course):
    with school_scope(school):
        chosen = list(Lesson.objects.filter(title__in=["First 2", "Second 1"]))
    said = {"what": "own", "title": "Trial", "parts": [f"lesson-{lesson.pk}" for lesson in chosen]}
    assert client.post(NEW, FREE | said).status_code == 302
    [order] = orders(school)
    with school_scope(school):
        assert open_lessons(order.contact, course, clock.now()) == {lesson.pk for lesson in chosen}


def test_whole_course_takes_its_parts_in(school, client, course):
    with school_scope(school):
        lesson = Lesson.objects.order_by("id").first()
    said = {"what": "own", "title": "All", "parts": [f"lesson-{lesson.pk}", f"course-{course.pk}"]}
    client.post(NEW, FREE | said)
    assert [access.is_whole for access in accesses(school)] == [True]


def test_price_makes_an_order_that_waits_for_its_link(school, client, give):
    answer = give(price="500,50", valid_for="14")
    [order] = orders(school)
    assert (order.state, order.total_minor, order.currency) == ("pending", 50_050, "UAH")
    assert 13 <= (order.expires_at - order.created_at).days <= 14
    assert accesses(school) == []
    assert "/pay/" in client.get(answer.url).text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"email": ""}, "Pick a person, or write the email of a new one"),
        ({"email": "nobody"}, "Enter a valid email"),
        ({"offer": ""}, "Choose an offer"),
        ({"offer": "none"}, "valid choice"),
        ({"what": "own"}, "Give the order a title"),
        ({"what": "own", "title": "T"}, "Choose at least one course"),
        ({"what": "own", "title": "T", "parts": ["lesson-0"]}, "valid choice"),
        ({"price": "much"}, "Enter an amount"),
        ({"price": "5", "currency": "EUR"}, "sold in UAH"),
        ({"window": "time"}, "Say how long"),
        ({"window": "time", "open_for": "0"}, "greater than or equal to 1"),
        ({"window": "until"}, "Say until which day"),
        ({"window": "until", "last_day": "2020-01-01"}, "This day is over"),
    ],
)
def test_what_is_missing_is_said(school, give, said, sentence):
    answer = give(**said)
    assert answer.status_code == 200 and sentence in answer.text
    assert orders(school) == []
    with school_scope(school):
        assert not Contact.objects.exists()


def test_nothing_is_written_when_the_shop_refuses(school, give, offer):
    with school_scope(school):
        type(offer).objects.filter(pk=offer.pk).update(seats=0)
    answer = give()
    assert answer.status_code == 200 and "All seats are taken" in answer.text
    with school_scope(school):
        assert not Contact.objects.exists()
        assert not OutboxRow.objects.filter(payload__contains={"order": 1}).exists()


def test_same_form_twice_is_one_order(school, give):
    assert give().url == give().url
    assert len(orders(school)) == 1


def test_people_are_found_as_one_types(school, client):
    with school_scope(school):
        person = recognize_contact(email="olena@example.test", name="Olena Koval")
        recognize_contact(email="petro@example.test", name="Petro")
    part = client.post(NEW, {"who": "kov", "find": "1"}, headers={"HX-Request": "true"}).text
    assert "Olena Koval" in part and "Petro" not in part and "<html" not in part
    whole = client.post(NEW, {"who": "kov", "find": "1"}).text
    assert "<html" in whole and person.token in whole and "field-error" not in whole


def test_contact_card_leads_here_with_the_person_picked(school, client, give):
    with school_scope(school):
        person = recognize_contact(email="olena@example.test", name="Olena Koval")
    assert f'value="{person.token}"' in client.get(f"{NEW}?contact={person.token}").text
    give(email="", contact=person.token)
    assert [order.contact for order in orders(school)] == [person]


@pytest.mark.parametrize(
    ("said", "sentences"),
    [
        ({}, ["Olena gets “Yoga”.", "It costs nothing", "It stays open for 30 days.", "A mail tells them"]),
        ({"price": "500", "valid_for": "14"}, ["UAH\xa0500", "works for 14 days"]),
        ({"window": "ever", "send_mail": ""}, ["It stays open for ever.", "No mail is sent."]),
        ({"window": "time", "open_for": "1", "open_for_unit": "months"}, ["for 1 month."]),
        ({"window": "until", "last_day": "2099-01-31"}, ["until Feb 1, 2099, 00:00 (Europe/Kyiv)"]),
        ({"email": "", "name": ""}, ["Somebody gets “Yoga”."]),
        ({"what": "own"}, ["Olena gets what you choose here.", "It opens 0 things"]),
    ],
)
def test_summary_says_what_will_happen(school, client, offer, said, sentences):
    sent = FREE | {"what": "offer", "offer": offer.token, "send_mail": "on", "check": "1"} | said
    answer = client.post(NEW, sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    for sentence in sentences:
        assert sentence in answer.text
    assert "<html" not in answer.text and orders(school) == []
