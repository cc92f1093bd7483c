"""What a mailed code is good for: once, in one browser, for a while, and after few tries."""

from datetime import timedelta

import pytest
from django.core import mail

from contacts.models import SignInCode
from contacts.services.codes import use_code
from kwiga import clock
from schools.models import OutboxRow
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.support.races import race
from tests.support.students import CODE, SIGN_IN, WRONG, ask_for_code, code_mailed, is_signed_in

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


@pytest.mark.spec("T8")
def test_the_code_is_kept_as_a_keyed_digest_alone(guest, contact):
    ask_for_code(guest, contact.email)
    with school_scope(contact.school):
        waiting = repr(list(OutboxRow.objects.values_list("payload", flat=True)))
        assert contact.email not in waiting
    code = code_mailed()
    with school_scope(contact.school):
        row = SignInCode.objects.get()
        assert code not in repr(row.__dict__.values())
        assert not any(key in repr(OutboxRow.objects.values_list("payload")) for key in (code, contact.email))


def test_a_code_works_once(guest, contact, visitor):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    assert guest.post(CODE, {"code": code}).status_code == 302
    with school_scope(contact.school):
        row = SignInCode.objects.get()
        assert row.used_at is not None
    again = visitor(contact.school)
    ask_for_code(again, contact.email)
    assert WRONG in again.post(CODE, {"code": code}).text


def test_a_code_works_in_the_browser_that_asked_for_it_alone(guest, contact, visitor):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    other = visitor(contact.school)
    ask_for_code(other, contact.email)
    assert WRONG in other.post(CODE, {"code": code}).text
    assert guest.post(CODE, {"code": code}).status_code == 302


def test_a_new_code_ends_the_older_one_of_the_browser(guest, contact):
    ask_for_code(guest, contact.email)
    first = code_mailed()
    ask_for_code(guest, contact.email)
    second = code_mailed()
    assert first == second or WRONG in guest.post(CODE, {"code": first}).text
    assert guest.post(CODE, {"code": second}).status_code == 302


def test_a_code_is_too_old_after_ten_minutes(guest, contact):
    ask_for_code(guest, contact.email)
    code, now = code_mailed(), clock.now()
    with clock.at(now + timedelta(minutes=10)):
        assert WRONG in guest.post(CODE, {"code": code}).text
    with clock.at(now + timedelta(minutes=9)):
        assert guest.post(CODE, {"code": code}).status_code == 302


def test_the_sixth_try_fails_even_with_the_right_code(guest, contact):
    ask_for_code(guest, contact.email)
    code = code_mailed()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert WRONG in guest.post(CODE, {"code": wrong}).text
    assert WRONG in guest.post(CODE, {"code": code}).text


@pytest.mark.prove
def test_tries_at_the_same_moment_are_no_more_than_five(guest, contact):
    ask_for_code(guest, contact.email)
    code_mailed()
    pending = guest.session["sign_in"]

    def guess():
        with school_scope(contact.school):
            return use_code(email=contact.email, browser=pending["browser"], code="not it", language="en")

    race(*[guess] * 12)
    with school_scope(contact.school):
        assert SignInCode.objects.get().tries == 5


@pytest.mark.spec("C1")
def test_codes_can_be_asked_for_so_often_and_no_more(guest, contact, visitor):
    answers = [ask_for_code(guest, contact.email) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [200] * 2
    assert "That was too often. Try again at" in answers[-1].text
    drain()
    assert len(mail.outbox) == 5
    elsewhere = visitor(contact.school).post(SIGN_IN, {"email": contact.email}, REMOTE_ADDR="198.51.100.9")
    assert elsewhere.status_code == 302


@pytest.mark.spec("C1")
def test_codes_can_be_tried_so_often_and_while_refused_the_right_one_is_too(guest, contact, visitor, monkeypatch):
    monkeypatch.setattr("contacts.limits._TRYING", type("L", (), {"name": "t", "times": 3, "seconds": 60}))
    ask_for_code(guest, contact.email)
    code = code_mailed()
    for _ in range(3):
        guest.post(CODE, {"code": f"{(int(code) + 1) % 1_000_000:06d}"})
    assert "That was too often." in guest.post(CODE, {"code": code}).text
    assert not is_signed_in(guest)
