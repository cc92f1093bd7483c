"""The team mails a contact the way in."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from contacts.links import claim_url
from contacts.models import Contact
from kwiga import limits
from kwiga.errors import DomainError
from kwiga.tokens import secret_token
from schools.journal import record_event
from schools.mail import queue_mail
from schools.models import School, User

PAUSE_SECONDS = 120


class SentLately(DomainError):
    """A link went out a moment ago."""


@transaction.atomic
def send_sign_in_link(*, school: School, contact: Contact, actor: User) -> None:
    """Mail the contact a link to sign in on the school's host; at most one in two minutes. Raises SentLately."""
    if not limits.allow("contact-link", f"{school.pk} {contact.pk}", times=1, seconds=PAUSE_SECONDS):
        raise SentLately(_("A link was sent a moment ago. Wait two minutes before sending another one."))
    queue_mail(
        template="sign_in_link",
        to=contact.email,
        language=contact.language or school.language,
        context={"link": claim_url(school, contact), "name": contact.name},
        dedupe_key=f"sign_in_link:{contact.pk}:{secret_token()}",
    )
    record_event("contact.invited", subject=contact, actor=actor)
