"""What an offer costs whoever asks, with the code they typed or came with."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from coupons.models import Coupon
from kwiga import clock
from kwiga.pages.code_tries import tries_of
from kwiga.pages.own_orders import own_orders
from kwiga.templatetags.instants import zoned_instant
from offers.models import Offer
from orders.selectors.quote import Quote, quote_offer

logger = structlog.get_logger("kwiga.codes")

CODE_LENGTH = 64
_EMAIL_LENGTH = 254
_WHOLE = re.compile(r"[0-9]{1,15}")


def typed_code(request: Any) -> str:
    """The code on the form, else in the link; empty when it was taken off."""
    if "remove" in request.POST:
        return ""
    code: str = request.POST["coupon"] if "coupon" in request.POST else request.GET.get("coupon", "")
    return code.replace("\x00", "").strip()[:CODE_LENGTH]


def shown_total(form: Any) -> int:
    """The total that the sent page showed, in minor units; -1, which is never a total, for what is none."""
    text: str = form.get("shown_total", "")
    return int(text) if _WHOLE.fullmatch(text) else -1


def is_about_code(request: Any) -> bool:
    """Whether Apply or Remove was pressed, and not the button that buys."""
    return bool({"apply", "remove"} & request.POST.keys())


def has_seen_discount(request: Any, offer: Offer, contact: Contact | None) -> bool:
    """Whether the page that was sent has shown a lower price for the code on it, and codes may be tried.

    There is nothing to look up before the order is placed then: placing it finds out whether the price still holds.
    """
    code, shown = typed_code(request), shown_total(request.POST)
    if not code or is_about_code(request) or request.POST.get("shown_code") != code:
        return False
    is_lower = offer.allows_coupons and 0 <= shown < offer.price_at(clock.now())
    return is_lower and not tries_of(request, contact, offer.token).blocked_until()


def quote_for(request: Any, offer: Offer, contact: Contact | None) -> tuple[Quote, bool]:
    """The quote, and whether the client is blocked for too many wrong codes. In the open scope.

    A code that was not looked up is still in the quote, with the reason, so that the field keeps it.
    """
    at, code = clock.now(), typed_code(request)
    if not code or not offer.price_at(at):
        return quote_offer(offer=offer, at=at), False
    if not offer.allows_coupons:
        refused = gettext_lazy("Codes cannot be used for this offer.")
        return replace(quote_offer(offer=offer, at=at), coupon_message=refused), False
    tries = tries_of(request, contact, offer.token)
    if until := tries.blocked_until():
        _count_try(request, "blocked")
        told = _blocked(until, is_known=contact is not None)
        return replace(quote_offer(offer=offer, at=at), code=code, coupon_message=told), True
    quote = quote_offer(
        offer=offer, contact=contact, email=_typed_email(request), at=at, code=code, own_orders=own_orders(request)
    )
    if quote.is_miss:
        tries.count_miss()
    _count_try(request, quote.refusal.reason if quote.refusal else "applied", quote.coupon)
    return quote, False


def _count_try(request: Any, outcome: str | None, coupon: Coupon | None = None) -> None:
    """The metric of applying is a line of the log, never what was typed: links opened and codes entered (trust C10)."""
    if request.method == "GET" or "apply" in request.POST:
        school = request.school.pk
        logger.info("code tried", school=school, reason=str(outcome), kind="coupon", row=coupon.pk if coupon else None)


def _typed_email(request: Any) -> str:
    email: str = request.POST.get("email", "")
    return email.replace("\x00", "")[:_EMAIL_LENGTH]


def _blocked_sentence(until: datetime, *, is_known: bool) -> str:
    told = _("Too many wrong codes. Codes can be tried again at %(until)s.") % {"until": zoned_instant(until)}
    return told if is_known else f"{told} {_('Or sign in with your email to try now.')}"


_blocked = lazy(_blocked_sentence, str)
