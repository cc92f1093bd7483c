"""News go to who wants them, at decent hours and within the limits; notices about orders always go."""

from datetime import UTC, datetime, time, timedelta

import pytest

from contacts.mailing.news import Verdict, queue_news, queue_notice
from contacts.models import Contact, SentMail, Suppression
from contacts.services.consent import mark_bounced, subscribe, suppressed, unsubscribe
from kwiga import clock
from schools.models import Event, OutboxRow, School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory

NOON = datetime(2026, 1, 10, 10, 0, tzinfo=UTC)  # 12:00 in Kyiv


def settle(school: School, **facts: object) -> None:
    School.objects.filter(pk=school.pk).update(**facts)


def news(contact: Contact, key: str = "news:1", at: datetime = NOON) -> Verdict:
    return queue_news(contact=contact, subject="Hello", body="Text", dedupe_key=key, at=at)


def notice(contact: Contact, key: str = "notice:1", at: datetime = NOON) -> Verdict:
    return queue_notice(contact=contact, subject="Your order", body="Text", dedupe_key=key, at=at)


def mails_waiting() -> int:
    return OutboxRow.objects.filter(kind="mail").count()


def test_news_are_queued_once_for_one_key(contact, scope):
    assert [news(contact), news(contact)] == [Verdict("queued")] * 2
    row = SentMail.objects.get()
    assert (row.contact, row.is_news, row.state, row.created_at) == (contact, True, "queued", NOON)
    assert OutboxRow.objects.get(kind="mail").dedupe_key == row.dedupe_key


def test_what_it_said_is_not_kept(contact, scope):
    queue_news(contact=contact, subject="Hello\r\nBcc: a@b.test", body="Canary", dedupe_key="news:1", at=NOON)
    assert SentMail.objects.get().subject == "Hello Bcc: a@b.test"
    assert "Canary" not in str(OutboxRow.objects.get(kind="mail").payload)


def bounce(contact: Contact) -> None:
    mark_bounced(contact=contact)


def leave(contact: Contact) -> None:
    unsubscribe(contact=contact)


def come_again(contact: Contact) -> None:
    """The address said no as another contact's, who is gone."""
    unsubscribe(contact=contact)
    Contact.objects.filter(pk=contact.pk).update(unsubscribed_at=None)


def be_erased(contact: Contact) -> None:
    Contact.objects.filter(pk=contact.pk).update(erased_at=clock.now())


@pytest.mark.spec("K16.5: who wants no news gets none, and the reason is told")
@pytest.mark.parametrize(
    ("happens", "reason"),
    [(leave, "unsubscribed"), (bounce, "bounced"), (come_again, "suppressed"), (be_erased, "erased")],
)
def test_who_may_not_be_written_to_is_skipped_with_the_reason(happens, reason, contact, scope):
    happens(contact)
    assert news(contact) == Verdict("skipped", reason)
    assert (mails_waiting(), SentMail.objects.count()) == (0, 0)


@pytest.mark.parametrize("happens", [leave, bounce, come_again])
def test_a_notice_about_an_order_goes_out_all_the_same(happens, contact, scope):
    settle(scope, quiet_from=time(0), quiet_until=time(23, 59), news_a_contact_a_day=0, news_a_day=0)
    happens(contact)
    assert notice(contact) == Verdict("queued")
    assert not SentMail.objects.get().is_news


def test_a_notice_does_not_go_to_somebody_who_was_erased(contact, scope):
    be_erased(contact)
    assert notice(contact) == Verdict("skipped", "erased")
    assert mails_waiting() == 0


def test_an_address_that_is_none_is_skipped(contact, scope):
    Contact.objects.filter(pk=contact.pk).update(email="not an address")
    assert news(contact) == Verdict("skipped", "no_address")
    assert SentMail.objects.count() == 0


def test_quiet_hours_put_news_off_to_their_end(contact, scope):
    settle(scope, quiet_from=time(11), quiet_until=time(14))
    assert news(contact) == Verdict("later", "quiet_hours", datetime(2026, 1, 10, 12, 0, tzinfo=UTC))
    assert mails_waiting() == 0
    assert news(contact, at=datetime(2026, 1, 10, 12, 0, tzinfo=UTC)) == Verdict("queued")


@pytest.mark.spec("D3")
def test_a_contact_gets_so_many_news_in_a_day_and_the_rest_on_the_next(contact, scope):
    settle(scope, news_a_contact_a_day=2)
    verdicts = [news(contact, f"news:{n}") for n in range(3)]
    midnight = datetime(2026, 1, 10, 22, 0, tzinfo=UTC)
    assert verdicts == [Verdict("queued"), Verdict("queued"), Verdict("later", "contact_limit", midnight)]
    assert news(ContactFactory(school=scope), "news:other") == Verdict("queued")
    assert news(contact, "news:2", at=midnight) == Verdict("queued")


def test_notices_do_not_count(contact, scope):
    settle(scope, news_a_contact_a_day=1)
    for n in range(3):
        notice(contact, f"notice:{n}")
    assert news(contact) == Verdict("queued")


def test_a_limit_that_ends_in_quiet_hours_waits_for_their_end(contact, scope):
    settle(scope, news_a_contact_a_day=1, quiet_from=time(21), quiet_until=time(8))
    news(contact)
    assert news(contact, "news:2") == Verdict("later", "contact_limit", datetime(2026, 1, 11, 6, 0, tzinfo=UTC))


@pytest.mark.spec("D3")
def test_a_loop_over_many_contacts_stops_at_the_schools_limit(scope):
    settle(scope, news_a_day=25)
    contacts = Contact.objects.bulk_create([Contact(school=scope, email=f"many{n}@example.test") for n in range(100)])
    verdicts = [news(contact, f"news:{contact.pk}") for contact in contacts]
    assert [verdict.state for verdict in verdicts] == ["queued"] * 25 + ["later"] * 75
    assert verdicts[-1] == Verdict("later", "school_limit", datetime(2026, 1, 10, 22, 0, tzinfo=UTC))
    assert mails_waiting() == SentMail.objects.count() == 25


def test_another_school_has_limits_of_its_own(contact, other_school):
    with school_scope(contact.school_id):
        settle(contact.school, news_a_day=1)
        news(contact)
        assert news(ContactFactory(school=contact.school), "news:2").state == "later"
    with school_scope(other_school):
        assert news(ContactFactory(school=other_school)) == Verdict("queued")


def test_no_and_yes_again(contact, scope):
    left = unsubscribe(contact=contact)
    assert unsubscribe(contact=contact).unsubscribed_at == left.unsubscribed_at
    assert suppressed(contact.email.upper())
    back = subscribe(contact=contact)
    assert (back.unsubscribed_at, back.consented_at) == (None, clock.now())
    assert not Suppression.objects.exists()
    assert news(contact) == Verdict("queued")
    kinds = Event.objects.filter(subject_kind="contact").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["contact.created", "contact.unsubscribed", "contact.subscribed"]


def test_the_digest_of_an_address_tells_nothing_and_is_of_one_school(contact, scope, other_school):
    unsubscribe(contact=contact)
    row = Suppression.objects.get()
    assert (len(row.email_digest), contact.email in row.email_digest) == (64, False)
    with school_scope(other_school):
        assert not suppressed(contact.email)


def test_the_clock_of_a_mail_is_the_one_it_was_asked_with(contact, scope):
    news(contact, at=NOON - timedelta(days=1))
    settle(scope, news_a_contact_a_day=1)
    assert news(contact, "news:2") == Verdict("queued")
