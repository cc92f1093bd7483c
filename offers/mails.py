"""What buyers of an offer are written: the standard mail, the school's own words, or nothing (K04)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offers.models import Offer, OfferMail
from offers.placeholders import NAMES, names_in, render, render_html, render_text
from schools.models import School

OWN_TEMPLATE = "offer_own"
_Occasion = OfferMail.Occasion
STANDARD_TEMPLATES = {
    _Occasion.PURCHASED: "order_paid",
    _Occasion.PAYMENT_FAILED: "payment_failed",
    _Occasion.FREE_ACCEPTED: "order_free",
}

_ALWAYS = frozenset(name for name in NAMES if not name.endswith("_link"))
# Which words each place knows; the page after a purchase is told of the person, the order and nothing that opens.
PLACES: dict[str, frozenset[str]] = {
    _Occasion.PURCHASED: _ALWAYS | {"access_link", "receipt_link"},
    _Occasion.PAYMENT_FAILED: _ALWAYS | {"pay_link"},
    _Occasion.FREE_ACCEPTED: _ALWAYS | {"access_link", "receipt_link"},
    "thank_you_url": _ALWAYS,
}


@dataclass(frozen=True, kw_only=True)
class OrderFacts:
    """What a mail about an order can say, each a text in the recipient's language."""

    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    number: str = ""
    total: str = ""
    discount: str = ""  # with its code; empty when there was none
    date: str = ""
    title: str = ""
    courses: list[str] = field(default_factory=list)
    access_link: str = ""
    pay_link: str = ""
    receipt_link: str = ""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A template and its context, as `queue_mail` takes them; `leads_in` says that it holds the link to the courses."""

    template: str
    context: dict[str, Any]
    leads_in: bool


def values_of(school: School, facts: OrderFacts) -> dict[str, str]:
    """The facts under the names that a school writes in double braces."""
    return {
        "contact.name": facts.contact_name,
        "contact.email": facts.contact_email,
        "contact.phone": facts.contact_phone,
        "order.number": facts.number,
        "order.total": facts.total,
        "order.date": facts.date,
        "offer.title": facts.title,
        "course.titles": ", ".join(facts.courses),
        "access_link": facts.access_link,
        "pay_link": facts.pay_link,
        "receipt_link": facts.receipt_link,
        "school.name": school.name,
        "school.email": school.contact_email,
    }


def mail_of(offer: Offer | None, occasion: str) -> OfferMail | None:
    """The school's choice for this occasion; None is the standard mail."""
    return OfferMail.objects.filter(offer=offer, occasion=occasion).first() if offer else None


def wording_of(school: School, occasion: str, mail: OfferMail | None, facts: OrderFacts) -> Wording | None:
    """What to send on this occasion; None when the school switched it off."""
    if mail is not None and mail.mode == OfferMail.Mode.OFF:
        return None
    if mail is not None and mail.mode == OfferMail.Mode.OWN:
        return _own(mail, values_of(school, facts), PLACES[occasion])
    return standard(STANDARD_TEMPLATES[_Occasion(occasion)], facts, leads_in=occasion != _Occasion.PAYMENT_FAILED)


def standard(template: str, facts: OrderFacts, *, leads_in: bool = True, **more: Any) -> Wording:
    """One of the product's own mails about an order; `more` is added to what its template knows."""
    return Wording(template=template, context={"order": vars(facts)} | more, leads_in=leads_in)


def _own(mail: OfferMail, values: Mapping[str, str], known: frozenset[str]) -> Wording:
    said = {name: value for name, value in values.items() if name in known}
    context = {
        "own_subject": render(mail.subject, said),
        "own_text": render_text(mail.body, said),
        "own_html": render_html(mail.body, said),
    }
    return Wording(template=OWN_TEMPLATE, context=context, leads_in="access_link" in names_in(mail.body))
