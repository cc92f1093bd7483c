"""Tags are words that are put on contacts once each, however they are written."""

import pytest

from contacts.models import ContactTag, Tag
from contacts.services.tags import NoTag, tag_contacts, untag_contacts
from schools.models import Event
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory


@pytest.fixture
def people(school):
    return [ContactFactory(school=school) for _each in range(3)]


def events(kind: str) -> list[Event]:
    return list(Event.objects.filter(kind=kind).order_by("id"))


def test_a_tag_is_put_on_everybody_once(people, owner, scope):
    assert tag_contacts(contacts=people[:2], name=" V I  P ", actor=owner) == 2
    assert tag_contacts(contacts=people, name="v i p", actor=owner) == 1
    (tag,) = Tag.objects.all()
    assert (tag.name, tag.name_key, ContactTag.objects.count()) == ("V I P", "v i p", 3)
    told = events("contact.tagged")
    assert [event.subject_id for event in told] == [person.pk for person in people]
    assert {(event.actor, event.data["tag"]) for event in told} == {(owner, tag.pk)}


def test_a_tag_is_taken_off(people, scope):
    tag_contacts(contacts=people, name="vip")
    assert untag_contacts(contacts=people[:1], name="VIP") == 1
    assert untag_contacts(contacts=people[:1], name="VIP") == 0
    assert untag_contacts(contacts=people, name="unknown") == 0
    assert [event.subject_id for event in events("contact.untagged")] == [people[0].pk]
    assert ContactTag.objects.count() == 2


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "ß" * 31])
def test_what_is_no_tag_is_refused(people, scope, name):
    with pytest.raises(NoTag):
        tag_contacts(contacts=people, name=name)
    assert not Tag.objects.exists()


def test_the_same_word_in_two_schools_is_two_tags(people, school, other_school):
    with school_scope(school):
        tag_contacts(contacts=people, name="vip")
    with school_scope(other_school):
        assert not Tag.objects.exists()
        tag_contacts(contacts=[ContactFactory(school=other_school)], name="vip")
        assert ContactTag.objects.count() == 1


def test_many_contacts_cost_no_more_than_a_few(people, school, django_assert_num_queries, scope):
    more = [ContactFactory(school=school) for _each in range(20)]
    tag_contacts(contacts=people, name="warm up")
    with django_assert_num_queries(8):
        tag_contacts(contacts=people, name="few")
    with django_assert_num_queries(8):
        tag_contacts(contacts=more, name="many")
