"""Why a delivery failed, in words for staff. Rows keep a code; what servers and libraries say is for nobody's eyes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.outbox.effects import EffectError, Refusal

# By the first word of the code.
_SENTENCES: dict[str, Promise] = {
    "Outage": _("The other end cannot be reached. It is tried again every minute, for as long as it takes."),
    "SMTPRecipientsRefused": _("The mail server refused the recipient’s address."),
    "SMTPSenderRefused": _("The mail server refused the sender’s address."),
    "SMTPDataError": _("The mail server refused the message."),
    "SMTPServerDisconnected": _("The mail server hung up."),
    "TimeoutError": _("The other end took too long to answer."),
    "VaultError": _("It cannot be read any more: the key that sealed it is gone."),
    "AddressRefused": _("The store does not call this address."),
    "NoAnswer": _("Nobody answered in time."),
    "WebhookRefused": _("The receiver answered that it did not take the call."),
    "TelegramRefused": _("Telegram did not take the message."),
    "WorkerLost": _("Each attempt ended the process that made it."),
    "UnknownKind": _("This version of the product does not know how to do it."),
}
_OTHER = _("Something in the product failed. The log has the details.")


def reason_of(error: BaseException) -> str:
    """The code that is kept: an effect's own words, or just the class of any other error, which may quote anything."""
    name = type(error).__name__
    if not isinstance(error, EffectError) or not str(error):
        return name
    return str(error) if type(error) in (EffectError, Refusal) else f"{name}: {error}"


def sentence_for(code: str) -> str | Promise:
    """What staff read for a kept code; empty when there is none."""
    first = code.split(" ")[0].rstrip(":")
    return _SENTENCES.get(first, _OTHER) if code else ""
