"""The list of contacts: filters, and what is done to many at once, with Undo where it can be taken back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactList, ContactListMember, ContactTag, Tag
from contacts.services import batches
from contacts.services.consent import mark_bounced, subscribe, unsubscribe
from contacts.services.lists import add_members, create_list
from contacts.services.tags import tag_contacts
from kwiga import clock
from schools.models import Event, OutboxRow
from schools.outbox.drain import drain
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.schools import MemberFactory
from tests.support.outbox import rows

LIST = "/green/contacts/"
CHANGES = f"{LIST}changes/"


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


def emails_on(response) -> list[str]:
    return sorted(contact.email.split("@")[0] for contact in response.context["page"].rows)


def tagged(school) -> list[str]:
    with school_scope(school):
        return sorted(ContactTag.objects.values_list("contact__email", flat=True))


def inside(vips) -> list[str]:
    with school_scope(vips.school_id):
        return sorted(ContactListMember.objects.values_list("contact__email", flat=True))


def send(client, do: str, people=(), **typed):
    return client.post(CHANGES, {"do": do, "contact": [person.token for person in people], **typed}, follow=True)


def undo_address(response) -> str:
    (address,) = {message.extra_tags for message in response.context["messages"]}
    return address


# --- Filters ---


def test_the_list_is_narrowed_by_tag_list_and_consent(boss, people, vips, school):
    ann, bob, cat = people
    with school_scope(school):
        tag_contacts(contacts=[ann, bob], name="Speaker")
        tag = Tag.objects.get()
        subscribe(contact=ann)
        unsubscribe(contact=bob)
        mark_bounced(contact=cat)
    for query, names in [
        ({"tag": tag.token}, ["ann", "bob"]),
        ({"list": vips.token}, ["ann"]),
        ({"news": "wanted"}, ["ann"]),
        ({"news": "refused"}, ["bob"]),
        ({"news": "bounced"}, ["cat"]),
        ({"news": "open"}, []),
        ({"tag": tag.token, "news": "refused"}, ["bob"]),
        ({"tag": "unknown", "news": "nonsense"}, ["ann", "bob", "cat"]),
    ]:
        assert emails_on(boss.get(LIST, query)) == names if names else "Nobody fits" in boss.get(LIST, query).text
    html = boss.get(LIST, {"tag": tag.token, "news": "refused"}).text
    assert "Remove the filter Tag Speaker" in html and "Wants no news" in html and "?news=refused" in html


def test_a_dynamic_list_narrows_too(boss, people, school):
    conditions = {"match": "all", "parts": [{"fact": "tag", "op": "has", "value": "Speaker"}]}
    with school_scope(school):
        tag_contacts(contacts=people[:2], name="Speaker")
        made = create_list(name="Speakers", actor=None, conditions=conditions)
    assert emails_on(boss.get(LIST, {"list": made.token})) == ["ann", "bob"]


def test_who_was_erased_is_not_shown(boss, people, school):
    with school_scope(school):
        Contact.objects.filter(email="bob@example.test").update(erased_at=clock.now())
    assert emails_on(boss.get(LIST)) == ["ann", "cat"]


def test_tags_and_consent_stand_in_the_line(boss, people, school):
    with school_scope(school):
        tag_contacts(contacts=people, name="<b>Speaker</b>")
        unsubscribe(contact=people[0])
    html = boss.get(LIST).text
    assert "&lt;b&gt;Speaker" in html and "wants none" in html


def test_tags_cost_the_same_for_one_and_for_three(boss, people, school):
    with school_scope(school):
        tag_contacts(contacts=people[:1], name="first")
    counts = []
    for more in (None, "second"):
        if more:
            with school_scope(school):
                tag_contacts(contacts=people, name=more)
        boss.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            boss.get(LIST)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- Changes of many ---


def test_a_change_asks_first(boss, people, school):
    answer = send(boss, "tag", people[:2])
    assert "Put on a tag" in answer.text and "<strong>2</strong>" in answer.text.replace("\n", "").replace(" ", "")
    assert people[0].token in answer.text and people[2].token not in answer.text
    assert tagged(school) == []


def test_the_ticked_ones_are_tagged_and_it_can_be_undone(boss, people, school):
    with school_scope(school):
        tag_contacts(contacts=people[:1], name="vip")
    answer = send(boss, "tag", people[:2], confirm="1", to_tag="VIP")
    assert "1 contact is changed. For the others nothing had to be done." in answer.text
    assert tagged(school) == ["ann@example.test", "bob@example.test"]
    address = undo_address(answer)
    assert "Undone." in boss.post(address, follow=True).text
    assert tagged(school) == ["ann@example.test"]
    assert "cannot be undone" in boss.post(address, follow=True).text


def test_a_tag_is_taken_off_and_put_back(boss, people, school):
    with school_scope(school):
        tag_contacts(contacts=people, name="vip")
    answer = send(boss, "untag", people[:2], confirm="1", to_tag="vip")
    assert tagged(school) == ["cat@example.test"]
    boss.post(undo_address(answer))
    assert len(tagged(school)) == 3


def test_people_are_put_in_a_list_and_taken_out(boss, people, vips):
    answer = send(boss, "list_add", people, confirm="1", to_list=vips.token)
    assert "2 contacts are changed" in answer.text
    assert len(inside(vips)) == 3
    boss.post(undo_address(answer))
    assert inside(vips) == ["ann@example.test"]
    send(boss, "list_remove", people, confirm="1", to_list=vips.token)
    assert inside(vips) == []


def test_news_end_for_those_who_are_ticked_and_that_stays(boss, people, school):
    assert "No more news for them?" in send(boss, "unsubscribe", people[:2]).text
    answer = send(boss, "unsubscribe", people[:2], confirm="1")
    assert undo_address(answer) == ""
    with school_scope(school):
        assert Contact.objects.filter(unsubscribed_at__isnull=False).count() == 2
        assert Event.objects.filter(kind="contact.unsubscribed").count() == 2


@pytest.mark.parametrize(
    ("do", "typed", "sentence"),
    [
        ("tag", {"to_tag": "  "}, "required"),
        ("tag", {"to_tag": "x" * 61}, "at most 60"),
        ("list_add", {"to_list": "unknown"}, "not one of the available choices"),
    ],
)
def test_what_makes_no_sense_is_asked_again(boss, people, school, vips, do, typed, sentence):
    answer = send(boss, do, people, confirm="1", **typed)
    assert sentence in answer.text
    assert (tagged(school), len(inside(vips))) == ([], 1)


@pytest.mark.parametrize("typed", [{"do": "tag"}, {"do": "burn", "everything": "1"}, {}])
def test_nobody_chosen_or_nothing_to_do(boss, people, school, typed):
    assert "Choose contacts first." in boss.post(CHANGES, typed, follow=True).text


def test_people_of_another_school_are_left_alone(boss, school, other_school):
    foreign = ContactFactory(school=other_school)
    send(boss, "tag", [foreign], confirm="1", to_tag="vip")
    assert (tagged(school), tagged(other_school)) == ([], [])


def test_all_that_fit_are_changed_and_nobody_else(boss, people, vips, school):
    with school_scope(school):
        unsubscribe(contact=people[2])
    answer = boss.post(
        CHANGES, {"do": "tag", "everything": "1", "news": "open", "confirm": "1", "to_tag": "quiet"}, follow=True
    )
    assert tagged(school) == ["ann@example.test", "bob@example.test"]
    assert undo_address(answer)


def test_undo_is_for_who_did_it_and_for_exactly_those_who_changed(boss, people, school, staff):
    answer = send(boss, "tag", people[:2], confirm="1", to_tag="vip")
    other = staff(MemberFactory(school=school, role=Role.ADMIN).user)
    assert "cannot be undone" in other.post(undo_address(answer), follow=True).text
    with school_scope(school):
        tag_contacts(contacts=people[2:], name="vip")
    boss.post(undo_address(answer))
    assert tagged(school) == ["cat@example.test"]


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_crowd_is_changed_by_the_worker_piece_by_piece(boss, owner, people, school, monkeypatch):
    monkeypatch.setattr(batches, "AT_ONCE", 2)
    monkeypatch.setattr(batches, "PIECE", 2)
    answer = boss.post(CHANGES, {"do": "tag", "everything": "1", "confirm": "1", "to_tag": "all"}, follow=True)
    assert "piece by piece" in answer.text
    ContactFactory(school=school, email="late@example.test")
    drain()
    assert tagged(school) == ["ann@example.test", "bob@example.test", "cat@example.test"]
    pieces = rows(school, kind=batches.KIND)
    assert [(row.done_at is not None, row.payload) for row in pieces] == [(True, {})] * 2
    with school_scope(school):
        assert not OutboxRow.objects.filter(done_at=None).exists()
        assert {event.actor for event in Event.objects.filter(kind="contact.tagged")} == {owner}


@pytest.mark.parametrize(
    ("role", "status"),
    [
        *((role, 302) for role in (Role.OWNER, Role.ADMIN, Role.SALES, Role.SUPPORT)),
        *((role, 403) for role in (Role.MARKETING, Role.TEACHER, Role.READ_ONLY)),
    ],
)
def test_who_may_change_many(role, status, people, school, staff):
    client = staff(MemberFactory(school=school, role=role).user)
    typed = {"do": "tag", "contact": [people[0].token], "confirm": "1", "to_tag": "vip"}
    assert client.post(CHANGES, typed).status_code == status
    assert bool(tagged(school)) is (status == 302)


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        (Role.SALES, ["Put on a tag", "Export"], []),
        (Role.SUPPORT, ["Put on a tag"], ["data-downloads"]),
        (Role.MARKETING, ["data-downloads"], ["Put on a tag"]),
        (Role.READ_ONLY, [], ["Put on a tag", "data-downloads", 'name="contact"']),
    ],
)
def test_each_role_sees_the_buttons_it_may_press(role, shown, hidden, people, school, staff):
    html = staff(MemberFactory(school=school, role=role).user).get(LIST).text
    assert all(each in html for each in shown)
    assert not any(each in html for each in hidden)
