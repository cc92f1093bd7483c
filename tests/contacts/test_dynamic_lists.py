"""Lists by conditions, in the dashboard (P2): made, looked at while they are put together, edited, counted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactList
from contacts.selectors import is_member, lists_of, members_of
from contacts.services import lists
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory

NEW = "/green/contacts/lists/new/?kind=dynamic"
ABROAD = {"match": "all", "parts": [{"fact": "country", "op": "is", "value": "PL"}]}


def posted(*rows: tuple[str, str, str], name: str = "Abroad", button: str = "", match: str = "all") -> dict:
    """The form with these rows, as a browser sends it."""
    data = {"kind": "dynamic", "name": name, "conditions-0-match": match, "conditions-node": ["0"]}
    for place, (fact, op, value) in enumerate(rows):
        data["conditions-node"].append(f"0-{place}")
        data |= {f"conditions-0-{place}-{part}": text for part, text in (("fact", fact), ("op", op), ("value", value))}
    return data | ({"conditions": button} if button else {})


def country(contact: Contact, code: str) -> None:
    with school_scope(contact.school_id):
        Contact.objects.filter(pk=contact.pk).update(country=code)


def made(school, conditions=ABROAD, name="Abroad") -> ContactList:
    with school_scope(school):
        return lists.create_list(name=name, actor=None, conditions=conditions)


def test_a_list_by_conditions_is_made_looked_at_and_edited_without_scripts(school, owner, staff, contact):
    country(contact, "PL")
    client = staff(owner)
    page = client.get(NEW)
    assert "Finish the conditions" in page.text
    page = client.post(NEW, posted(("country", "", ""), button="refresh"))
    assert "Poland" in page.text and 'value="Abroad"' in page.text
    page = client.post(NEW, posted(("country", "is", "PL"), button="count"))
    assert "Country: is “Poland”." in page.text and "1 person" in page.text and "Olena" in page.text
    with school_scope(school):
        assert not ContactList.objects.exists()  # nothing is saved while it is put together
    page = client.post(NEW, posted(("country", "is", "PL")), follow=True)
    assert "The list is made." in page.text and "olena@example.test" in page.text
    with school_scope(school):
        row = ContactList.objects.get()
        assert row.conditions == ABROAD
    address = f"/green/contacts/lists/{row.token}/"
    assert "selected>Poland" in client.get(f"{address}edit/").text
    page = client.post(f"{address}edit/", posted(("country", "is_not", "PL"), name="At home"), follow=True)
    assert "At home" in page.text and "Country: is not “Poland”." in page.text and "Nobody is in this list" in page.text


def test_the_count_and_the_sample_come_alive_by_htmx(school, owner, staff):
    for number in range(7):
        country(ContactFactory(school=school, name=f"Person {number}"), "PL")
    client = staff(owner)
    rows = (("country", "is", "PL"),)
    part = client.post(NEW, posted(*rows, button="count"), headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="conditions-found"')
    assert "7 people" in part.text
    assert [f"Person {number}" in part.text for number in range(7)] == [False, False, *[True] * 5]
    part = client.post(NEW, posted(*rows, button="add:0"), headers={"HX-Request": "true"})
    assert part.text.strip().startswith('<div id="conditions"') and "conditions-0-1-fact" in part.text
    assert "<html" not in part.text


def test_what_is_missing_is_said_and_nothing_is_saved(school, owner, staff):
    client = staff(owner)
    page = client.post(NEW, posted(("orders_paid", "at_least", "many"), name=""))
    assert page.status_code == 200
    assert "Write a whole number" in page.text and "This field is required" in page.text
    page = client.post(NEW, posted())
    assert "Choose what to ask." in page.text
    with school_scope(school):
        assert not ContactList.objects.exists()


def test_a_forged_fact_is_refused(school, owner, staff):
    page = staff(owner).post(NEW, posted(("session_version", "is", "1"), ("email__regex", "is", ".*")))
    assert page.status_code == 200 and page.text.count("Choose what to ask.") == 2
    with school_scope(school):
        assert not ContactList.objects.exists()


@pytest.mark.spec("P2.1")
def test_who_meets_the_rule_is_in_at_once_and_who_stops_is_out(scope, contact):
    row = lists.create_list(name="Abroad", actor=None, conditions=ABROAD)
    for code, is_in in (("", False), ("PL", True), ("UA", False), ("PL", True)):
        Contact.objects.filter(pk=contact.pk).update(country=code)
        assert is_member(row, contact) == is_in
        assert list(members_of(row)) == ([contact] if is_in else [])
        assert lists_of(contact) == ([row] if is_in else [])
    Contact.objects.filter(pk=contact.pk).update(erased_at=contact.created_at)
    contact.refresh_from_db()
    assert not is_member(row, contact)
    assert lists_of(contact) == []


@pytest.mark.spec("P2.5")
def test_conditions_name_nothing_of_another_school(school, other_school, contact):
    foreign = made(other_school, name="Theirs")
    asks = {"match": "all", "parts": [{"fact": "list", "op": "has", "value": foreign.token}]}
    row = made(school, asks, "Ours")
    person = ContactFactory(school=other_school)
    country(person, "PL")
    country(contact, "PL")
    with school_scope(school):
        assert list(members_of(row)) == []
        assert [people.pk for people in members_of(made(school))] == [contact.pk]


@pytest.mark.spec("P2.4")
def test_a_list_that_another_list_asks_for_is_kept(school, owner, staff):
    inner = made(school)
    asks = {"match": "all", "parts": [{"fact": "list", "op": "has", "value": inner.token}]}
    outer = made(school, asks, "Outer")
    client = staff(owner)
    assert "list “Outer”" in client.get(f"/green/contacts/lists/{inner.token}/").text
    page = client.post(f"/green/contacts/lists/{inner.token}/deletion/", follow=True)
    assert "list “Outer”" in page.text
    client.post(f"/green/contacts/lists/{outer.token}/deletion/")
    client.post(f"/green/contacts/lists/{inner.token}/deletion/")
    with school_scope(school):
        assert not ContactList.objects.filter(archived_at=None).exists()


def test_nobody_is_put_in_a_list_by_conditions_or_taken_out_by_hand(school, owner, staff, contact):
    row = made(school)
    client = staff(owner)
    for verb in ("people", "people/removal"):
        page = client.post(f"/green/contacts/lists/{row.token}/{verb}/", {"contact": contact.token}, follow=True)
        assert "follows its conditions" in page.text
    with school_scope(school):
        assert not row.members.exists()
        with pytest.raises(lists.ListFollowsFilter):
            lists.change_conditions(
                contact_list=lists.create_list(name="Static", actor=None), conditions=ABROAD, actor=None
            )


def test_what_was_deleted_is_named_as_a_problem(school, owner, staff):
    gone = {"match": "all", "parts": [{"fact": "tag", "op": "has", "value": "VIP"}]}
    page = staff(owner).get(f"/green/contacts/lists/{made(school, gone).token}/")
    assert "“Tag” names something that was deleted." in page.text


def test_another_filter_is_in_the_journal_and_the_same_one_is_not(school, owner, staff):
    row = made(school)
    client = staff(owner)
    for code in ("PL", "UA", "UA"):
        client.post(f"/green/contacts/lists/{row.token}/edit/", posted(("country", "is", code)))
    with school_scope(school):
        assert [
            event.kind for event in Event.objects.filter(subject_id=row.pk, subject_kind="contactlist").order_by("pk")
        ] == [
            "list.created",
            "list.changed",
        ]
    assert "Conditions of a contact list changed" in client.get("/green/activity/").text


def test_people_of_a_list_by_conditions_are_searched_and_paged(school, owner, staff, contact):
    country(contact, "PL")
    for number in range(52):
        country(ContactFactory(school=school, name=f"Person {number}"), "PL")
    client, row = staff(owner), made(school)
    page = client.get(f"/green/contacts/lists/{row.token}/")
    assert "53 people" in page.text and len(page.context["page"].rows) == 50
    assert len(client.get(f"/green/contacts/lists/{row.token}/{page.context['page'].next}").context["page"].rows) == 3
    found = client.get(f"/green/contacts/lists/{row.token}/?q=olen")
    assert [person.pk for person in found.context["page"].rows] == [contact.pk]
    assert found.context["found"] == []


def test_the_table_of_lists_tells_the_kinds_apart_and_counts_each_when_it_is_shown(school, owner, staff, contact):
    country(contact, "PL")
    row = made(school)
    with school_scope(school):
        static = lists.create_list(name="By name", actor=None)
        lists.add_members(contact_list=static, contacts=[contact], actor=None)
    client = staff(owner)
    page = client.get("/green/contacts/lists/")
    assert [each.people.number if each.people else None for each in page.context["rows"]] == [1, None]
    address = f"/green/contacts/lists/{row.token}/count/"
    assert f'hx-get="{address}"' in page.text
    assert client.get(address, headers={"HX-Request": "true"}).text.strip() == "1"
    assert client.get(address).headers["Location"] == f"/green/contacts/lists/{row.token}/"


def test_the_number_of_queries_does_not_follow_the_number_of_lists_or_people(
    school, owner, staff, django_assert_num_queries, django_assert_max_num_queries
):
    client, row = staff(owner), made(school)
    address = f"/green/contacts/lists/{row.token}/"
    country(ContactFactory(school=school), "PL")
    pages = ("/green/contacts/lists/", address, f"{address}edit/")
    few = []
    for page in pages:
        client.get(page)
        with django_assert_max_num_queries(60) as counted:
            client.get(page)
        few.append(len(counted))
    for number in range(2):
        country(ContactFactory(school=school), "PL")
        made(school, name=f"More {number}")
    for page, count in zip(pages, few, strict=True):
        with django_assert_num_queries(count):
            client.get(page)


def test_a_form_with_many_rows_of_one_fact_asks_for_the_choices_once(school, owner, staff):
    client = staff(owner)

    def asked(rows: int) -> int:
        data = posted(*[("tag", "has", "VIP")] * rows, button="refresh")
        with CaptureQueriesContext(connection) as counted:
            client.post(NEW, data, headers={"HX-Request": "true"})
        return len(counted)

    assert asked(1) == asked(6)
