"""The card of a contact: tags, lists, consent and mails."""

import pytest

from contacts.models import Contact, ContactList, ContactListMember, ContactTag, SentMail
from contacts.services.lists import add_members, create_list
from kwiga import clock
from schools.models import Event
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.schools import MemberFactory

LIST = "/green/contacts/"


@pytest.fixture
def boss(owner, staff):
    return staff(owner)


@pytest.fixture
def people(school) -> list[Contact]:
    return [ContactFactory(school=school, email=f"{name}@example.test") for name in ("ann", "bob", "cat")]


@pytest.fixture
def vips(school, people) -> ContactList:
    with school_scope(school):
        made = create_list(name="VIPs", actor=None)
        add_members(contact_list=made, contacts=people[:1], actor=None)
    return made


def tagged(school) -> list[str]:
    with school_scope(school):
        return sorted(ContactTag.objects.values_list("contact__email", flat=True))


def inside(vips) -> list[str]:
    with school_scope(vips.school_id):
        return sorted(ContactListMember.objects.values_list("contact__email", flat=True))


def undo_address(response) -> str:
    (address,) = {message.extra_tags for message in response.context["messages"]}
    return address


def change(client, contact, **typed):
    return client.post(f"{LIST}{contact.token}/changes/", typed, follow=True)


def test_the_card_puts_a_tag_on_and_takes_it_off_again(boss, people, school):
    answer = change(boss, people[0], do="tag", tag="Speaker")
    assert "The tag is put on." in answer.text and "Take off the tag Speaker" in answer.text
    boss.post(undo_address(answer))
    assert tagged(school) == []
    change(boss, people[0], do="tag", tag="Speaker")
    change(boss, people[0], do="untag", tag="Speaker")
    assert tagged(school) == []
    assert "Write a tag of 1 to 60 signs." in change(boss, people[0], do="tag", tag=" ").text


def test_the_card_puts_in_a_list_and_takes_out(boss, people, vips):
    assert "Take out of VIPs" in change(boss, people[1], do="list_add", list=vips.token).text
    assert len(inside(vips)) == 2
    change(boss, people[1], do="list_remove", list=vips.token)
    assert len(inside(vips)) == 1
    assert "This list is gone." in change(boss, people[1], do="list_add", list="unknown").text


def test_the_card_writes_consent_down(boss, people, owner, school):
    address = f"{LIST}{people[0].token}/consent/"
    assert "wants none" in boss.post(address, {"do": "unsubscribe"}, follow=True).text
    assert "asked for them" in boss.post(address, {"do": "subscribe"}, follow=True).text
    boss.post(address, {"do": "nonsense"})
    with school_scope(school):
        told = Event.objects.filter(kind__in=["contact.unsubscribed", "contact.subscribed"]).order_by("id")
        assert [(event.kind, event.actor) for event in told] == [
            ("contact.unsubscribed", owner),
            ("contact.subscribed", owner),
        ]


def test_the_card_shows_mails_with_what_became_of_them(boss, people, school):
    with school_scope(school):
        for number, state in enumerate(SentMail.State):
            SentMail.objects.create(
                school=school, contact=people[0], dedupe_key=f"k{number}", subject=f"About {state}", state=state
            )
    html = boss.get(f"{LIST}{people[0].token}/").text
    for state in SentMail.State:
        assert f"About {state}" in html and str(state.label) in html


@pytest.mark.parametrize("path", ["changes", "consent"])
@pytest.mark.parametrize("role", [Role.MARKETING, Role.TEACHER, Role.READ_ONLY])
def test_who_may_not_change_a_contact(path, role, people, school, staff):
    client = staff(MemberFactory(school=school, role=role).user)
    typed = {"do": "tag" if path == "changes" else "unsubscribe", "tag": "vip"}
    assert client.post(f"{LIST}{people[0].token}/{path}/", typed).status_code == 403


def test_an_erased_person_gets_no_tags_and_no_consent(boss, people, school):
    with school_scope(school):
        Contact.objects.filter(pk=people[0].pk).update(erased_at=clock.now())
    assert boss.post(f"{LIST}{people[0].token}/changes/", {"do": "tag", "tag": "vip"}).status_code == 404
    assert boss.post(f"{LIST}{people[0].token}/consent/", {"do": "subscribe"}).status_code == 404


def test_the_card_of_an_erased_person_offers_nothing_to_change(boss, people, school):
    address = f"{LIST}{people[0].token}/"
    assert "Edit" in boss.get(address).text
    with school_scope(school):
        Contact.objects.filter(pk=people[0].pk).update(erased_at=clock.now())
    html = boss.get(address).text
    assert "This person is erased" in html
    assert not any(each in html for each in ("/edit/", "/changes/", "/consent/", "/sign-in-link/", "/erasure/"))
    for path in ("edit", "sign-in-link", "sign-out"):
        assert boss.post(f"{address}{path}/").status_code == 404
