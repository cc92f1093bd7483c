"""Contacts in the dashboard: the list, the card, and what staff may change."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.card import sections
from contacts.models import Contact
from contacts.services.people import recognize_contact
from courses.services.access import Part, open_access
from kwiga import clock
from schools.models import Event, OutboxRow
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory, student_browser
from tests.factories.courses import CourseFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, sold_offer
from tests.factories.schools import MemberFactory
from tests.support.students import is_signed_in

LIST = "/green/contacts/"


@pytest.fixture
def boss(owner, staff):
    return staff(owner)


def card(contact: Contact, *more: str) -> str:
    return "/".join([f"{LIST}{contact.token}", *more, ""])


def emails_on(response) -> list[str]:
    return [contact.email for contact in response.context["page"].rows]


def queries_of(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


# --- The list ---


def test_an_empty_list_says_how_people_get_there(boss, school):
    html = boss.get(LIST).text
    assert "No contacts yet" in html and f"{LIST}new/" in html


def test_the_newest_stand_first(boss, school):
    for name in ("a", "b", "c"):
        ContactFactory(school=school, email=f"{name}@example.test")
    assert emails_on(boss.get(LIST)) == ["c@example.test", "b@example.test", "a@example.test"]


@pytest.mark.parametrize("typed", ["olena", "OLE", "koval", "olena koval", "olena@exam", "example olena", "5012"])
def test_people_are_found_by_the_beginning_of_a_word(boss, contact, school, typed):
    with school_scope(school):
        recognize_contact(email="ivan@other.test", name="Ivan")
    ContactFactory(school=school, email="o.k@example.test", name="Olena Koval", phone="5012 77")
    found = emails_on(boss.get(LIST, {"q": typed}))
    assert found and "ivan@other.test" not in found


def test_a_search_that_finds_nobody_says_so(boss, contact):
    html = boss.get(LIST, {"q": "nobody"}).text
    assert "Nobody fits" in html and contact.email not in html


def test_a_fragment_is_the_list_alone(boss, contact):
    response = boss.get(LIST, headers={"HX-Request": "true"})
    assert response.text.lstrip().startswith('<div id="list">')
    assert "HX-Request" in response.headers["Vary"]


@pytest.fixture
def buyers(school) -> dict[str, Contact]:
    """One who paid, one who has not yet, one who got it free, one whom staff let in, one who did nothing."""
    PaidOrderFactory(school=school, email="paid@example.test")
    PlacedOrderFactory(school=school, email="waiting@example.test")
    PaidOrderFactory(offer=sold_offer(school, price_minor=0), email="free@example.test")
    ContactFactory(school=school, email="let-in@example.test")
    ContactFactory(school=school, email="idle@example.test")
    course = CourseFactory(school=school)
    with school_scope(school):
        people = {contact.email.partition("@")[0]: contact for contact in Contact.objects.all()}
        open_access(
            contact=people["let-in"], parts=[Part(course.pk)], starts_at=clock.now(), ends_at=None, cause="by hand"
        )
    return people


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"bought": "yes"}, {"paid"}),
        ({"bought": "no"}, {"waiting", "free", "let-in", "idle"}),
        ({"access": "yes"}, {"paid", "free", "let-in"}),
        ({"unpaid": "yes"}, {"waiting"}),
        ({"access": "yes", "bought": "no"}, {"free", "let-in"}),
        ({"access": "yes", "q": "let"}, {"let-in"}),
        ({"bought": "perhaps", "no_such_fact": "yes"}, {"paid", "waiting", "free", "let-in", "idle"}),
    ],
)
def test_facts_of_other_apps_narrow_the_list(boss, buyers, query, names):
    response = boss.get(LIST, query)
    assert {email.partition("@")[0] for email in emails_on(response)} == names


def test_a_filter_that_is_on_can_be_taken_off(boss, buyers):
    html = boss.get(LIST, {"bought": "no", "access": "yes"}).text
    assert 'href="?access=yes"' in html and 'href="?bought=no"' in html


def test_the_list_costs_the_same_for_one_and_for_three(boss, school):
    ContactFactory(school=school)
    one = queries_of(boss, f"{LIST}?bought=no&q=student")
    ContactFactory(school=school)
    ContactFactory(school=school)
    assert queries_of(boss, f"{LIST}?bought=no&q=student") == one


# --- Adding and changing ---


def test_staff_add_somebody_who_bought_nothing(boss, school):
    response = boss.post(f"{LIST}new/", {"email": " New@Example.test", "name": "New", "phone": "", "language": ""})
    with school_scope(school):
        added = Contact.objects.get(email="new@example.test")
        assert Event.objects.get(kind="contact.created").actor_id is not None
    assert response.url == card(added)


def test_a_taken_email_leads_to_who_has_it(boss, contact):
    response = boss.post(f"{LIST}new/", {"email": contact.email.upper()})
    assert response.status_code == 200
    assert "Another contact has this email." in response.text and card(contact) in response.text


@pytest.mark.parametrize("email", ["", "no email", "a@b", "a@b.test\nBcc: c@d.test"])
def test_what_is_no_email_is_refused(boss, school, email):
    assert boss.post(f"{LIST}new/", {"email": email}).context["form"].errors["email"]


def test_a_mistyped_email_is_cured_and_everything_stays_with_the_person(boss, school):
    order = PaidOrderFactory(school=school, email="olena@exmaple.test")
    with school_scope(school):
        contact = order.contact
    browser = student_browser(contact)
    html = boss.get(card(contact, "edit")).text
    assert "signs in with the new email from then on" in " ".join(html.split())
    boss.post(card(contact, "edit"), {"email": "olena@example.test", "name": "Olena"})
    assert not is_signed_in(browser)
    with school_scope(school):
        contact.refresh_from_db()
        order.refresh_from_db()
        assert (contact.email, contact.verified_at) == ("olena@example.test", None)
        assert (order.contact_id, order.buyer_email) == (contact.pk, "olena@exmaple.test")


def test_who_may_look_may_not_change(school, contact, staff):
    looker = staff(MemberFactory(school=school, role=Role.MARKETING).user)
    html = looker.get(card(contact)).text
    assert card(contact, "edit") not in html and card(contact, "sign-in-link") not in html
    assert looker.post(card(contact, "edit"), {"email": "x@example.test"}).status_code == 403


# --- The card ---


def test_the_card_shows_what_every_app_knows(boss, school):
    order = PaidOrderFactory(school=school, email="olena@example.test", name="Olena")
    with school_scope(school):
        contact = order.contact
    html = boss.get(card(contact)).text
    assert order.number in html and f"/green/orders/new/?contact={contact.token}" in html
    assert "Sample course" in html
    for sentence in ("Contact added", "Order placed", "Order paid", "Access opened"):
        assert sentence in html


def test_the_card_hides_sections_from_who_may_not_see_them(school, staff):
    order = PaidOrderFactory(school=school, email="olena@example.test")
    with school_scope(school):
        contact = order.contact
    html = staff(MemberFactory(school=school, role=Role.MARKETING).user).get(card(contact)).text
    assert f"/green/orders/{order.number}/" not in html.partition("What happened")[0]
    assert "Sample course" in html


def test_the_card_warns_of_a_course_that_students_do_not_see(boss, contact, school):
    course = CourseFactory(school=school, title="Hidden course", status="draft")
    with school_scope(school):
        open_access(contact=contact, parts=[Part(course.pk)], starts_at=clock.now(), ends_at=None, cause="by hand")
    html = boss.get(card(contact)).text
    assert "Hidden course" in html and "Students do not see it." in html


def test_the_card_tells_an_ended_access_from_one_to_come(boss, contact, school):
    now = clock.now()
    with school_scope(school):
        for title, starts, ends in [("Ended", -9, -1), ("To come", 9, 19), ("Open", -1, 9)]:
            course = CourseFactory(school=school, title=title)
            window = {"starts_at": now + timedelta(days=starts), "ends_at": now + timedelta(days=ends)}
            open_access(contact=contact, parts=[Part(course.pk)], **window, cause=title)
    text = " ".join(boss.get(card(contact)).text.split())
    assert "ended" in text and "opens " in text and ">open<" in text.replace("> ", ">").replace(" <", "<")


def test_the_card_costs_the_same_however_much_there_is(boss, school):
    offer = sold_offer(school)
    order = PaidOrderFactory(offer=offer, email="olena@example.test")
    with school_scope(school):
        contact = order.contact
    one = queries_of(boss, card(contact))
    for _ in range(2):
        PaidOrderFactory(offer=offer, email="olena@example.test")
    assert queries_of(boss, card(contact)) == one


def test_history_holds_nothing_of_others(boss, school, contact):
    PaidOrderFactory(school=school, email="other@example.test")
    response = boss.get(card(contact))
    assert [entry.event.kind for entry in response.context["entries"]] == ["contact.created"]


def test_sections_are_registered_once():
    templates = [section.template for section in sections()]
    assert len(templates) == len(set(templates)) >= 2


# --- The way in ---


def test_staff_send_the_way_in_once_in_two_minutes(boss, contact):
    boss.post(card(contact, "sign-in-link"))
    answer = boss.post(card(contact, "sign-in-link"), follow=True)
    assert "A link was sent a moment ago." in answer.text
    with school_scope(contact.school):
        assert OutboxRow.objects.filter(kind="mail", payload__template="sign_in_link").count() == 1
        assert Event.objects.filter(kind="contact.invited").count() == 1


def test_staff_sign_somebody_out_everywhere(boss, contact):
    browser = student_browser(contact)
    boss.post(card(contact, "sign-out"))
    assert not is_signed_in(browser)
