"""What becomes of mails to contacts: sent, refused by the address, or not wanted any more when their turn comes."""

from datetime import datetime, timedelta

from contacts.mailing.hours import quiet_until
from contacts.models import Contact, SentMail
from contacts.services.consent import mark_bounced, refusal_of
from kwiga import clock
from schools.mail.followers import Follower
from schools.models import OutboxRow, School
from schools.outbox.effects import NotYet
from schools.tenancy.statements import Given, Statement

# The templates of mails that stand in the contact's list of mails.
NEWS, NOTICE = "news", "notice"
_BY_KEY = Statement(lambda: SentMail.objects.select_related("contact").filter(dedupe_key=Given("key")))


class ContactMail(Follower):
    """Keeps `SentMail` and the contact's consent true to what the mail server said."""

    def is_wanted(self, school: School, template: str, dedupe_key: str, at: datetime) -> bool:
        """Look again when the mail is due: it may have waited for hours for a server that was away."""
        if template not in (NEWS, NOTICE):
            return True
        row = _mail(dedupe_key)
        if row is None or row.contact.erased_at:
            return False
        if template == NEWS and refusal_of(row.contact):
            _write(row, SentMail.State.FAILED)
            return False
        until = quiet_until(at, school.time_zone, school.quiet_from, school.quiet_until)
        if template == NEWS and until:
            raise NotYet(until)
        if ahead := _ahead_of(row):
            raise NotYet(_after(ahead, at))
        return True

    def sent(self, dedupe_key: str) -> None:
        SentMail.objects.filter(dedupe_key=dedupe_key).update(state=SentMail.State.SENT, sent_at=clock.now())

    def refused(self, dedupe_key: str, address: str) -> bool:
        """The address takes no mail: no news go there from now on, whatever this mail was about."""
        row = _mail(dedupe_key)
        if row:
            _write(row, SentMail.State.BOUNCED)
        contact = Contact.objects.filter(email=address).first()
        if contact:
            mark_bounced(contact=contact)
        return row is not None

    def failed(self, dedupe_key: str) -> None:
        if row := _mail(dedupe_key):
            _write(row, SentMail.State.FAILED)


def _ahead_of(row: SentMail) -> OutboxRow | None:
    """An earlier mail of this sort to the same contact that is still under way: their order is kept (trust F13).

    Notices do not wait for news, which may not go out at every hour.
    """
    earlier = SentMail.objects.filter(
        contact=row.contact_id, is_news=row.is_news, state=SentMail.State.QUEUED, pk__lt=row.pk
    )
    keys = list(earlier.values_list("dedupe_key", flat=True))
    if not keys:
        return None
    return OutboxRow.objects.filter(kind="mail", dedupe_key__in=keys, done_at=None, dead_at=None).order_by("id").last()


def _after(ahead: OutboxRow, at: datetime) -> datetime:
    """Soon, when another process has it in hand; else when it is tried again."""
    soon = at + timedelta(seconds=1)
    return soon if ahead.locked_until and ahead.locked_until > at else max(soon, ahead.available_at)


def _mail(dedupe_key: str) -> SentMail | None:
    mail: SentMail | None = _BY_KEY.first(key=dedupe_key)
    return mail


def _write(row: SentMail, state: SentMail.State, **facts: datetime) -> None:
    SentMail.objects.filter(pk=row.pk).update(state=state, **facts)
