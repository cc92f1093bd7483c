"""What a purchase is refused for, in sentences for the buyer or the team."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from kwiga.errors import DomainError

if TYPE_CHECKING:
    from courses.models import Access
    from orders.models import Order
    from orders.selectors.quote import Availability, Quote


class OrderRefused(DomainError):
    """The order or the payment may not make this move."""


class PriceChanged(DomainError):
    """The form showed another total; `quote` has what it costs now. Show it with a fresh key."""

    def __init__(self, quote: "Quote") -> None:
        super().__init__(_("The price has changed. Please look at it again before you buy."))
        self.quote = quote


class CouponRefused(DomainError):
    """The discount that the form showed cannot be had; `quote` has the full price and why. Nothing was ordered."""

    def __init__(self, quote: "Quote") -> None:
        gone = _("The coupon cannot be used any more. Look at the price again before you buy.")
        super().__init__(quote.coupon_message or gone)
        self.quote = quote


class CouponGone(DomainError):
    """The hold of an unpaid order on its coupon is over, and the coupon cannot be had again."""

    def __init__(self, order: "Order") -> None:
        super().__init__(
            _("The coupon of this order was held for you for a while and cannot be used any more. Order again.")
        )
        self.order = order


class NotOnSale(DomainError):
    """Not on sale at this instant."""

    def __init__(self, availability: "Availability") -> None:
        super().__init__(_("This offer is not on sale."))
        self.availability = availability


class SoldOut(DomainError):
    """No seat is left."""

    def __init__(self) -> None:
        super().__init__(_("All seats are taken."))


class OnceOnly(DomainError):
    """The contact has bought an offer that each person may buy once."""

    def __init__(self) -> None:
        super().__init__(_("Each person can buy this once, and there is an order for this email already."))


class Reserved(DomainError):
    """An unpaid order of this email holds the place, and it was made in another browser.

    Whoever catches it, outside the transaction, has the link mailed: `orders.services.reminding.mail_pay_link`.
    """

    def __init__(self, order: "Order", until: datetime) -> None:
        super().__init__(
            _("An unpaid order for this email holds the place. The link to pay for it has been sent to the email.")
        )
        self.order, self.until = order, until


class AnswerMissing(DomainError):
    """A question that must be answered was not."""

    def __init__(self, question_id: int) -> None:
        super().__init__(_("Please answer this question."))
        self.question_id = question_id


class PhoneMissing(DomainError):
    """The offer asks for a phone number."""

    def __init__(self) -> None:
        super().__init__(_("Please enter a phone number."))


class SignInNeeded(DomainError):
    """The offer is sold to people who signed in."""

    def __init__(self) -> None:
        super().__init__(_("Please sign in to buy this."))


class TermsNotAccepted(DomainError):
    """Documents that must be accepted were not, or a newer wording of them came out meanwhile."""

    def __init__(self, version_ids: list[int]) -> None:
        super().__init__(_("Please accept the terms."))
        self.version_ids = version_ids


class KeyReused(DomainError):
    """The form's key belongs to another order already (P5)."""

    def __init__(self) -> None:
        super().__init__(_("This form was sent before with other answers. Please open the offer again."))


class Busy(DomainError):
    """Too many buyers at once: a lock was waited for too long, or two did the same at one instant."""

    def __init__(self) -> None:
        super().__init__(_("Many people are buying at this moment. Please try again."))


class TooManyFreeOrders(DomainError):
    """The limit of free orders from one address (trust C11)."""

    def __init__(self) -> None:
        super().__init__(_("Too many free orders from your network. Please try again in an hour."))


class AlreadyOpen(DomainError):
    """The contact can open it already: extend, replace, or give it anyway (K12)."""

    CHOICES = ("extend", "replace", "anyway")

    def __init__(self, accesses: "list[Access]") -> None:
        super().__init__(_("This person has access already. Choose whether to extend it, replace it or add to it."))
        self.accesses = accesses
