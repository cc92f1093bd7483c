"""What a person writes about an offer, as the services take it."""

from dataclasses import dataclass
from datetime import datetime

from offers.models import Offer, OfferMail
from schools.models import StoredFile


@dataclass(frozen=True, kw_only=True)
class ItemTerms:
    """A whole course, or one module or lesson of it, by their ids."""

    course_id: int
    module_id: int | None = None
    lesson_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class QuestionTerms:
    """A question at the checkout; `pk` is the one it changes, None for a new one."""

    label: str
    is_required: bool = False
    pk: int | None = None


@dataclass(frozen=True, kw_only=True)
class DocumentTerms:
    """A legal document that buyers see, or have to accept."""

    document_id: int
    is_required: bool = True


@dataclass(frozen=True, kw_only=True)
class MailTerms:
    """How one occasion is told to buyers."""

    occasion: str
    mode: str = OfferMail.Mode.STANDARD
    subject: str = ""
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """All of an offer but its address, its status and its taken seats.

    Sums in minor units of `currency`; `description` is HTML and is cleaned on saving; instants are aware and windows
    half-open; what is left out is the default of a new offer.
    """

    title: str
    description: str
    price_minor: int
    currency: str
    summary: str = ""
    category: str = ""
    cover: StoredFile | None = None

    promo_price_minor: int | None = None
    promo_starts_at: datetime | None = None
    promo_ends_at: datetime | None = None
    allows_coupons: bool = True
    coupon_on_promo: bool = False

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    open_for: int | None = None
    open_for_unit: str = Offer.Unit.DAYS

    is_listed: bool = True
    position: int = 0
    is_highlighted: bool = False
    difference: str = ""

    sales_start_at: datetime | None = None
    sales_end_at: datetime | None = None
    seats: int | None = None
    once_per_contact: bool = False

    language: str = ""
    guest_checkout: bool = True
    phone: str = Offer.Phone.NOT_ASKED
    thank_you_text: str = ""
    thank_you_url: str = ""

    items: tuple[ItemTerms, ...] = ()
    questions: tuple[QuestionTerms, ...] = ()
    documents: tuple[DocumentTerms, ...] = ()
    mails: tuple[MailTerms, ...] = ()


# What lies in rows of its own; the rest are columns of the offer under the same names.
LISTS = frozenset({"items", "questions", "documents", "mails"})
