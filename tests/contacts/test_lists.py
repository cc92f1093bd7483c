"""Contact lists: made by hand, used by coupons, seen by their own school alone (P2)."""

import pytest

from contacts.models import ContactList, ContactListMember
from contacts.services import lists
from coupons.models import Coupon
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory


def made(school, name="Graduates") -> ContactList:
    with school_scope(school):
        return lists.create_list(name=name, actor=None)


@pytest.mark.spec("SEED-K: The list can be created manually")
def test_a_list_is_made_filled_and_emptied_by_hand(school, owner, staff):
    person = ContactFactory(school=school, email="olha@example.test", name="Olha Kovalenko")
    client = staff(owner)
    page = client.post("/green/contacts/lists/new/", {"name": " Graduates  2026 "}, follow=True)
    assert "Graduates 2026" in page.text
    with school_scope(school):
        row = ContactList.objects.get()
    found = client.get(f"/green/contacts/lists/{row.token}/?q=olh")
    assert "Not in the list yet" in found.text
    page = client.post(f"/green/contacts/lists/{row.token}/people/", {"contact": [person.token]}, follow=True)
    assert "Olha Kovalenko" in page.text
    page = client.post(f"/green/contacts/lists/{row.token}/people/removal/", {"contact": person.token}, follow=True)
    assert "Nobody is in this list yet" in page.text
    with school_scope(school):
        person.refresh_from_db()  # the contact stays


@pytest.mark.spec("P2.3")
def test_somebody_put_in_twice_is_one_member(scope):
    person, row = ContactFactory(school=scope), lists.create_list(name="A", actor=None)
    assert lists.add_members(contact_list=row, contacts=[person, person], actor=None) == 1
    assert lists.add_members(contact_list=row, contacts=[person], actor=None) == 0
    assert ContactListMember.objects.count() == 1


@pytest.mark.spec("P2.4")
def test_a_list_that_a_live_coupon_uses_is_kept_until_the_coupon_is_over(school, owner, staff):
    row = made(school)
    with school_scope(school):
        coupon = Coupon.objects.create(
            school=school, kind="percent", percent_bp=1_000, audience="list", contact_list=row
        )
        coupon.codes.create(school=school, code="GRADS", code_key="GRADS")
    client = staff(owner)
    assert "cannot be deleted" in client.get(f"/green/contacts/lists/{row.token}/deletion/").text
    page = client.post(f"/green/contacts/lists/{row.token}/deletion/", follow=True)
    assert "GRADS" in page.text
    with school_scope(school):
        assert ContactList.objects.get().archived_at is None
        Coupon.objects.update(archived_at=row.created_at)
    client.post(f"/green/contacts/lists/{row.token}/deletion/")
    with school_scope(school):
        assert ContactList.objects.get().archived_at is not None


@pytest.mark.spec("P2.5")
def test_lists_of_another_school_are_not_seen(school, other_school, owner, staff):
    made(school, "Ours")
    foreign = made(other_school, "Theirs")
    client = staff(owner)
    assert "Theirs" not in client.get("/green/contacts/lists/").text
    assert client.get(f"/green/contacts/lists/{foreign.token}/").status_code == 404


def test_a_name_is_given_once_and_free_again_after_deleting(scope):
    row = lists.create_list(name="A", actor=None)
    with pytest.raises(lists.ListNameTaken):
        lists.create_list(name=" A ", actor=None)
    lists.delete_list(contact_list=row, actor=None)
    assert lists.create_list(name="A", actor=None).pk != row.pk


def test_the_number_of_queries_does_not_follow_the_number_of_lists(
    school, owner, staff, django_assert_num_queries, django_assert_max_num_queries
):
    client = staff(owner)
    made(school, "One")
    client.get("/green/contacts/lists/")
    with django_assert_max_num_queries(60) as few:
        client.get("/green/contacts/lists/")
    made(school, "Two")
    made(school, "Three")
    with django_assert_num_queries(len(few)):
        client.get("/green/contacts/lists/")
