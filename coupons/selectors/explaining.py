"""Why does this code not work? Every rule with what it found, for the team; the same engine as the checkout's."""

from dataclasses import dataclass
from datetime import datetime

from contacts.models import Contact
from coupons.codes import CodeRefused, code_key, tidy_code
from coupons.models import Coupon
from coupons.selectors.examining import Examined, examine_code
from coupons.sentences import refusal_sentence
from coupons.staff_sentences import Finding, Names, finding_of
from offers.models import Offer


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """All rules in the order in which a refusal is told, and `told`, the sentence the buyer reads ("" when it works).

    `examined` has the coupon and the price that follows.
    """

    examined: Examined
    findings: tuple[Finding, ...]
    told: str

    @property
    def works(self) -> bool:
        return self.examined.refusal is None

    @property
    def coupon(self) -> Coupon | None:
        return self.examined.coupon


def explain_code(
    *, typed: str, offer: Offer, contact: Contact | None = None, email: str = "", at: datetime
) -> Explanation:
    """The code for that person and offer at that instant, as a buyer in a browser of their own would meet it.

    Counts of uses are those of now, whatever the instant. Without a contact and an email nobody is known.
    """
    email = contact.email if contact else email
    examined = examine_code(typed=typed, offer=offer, email=email, at=at)
    names = _names(typed, examined.coupon, contact.name if contact and contact.name else email)
    return Explanation(
        examined=examined,
        findings=tuple(finding_of(check, names) for check in examined.checks),
        told=_told(examined),
    )


def _told(examined: Examined) -> str:
    if examined.refusal is None:
        return ""
    return refusal_sentence(examined.refusal, is_known=examined.person.is_known)


def _names(typed: str, coupon: Coupon | None, person: str) -> Names:
    if coupon is None:
        return Names(typed=tidy_code(typed), why_no_code=_why_no_code(typed))
    return Names(
        typed=tidy_code(typed),
        person=person,
        owner=str(coupon.contact) if coupon.contact_id else "",
        contact_list=coupon.contact_list.name if coupon.contact_list_id else "",
    )


def _why_no_code(typed: str) -> str:
    """What keeps the text from being a code, such as a letter of another alphabet; empty when it could be one."""
    try:
        code_key(typed)
    except CodeRefused as error:
        return str(error.message)
    return ""
