"""What other systems say over an address of the school: taken in once, and never more than it is."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from automations.incoming.hooks import HookFacts, add_hook, archive_hook, hook_url, rotate_hook
from automations.models import IncomingHook
from automations.views import hooks as hook_views
from contacts.models import Contact, ContactList, ContactListMember
from contacts.services.lists import ListInUse, create_list, delete_list
from schools.models import Event, School
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory
from tests.support.automations import runs

Visitor = Callable[..., Client]


@pytest.fixture
def hook(school: School) -> IncomingHook:
    with school_scope(school):
        chosen = create_list(name="From the bot", actor=None)
        return add_hook(facts=HookFacts(name="Bot", contact_list=chosen), actor=None)


def call(client: Client, hook: IncomingHook, said: Any, **headers: str) -> Any:
    body = said if isinstance(said, str | bytes) else json.dumps(said)
    return client.post(f"/hooks/{hook.secret}/", body, content_type="application/json", headers=headers)


def people(school: School) -> list[tuple[str, str, str]]:
    with school_scope(school):
        return list(Contact.objects.order_by("pk").values_list("email", "name", "external_id"))


def received(school: School) -> list[tuple[int | None, dict[str, Any]]]:
    with school_scope(school):
        return list(Event.objects.filter(kind="hook.received").order_by("pk").values_list("subject_id", "data"))


def test_a_call_makes_a_contact_on_the_list(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    facts = {"email": "New@Example.test", "name": "Olena", "phone": "+380 1", "language": "uk", "external_id": 42}
    answer = call(visitor(school), hook, facts)
    assert (answer.status_code, answer.json()) == (200, {"received": True, "repeated": False})
    with school_scope(school):
        contact = Contact.objects.get()
        assert (contact.name, contact.phone, contact.language, contact.external_id) == ("Olena", "+380 1", "uk", "42")
        assert ContactListMember.objects.get().contact_id == contact.pk
        assert IncomingHook.objects.get().last_received_at
    assert received(school) == [(contact.pk, {"hook": hook.pk})]


def test_a_form_is_read_as_well(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    answer = visitor(school).post(f"/hooks/{hook.secret}/", {"email": "new@example.test", "name": "Olena"})
    assert answer.status_code == 200
    assert people(school) == [("new@example.test", "Olena", "")]


def test_who_is_known_is_recognized_and_nothing_is_overwritten(
    school: School, hook: IncomingHook, visitor: Visitor
) -> None:
    client = visitor(school)
    call(client, hook, {"email": "new@example.test", "name": "Olena"})
    call(client, hook, {"email": "NEW@example.test", "name": "Other", "external_id": "bot-1"})
    assert people(school) == [("new@example.test", "Olena", "bot-1")]
    assert len(received(school)) == 2


@pytest.mark.parametrize("where", ["body", "header"])
def test_a_call_with_a_known_id_changes_nothing(
    where: str, school: School, hook: IncomingHook, visitor: Visitor
) -> None:
    client = visitor(school)

    def say(given: str, email: str) -> Any:
        facts = {"email": email}
        if where == "header":
            return call(client, hook, facts, **{"webhook-id": given})
        return call(client, hook, facts | {"id": given})

    say("a-1", "first@example.test")
    repeated = say("a-1", "second@example.test")
    assert (repeated.status_code, repeated.json()) == (200, {"received": True, "repeated": True})
    say("a-2", "third@example.test")
    assert [email for email, _name, _id in people(school)] == ["first@example.test", "third@example.test"]
    assert len(received(school)) == 2


def test_ids_of_one_hook_are_not_those_of_another(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    with school_scope(school):
        other = add_hook(facts=HookFacts(name="Other"), actor=None)
    client = visitor(school)
    call(client, hook, {"email": "new@example.test", "id": "1"})
    assert call(client, other, {"email": "new@example.test", "id": "1"}).json()["repeated"] is False


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        ("not json", 400, "not_json"),
        (b"\xff\xfe", 400, "not_json"),
        ("[" * 60_000, 400, "not_json"),
        ([1, 2], 400, "not_an_object"),
        ({}, 400, "email_missing"),
        ({"email": ["a@b.test"]}, 400, "email_missing"),
        ({"email": True}, 400, "email_missing"),
        ({"email": "no address"}, 400, "email_invalid"),
        ({"email": "a@b.test\r\nBcc: c@d.test"}, 400, "email_invalid"),
        ({"email": f"{'a' * 250}@b.test"}, 400, "email_invalid"),
        ({"email": "a@b.test", "name": "x" * 70_000}, 413, "too_long"),
    ],
)
def test_what_cannot_be_read_leaves_nothing(
    said: Any, status: int, reason: str, school: School, hook: IncomingHook, visitor: Visitor
) -> None:
    answer = call(visitor(school), hook, said)
    assert (answer.status_code, answer.json()) == (status, {"received": False, "reason": reason})
    assert people(school) == [] and received(school) == []


def test_long_and_strange_facts_are_cut(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    facts = {"email": "a@b.test", "name": "n\x00" * 300, "external_id": {"x": 1}, "language": "xx", "id": "i" * 900}
    assert call(visitor(school), hook, facts).status_code == 200
    assert people(school) == [("a@b.test", "n" * 120, "")]


def test_other_addresses_are_unknown(
    school: School, other_school: School, hook: IncomingHook, visitor: Visitor
) -> None:
    assert call(visitor(other_school), hook, {"email": "a@b.test"}).status_code == 404
    with school_scope(school):
        old = IncomingHook.objects.get()
        new = rotate_hook(hook=hook, actor=None)
    assert call(visitor(school), old, {"email": "a@b.test"}).status_code == 404
    assert call(visitor(school), new, {"email": "a@b.test"}).status_code == 200
    with school_scope(school):
        archive_hook(hook=new, actor=None)
    assert call(visitor(school), new, {"email": "a@b.test"}).json()["reason"] == "unknown_address"
    assert visitor(school).get(f"/hooks/{new.secret}/").status_code == 405


def test_calls_are_limited(school: School, hook: IncomingHook, visitor: Visitor, monkeypatch: Any) -> None:
    monkeypatch.setattr(hook_views, "CALLS", 3)
    client = visitor(school)
    answers = [call(client, hook, {"email": "a@b.test"}) for _try in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3]["Retry-After"] == "60"


def test_guessing_addresses_is_limited(school: School, hook: IncomingHook, visitor: Visitor, monkeypatch: Any) -> None:
    monkeypatch.setattr(hook_views, "MISSES", 2)
    client = visitor(school)
    guesses = [client.post(f"/hooks/guess{number}/", {"email": "a@b.test"}).status_code for number in range(4)]
    assert guesses == [404, 404, 429, 429]
    assert call(client, hook, {"email": "a@b.test"}).status_code == 200  # who knows the address gets through


def test_a_list_that_is_gone_stops_no_call(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    with school_scope(school):
        ContactList.objects.update(archived_at=hook.created_at)
    assert call(visitor(school), hook, {"email": "a@b.test"}).status_code == 200
    with school_scope(school):
        assert not ContactListMember.objects.exists()


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_an_automation_begins_with_a_call(school: School, hook: IncomingHook, visitor: Visitor) -> None:
    AutomationFactory(school=school, trigger="hook.received", trigger_settings={"hook": hook.token})
    call(visitor(school), hook, {"email": "a@b.test", "id": "1"})
    call(visitor(school), hook, {"email": "a@b.test", "id": "1"})
    drain()
    assert len(runs(school)) == 1


def test_the_page_tells_the_address_and_how_to_call_it(
    school: School, hook: IncomingHook, owner: Any, staff: Callable[..., Client]
) -> None:
    client = staff(owner)
    html = client.get(reverse("connections:hook", args=[school.slug, hook.token])).text
    with school_scope(school):
        address = hook_url(school, hook)
    assert address.endswith(f"/hooks/{hook.secret}/") and "//green." in address
    assert f"curl {address}" in html and "never" in html
    client.post(reverse("connections:hook_rotate", args=[school.slug, hook.token]))
    assert hook.secret not in client.get(reverse("connections:hook", args=[school.slug, hook.token])).text
    client.post(reverse("connections:hook_archive", args=[school.slug, hook.token]))
    assert client.get(reverse("connections:hook", args=[school.slug, hook.token])).status_code == 404


def test_a_list_that_a_hook_fills_is_in_use(school: School, hook: IncomingHook) -> None:
    with school_scope(school), pytest.raises(ListInUse, match="Bot"):
        delete_list(contact_list=ContactList.objects.get(), actor=None)
