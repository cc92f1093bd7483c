"""The mail client: the one way a school's mail leaves."""

import smtplib
from contextlib import suppress

from django.core.mail import mailers

from schools.mail.letters import Letter, message_of
from schools.outbox.effects import EffectError, Outage
from schools.tenancy.scope import refuse_in_scope

_SERVICE_CLOSES = 421


def send(letter: Letter) -> None:
    """Hand the letter to the mail server.

    Raises ScopeError inside a scope, Outage when the server cannot be reached or lets nobody in, EffectError when it
    refuses this letter.
    """
    refuse_in_scope("Sending mail")
    mailer = mailers.default
    try:
        mailer.open()
    except OSError as error:
        raise Outage(_reason(error)) from error
    try:
        mailer.send_messages([message_of(letter)])
    except smtplib.SMTPException as error:
        raise (Outage if _serves_nobody(error) else EffectError)(_reason(error)) from error
    finally:
        # The server has answered for the letter; how it says goodbye does not matter.
        with suppress(OSError):
            mailer.close()


def _serves_nobody(error: smtplib.SMTPException) -> bool:
    return isinstance(error, smtplib.SMTPHeloError) or getattr(error, "smtp_code", 0) == _SERVICE_CLOSES


def _reason(error: OSError) -> str:
    """The class and the server's code; its words often quote the recipient."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _words in error.recipients.values()}
        return " ".join([type(error).__name__, *map(str, sorted(codes))])
    return f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
