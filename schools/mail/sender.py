"""The mail client: the one way a school's mail leaves."""

import smtplib
from contextlib import suppress

from django.core.mail import mailers

from schools.mail.letters import Letter, message_of
from schools.outbox.effects import EffectError, Outage, Refusal
from schools.tenancy.scope import refuse_in_scope

_SERVICE_CLOSES = 421
_NO_SUCH_MAILBOX = {550, 551, 553, 554, 556}
# What the text of such an answer begins with when it is about the sender (5.7) or passes by itself (5.2.2: full).
_NOT_ABOUT_THE_MAILBOX = (b"5.7.", b"5.2.2")


def send(letter: Letter) -> None:
    """Hand the letter to the mail server.

    Raises ScopeError inside a scope, Outage when the server cannot be reached or lets nobody in, Refusal when it
    knows nobody at the recipient's address, EffectError when it refuses this letter otherwise.
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
        raise _kind_of(error)(_reason(error)) from error
    finally:
        # The server has answered for the letter; how it says goodbye does not matter.
        with suppress(OSError):
            mailer.close()


def _kind_of(error: smtplib.SMTPException) -> type[EffectError]:
    if _serves_nobody(error):
        return Outage
    return Refusal if _knows_nobody(error) else EffectError


def _knows_nobody(error: smtplib.SMTPException) -> bool:
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(
        code in _NO_SUCH_MAILBOX and not bytes(words).startswith(_NOT_ABOUT_THE_MAILBOX)
        for code, words in error.recipients.values()
    )


def _serves_nobody(error: smtplib.SMTPException) -> bool:
    return isinstance(error, smtplib.SMTPHeloError) or getattr(error, "smtp_code", 0) == _SERVICE_CLOSES


def _reason(error: OSError) -> str:
    """The class and the server's code; its words often quote the recipient."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _words in error.recipients.values()}
        return " ".join([type(error).__name__, *map(str, sorted(codes))])
    return f"{type(error).__name__} {getattr(error, 'smtp_code', '')}".strip()
