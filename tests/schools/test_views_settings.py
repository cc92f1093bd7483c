"""Settings of a school."""

import pytest
from django.urls import reverse

from kwiga import clock
from orders.models import Order
from schools.journal import record_event
from schools.mail.letters import write_letter
from schools.mail.sealing import Order as MailOrder
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.schools import MemberFactory
from tests.factories.world import fill

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "Green School",
    "legal_name": "Green LLC",
    "address": "1 Leaf St",
    "contact_email": "hello@green.test",
    "contact_phone": "+380 (44) 000-00-00",
    "currency": "EUR",
    "time_zone": "Europe/Warsaw",
    "language": "uk",
    "sender_name": "Anna of Green",
    "tax_note": "The price includes VAT.",
    "order_expiry_days": "14",
    "store_is_open": "True",
    "store_title": "Our courses",
    "store_text": "All that we teach.",
    "after_sign_in": "store",
}

FACTS_OF_MAIL = {"role": "Sales", "inviter": "Anna", "link": "https://x.test/", "days": 7}
INVITED = MailOrder("person@example.test", "en", FACTS_OF_MAIL)


@pytest.fixture
def url(school):
    return reverse("schools:settings", args=[school.slug])


def saved(school) -> dict[str, str]:
    found = School.objects.get(pk=school.pk)
    return {name: str(getattr(found, name)) for name in FACTS}


def test_settings_are_saved_and_written_down(url, school, owner, staff):
    response = staff(owner).post(url, FACTS, follow=True)
    assert response.redirect_chain == [(url, 302)]
    assert "Saved." in response.text
    assert saved(school) == FACTS
    with school_scope(school):
        event = Event.objects.get()
        assert (event.kind, event.actor, len(event.data["fields"])) == ("school.changed", owner, 13)


def test_settings_saved_twice_are_one_change(url, school, owner, staff):
    client = staff(owner)
    for _ in range(2):
        assert client.post(url, FACTS).status_code == 302
    with school_scope(school):
        assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "This field is required."),
        ("contact_email", "nobody", "Enter a valid email address."),
        ("contact_phone", "call me", "Write a phone number"),
        ("currency", "ZZZ", "Select a valid choice."),
        ("time_zone", "Mars/Base", "Select a valid choice."),
        ("language", "de", "Select a valid choice."),
        ("address", "x" * 501, "at most 500 characters"),
        ("order_expiry_days", "0", "greater than or equal to 1"),
        ("order_expiry_days", "91", "less than or equal to 90"),
        ("after_sign_in", "elsewhere", "Select a valid choice."),
    ],
)
def test_settings_say_what_is_wrong_and_lose_nothing(url, school, owner, staff, field, value, sentence):
    before = saved(school)
    response = staff(owner).post(url, FACTS | {"name": "Typed Name", field: value})
    assert response.status_code == 200
    assert sentence in response.text
    assert "1 Leaf St" in response.text or field == "address"
    assert saved(school) == before
    # The page around the form goes on showing what is saved.
    assert "<title> School · Green School </title>" in " ".join(response.text.split())


def test_the_address_of_the_school_is_not_among_the_settings(url, school, owner, staff):
    staff(owner).post(url, FACTS | {"slug": "elsewhere"})
    assert School.objects.get(pk=school.pk).slug == "green"


def test_closing_the_store_is_one_box(url, school, owner, staff):
    staff(owner).post(url, {name: value for name, value in FACTS.items() if name != "store_is_open"})
    assert School.objects.get(pk=school.pk).store_is_open is False


def test_currency_is_warned_about_once_there_are_orders(url, school, owner, staff):
    assert "They keep the currency" not in staff(owner).get(url).text
    fill(school)
    with school_scope(school):
        record_event("order.placed", subject=Order.objects.get(), actor=None)
    assert "They keep the currency" in staff(owner).get(url).text


@pytest.mark.spec("K08.5")
def test_mails_come_from_the_sender_and_are_answered_to_the_school(url, school, owner, staff):
    staff(owner).post(url, FACTS)
    with school_scope(school):
        changed = School.objects.get(pk=school.pk)
        letter = write_letter(school=changed, template="invitation", order=INVITED, dedupe_key="k", at=clock.now())
    assert (letter.sender, letter.reply_to) == ("Anna of Green <no-reply@localhost>", "hello@green.test")


def test_who_may_change_settings(url, school, owner, teammate, stranger, staff, visitor):
    admin = MemberFactory(school=school, role="admin").user
    assert staff(admin).get(url).status_code == 200
    before = saved(school)
    for user, status in ((teammate, 403), (stranger, 404)):
        client = staff(user)
        assert [client.get(url).status_code, client.post(url, FACTS).status_code] == [status, status]
    assert visitor().post(url, FACTS).url == f"/accounts/login/?next={url}"
    assert saved(school) == before


def test_settings_of_another_school_are_not_touched(url, school, other_school, owner, staff):
    before = saved(other_school)
    staff(owner).post(url, FACTS)
    assert saved(other_school) == before
