"""The article's part on automations, each sentence through the pages of the team and, behind them, the real drainer."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as django_mail

from courses.services.assignments import accept_submission, hand_in
from courses.services.progress import complete_lesson
from kwiga import clock
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.automations.pages import COUPON
from tests.coupons.test_article_list import lines_of
from tests.coupons.test_article_making import TYPED
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import list_of
from tests.factories.courses import CourseFactory, give_access, lessons_of, make_assignment, modules_of
from tests.factories.orders import PaidOrderFactory, sold_offer
from tests.kwiga.pages.buyers import address_of, fields_of
from tests.support.automations import coupons

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv"))


@pytest.fixture
def client(owner, staff):
    return staff(owner)


def begin(client, recipe: str = "") -> str:
    """A new draft; where it is edited."""
    address: str = client.post("/green/automations/new/", {"name": "Bonus", "recipe": recipe}).url
    return address


def switch_on(client, edit: str) -> None:
    page = client.post(edit.replace("/edit/", "/moves/on/"), follow=True)
    assert "The automation is on." in page.text


def make_on_event(client, **said: str) -> None:
    """When a contact is new: the action Create coupon, with these parameters."""
    edit = begin(client)
    client.post(f"{edit}trigger/", {"trigger": "contact.created"})
    answer = client.post(f"{edit}add/?at=0&kind=coupon", COUPON | said)
    assert answer.status_code == 302, answer.text
    switch_on(client, edit)


def come(school, *people: str):
    """New contacts; the coupons that were made."""
    for email in people or ("olena@example.test",):
        ContactFactory(school=school, email=email, name=email.partition("@")[0].title())
    drain()
    return coupons(school)


def code_of(coupon) -> str:
    with school_scope(coupon.school_id):
        return coupon.codes.get().code


def total(client, offer, code: str) -> str:
    return fields_of(client.get(address_of(offer, f"?coupon={code}")))["shown_total"]


# --- Groups ---


def group_coupon(school, client, edit: str) -> None:
    """The automation fills a list, and the coupon is for those in it."""
    group = list_of(school, name="Earned it")
    client.post(f"{edit}0/", {"kind": "list_add", "list": group.token})
    switch_on(client, edit)
    client.post("/green/coupons/new/", TYPED | {"audience": "list", "contact_list": group.token})


@pytest.mark.spec("SEED-K: manually create this list or use automation. For example … already purchased one product")
def test_an_automation_puts_who_has_bought_into_the_group(school, client, student):
    offer = sold_offer(school, price_minor=120_000)
    group_coupon(school, client, begin(client, "first-purchase"))
    buyer, other = ContactFactory(school=school), ContactFactory(school=school)
    assert total(student(buyer), offer, "SPRING") == "120000"
    PaidOrderFactory(offer=sold_offer(school), email=buyer.email)
    drain()
    assert [total(student(each), offer, "SPRING") for each in (buyer, other)] == ["108000", "120000"]


@pytest.mark.spec("SEED-K: created … through automation. For example … submitted their final assignment")
@pytest.mark.parametrize("counts", ["submitted", "accepted"])
def test_an_automation_puts_who_did_the_final_assignment_into_the_group(school, owner, client, student, counts):
    offer, course = sold_offer(school, price_minor=120_000), CourseFactory(school=school)
    with school_scope(school):
        first, last = (make_assignment(modules_of(course)[-1], acceptance="by_team") for _number in range(2))
    edit = begin(client, "final-assignment")
    said = {"trigger": f"assignment.{counts}", "course": course.token, "lesson": "", "final": "on"}
    client.post(f"{edit}trigger/", said)
    group_coupon(school, client, edit)
    graduate, beginner = ContactFactory(school=school), ContactFactory(school=school)
    for person, lesson in ((beginner, first), (graduate, last)):
        give_access(person, course)
        with school_scope(school):
            answer = hand_in(contact=person, lesson=lesson, text="Mine")
            if counts == "accepted":
                accept_submission(submission=answer, actor=owner)
    drain()
    assert [total(student(each), offer, "SPRING") for each in (graduate, beginner)] == ["108000", "120000"]


# --- The action ---


@pytest.mark.spec("SEED-K: you can add the Create Coupon action with the following parameters")
def test_the_action_asks_for_the_parameters_of_the_article(client):
    edit = begin(client)
    client.post(f"{edit}trigger/", {"trigger": "contact.created"})
    assert "Create coupon" in client.get(f"{edit}add/?at=0").text
    page = client.get(f"{edit}add/?at=0&kind=coupon").text
    labels = {" ".join(label.split()) for label in re.findall(r"<(?:label|legend)[^>]*>([^<]+)<", page)}
    assert labels >= {"Coupon Name", "Discount Size", "Validity", "Total Number of Uses", "Comment"}
    assert "Only this contact can use it" in page


@pytest.mark.spec("P3.1: two contacts, two codes, each works for its owner only – at the checkout")
@pytest.mark.spec("P3.5: the list says that the automation made it")
@pytest.mark.spec("SEED-K: automatically create personal coupons when a specific event occurs, without manual work")
@pytest.mark.spec("SEED-K: Contact association – automatically created for the contact who triggered the event")
def test_an_event_makes_a_personal_coupon_for_its_contact(school, client, student):
    offer = sold_offer(school, price_minor=120_000)
    make_on_event(client)
    olena, ihor = come(school, "olena@example.test", "ihor@example.test")
    assert code_of(olena) != code_of(ihor)
    with school_scope(school):
        people = [coupon.contact for coupon in (olena, ihor)]
    totals = [[total(student(person), offer, code_of(coupon)) for person in people] for coupon in (olena, ihor)]
    assert totals == [["102000", "120000"], ["120000", "102000"]]
    lines = lines_of(client.get("/green/coupons/"))
    assert [(line["Created by"], line["Assigned contact"]) for line in lines] == [("Bonus", "Ihor"), ("Bonus", "Olena")]


@pytest.mark.spec("SEED-K: Coupon name – generate automatically or specify a custom format")
def test_its_name_is_generated_or_follows_a_format(school, client):
    make_on_event(client)
    make_on_event(client, code="pattern", pattern="GIFT-######")
    drawn, formed = sorted((code_of(coupon) for coupon in come(school)), key=lambda code: code.startswith("GIFT-"))
    assert len(drawn) == 12 and not drawn.startswith("GIFT-")
    assert formed.startswith("GIFT-") and len(formed) == 11


@pytest.mark.spec("SEED-K: Discount amount – percentage or fixed sum")
def test_its_size_is_a_percentage_or_a_sum(school, client, student):
    offer = sold_offer(school, price_minor=120_000)
    make_on_event(client, size="10")
    make_on_event(client, size="50", unit="UAH")
    made = come(school)
    with school_scope(school):
        buyer = student(made[0].contact)
    assert {total(buyer, offer, code_of(coupon)) for coupon in made} == {"108000", "115000"}


@pytest.mark.spec("SEED-K: Validity period – specify the coupon’s active duration")
def test_it_is_valid_for_days_until_a_date_or_for_ever(school, client):
    with clock.at(NOON):
        make_on_event(client, valid_days="3")
        make_on_event(client, valid="until", valid_until_day="2027-02-20")
        make_on_event(client, valid="forever")
        made = come(school)
    ends = [NOON + timedelta(days=3), datetime(2027, 2, 21, tzinfo=NOON.tzinfo), None]
    assert {coupon.ends_at for coupon in made} == set(ends)
    shown = {line["Expiration date"] for line in lines_of(client.get("/green/coupons/"))}
    assert "No expiration" in shown and len(shown) == 3


@pytest.mark.spec("SEED-K: Usage limit – restrict how many times the coupon can be used")
def test_it_is_used_as_often_as_the_limit_says(school, client, student):
    offer = sold_offer(school, price_minor=120_000)
    make_on_event(client, max_uses="1", max_uses_per_contact="")
    (coupon,) = come(school)
    with school_scope(school):
        person = coupon.contact
    assert total(student(person), offer, code_of(coupon)) == "102000"
    PaidOrderFactory(offer=offer, email=person.email, code=code_of(coupon), shown_total_minor=102_000)
    assert total(student(person), offer, code_of(coupon)) == "120000"


@pytest.mark.spec("SEED-K: Comment – add an internal note about the purpose of the coupon")
def test_its_comment_is_read_by_the_team(school, client):
    make_on_event(client, comment="For new people")
    come(school)
    assert [line["Comment"] for line in lines_of(client.get("/green/coupons/"))] == ["For new people"]


# --- Examples of use ---


@pytest.mark.spec("SEED-K: give a bonus discount to students who have completed a course with 100% progress")
def test_a_finished_course_brings_a_bonus(school, client, student, contact):
    offer, course = sold_offer(school, price_minor=120_000), CourseFactory(school=school)
    give_access(contact, course)
    switch_on(client, begin(client, "course-finished"))
    with school_scope(school):
        *before, last = lessons_of(course)
        for lesson in before:
            complete_lesson(contact=contact, lesson=lesson)
    drain()
    assert coupons(school) == []
    with school_scope(school):
        complete_lesson(contact=contact, lesson=last)
    drain()
    (coupon,) = coupons(school)
    (letter,) = [each for each in django_mail.outbox if each.to == [contact.email] and code_of(coupon) in each.body]
    assert course.title in letter.body
    assert total(student(contact), offer, code_of(coupon)) == "102000"


@pytest.mark.spec("SEED-K: for contacts who haven’t visited the platform for more than 30 days")
def test_thirty_days_of_absence_bring_an_offer_to_come_back(school, client, student):
    away, back = ContactFactory(school=school), ContactFactory(school=school)
    with clock.at(NOON):
        switch_on(client, begin(client, "absent"))
        for person in (away, back):
            assert student(person).get("/me/").status_code == 200
    with clock.at(NOON + timedelta(days=20)):
        student(back).get("/me/")
    for later in (timedelta(days=29, hours=23), timedelta(days=30, hours=1), timedelta(days=33)):
        with clock.at(NOON + later):
            drain()
            assert len(coupons(school)) == (later.days >= 30)
    (coupon,) = coupons(school)
    assert coupon.contact_id == away.pk
    assert [each.to for each in django_mail.outbox if code_of(coupon) in each.body] == [[away.email]]
