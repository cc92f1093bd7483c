"""Why a run or a step ended as it did: codes that are kept, sentences that are read (P1.5, C35)."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.mailing.limits import CONTACT_LIMIT, QUIET_HOURS, SCHOOL_LIMIT
from contacts.mailing.news import NO_ADDRESS
from contacts.services.consent import BOUNCED, SUPPRESSED, UNSUBSCRIBED

# Runs that were not let in: they leave a line in the log, and did nothing.
NOT_FITTING = "not_fitting"
UNDER_WAY = "under_way"
ONCE = "once"
PAUSE = "pause"
MAX_RUNS = "max_runs"
LOOP = "loop"
# Runs that were ended.
SWITCHED_OFF = "switched_off"
PAID = "paid"
ERASED = "erased"
BY_HAND = "by_hand"
STOP_STEP = "stop_step"
CONDITION = "condition"
# Steps that could not be done.
BROKEN = "broken"
REFUSED = "refused"
NO_OFFER = "no_offer"
NO_TEXT = "no_text"
OBJECT_GONE = "object_gone"
NO_FREE_CODE = "no_free_code"
BAD_COUPON = "bad_coupon"
COUPON_OVER = "coupon_over"
UNKNOWN_STEP = "unknown_step"
LATER = "later"

REFUSALS = frozenset({NOT_FITTING, UNDER_WAY, ONCE, PAUSE, MAX_RUNS, LOOP})

_SENTENCES: dict[str, str | Promise] = {
    NOT_FITTING: _("The automation is for other people."),
    UNDER_WAY: _("It is under way for this contact already."),
    ONCE: _("The contact had it before, and it is given once."),
    PAUSE: _("The contact had it too short a time ago."),
    MAX_RUNS: _("The automation has run as often as it may."),
    LOOP: _("Automations started each other again and again."),
    SWITCHED_OFF: _("The automation was switched off."),
    PAID: _("The contact paid meanwhile."),
    ERASED: _("The contact was erased."),
    BY_HAND: _("Stopped by the team."),
    STOP_STEP: _("The step “Stop” was reached."),
    CONDITION: _("The condition was not met."),
    BROKEN: _("Something in the product failed. The log has the details."),
    REFUSED: _("The step was refused."),
    NO_OFFER: _("The event was about no offer."),
    NO_TEXT: _("The step has no text."),
    OBJECT_GONE: _("What the step names was deleted."),
    NO_FREE_CODE: _("No code of the pattern was free."),
    BAD_COUPON: _("The coupon cannot be made as it is set."),
    COUPON_OVER: _("The coupon would have ended before it began."),
    UNKNOWN_STEP: _("This version of the product does not know the step."),
    UNSUBSCRIBED: _("The contact wants no news."),
    BOUNCED: _("The contact’s address refuses mail."),
    SUPPRESSED: _("The address is on the list of those that get no news."),
    NO_ADDRESS: _("The address cannot be written to."),
    QUIET_HOURS: _("Waits for the end of the quiet hours."),
    CONTACT_LIMIT: _("The contact got enough news today: it waits for tomorrow."),
    SCHOOL_LIMIT: _("The school sent enough news today: it waits for tomorrow."),
    LATER: _("Waits until it may be sent."),
}


def register(code: str, sentence: str | Promise) -> None:
    """Let a reason of another module be read; the last sentence registered wins."""
    _SENTENCES[code] = sentence


def sentence_for(code: str) -> str | Promise:
    """What staff read for a code; the code itself when nobody wrote a sentence, empty for none."""
    return _SENTENCES.get(code, code)
