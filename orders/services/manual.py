"""Orders made by the team: access without a purchase, or terms for one person (K01, K12)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from courses.models import Access, AccessWindow
from courses.services.access import Part, revoke_access
from kwiga import clock
from offers.models import Offer, OfferItem
from offers.selectors import items_of
from orders.errors import AlreadyOpen, OrderRefused, SoldOut
from orders.models import Order, OrderLine
from orders.services.completing import complete_order
from orders.services.drafting import Line, fresh_key, write_order
from orders.services.locks import locked_contact
from orders.services.seats import take_seat
from schools.journal import record_event
from schools.models import School, User
from schools.tenancy.scope import current_school_id


@dataclass(frozen=True, kw_only=True)
class ManualOrder:
    """What the team agrees on with one person; the price in minor units of `currency`.

    With an offer, title, parts and window are the offer's unless they are given. `choice` answers AlreadyOpen.
    `idempotency_key` is the form's: the same form twice makes one order.
    """

    contact: Contact
    offer: Offer | None = None
    title: str = ""
    parts: Sequence[Part] = ()
    price_minor: int = 0
    currency: str
    window: AccessWindow | None = None
    reason: str = ""
    send_mail: bool = True
    choice: str = ""
    expires_at: datetime | None = None
    idempotency_key: str = field(default_factory=fresh_key)


@transaction.atomic
def make_order(*, terms: ManualOrder, actor: User | None) -> Order:
    """An order by hand: without a price it is paid at once and opens, with one it waits for its pay link.

    Raises AlreadyOpen when the person can open one of the courses already and nothing was chosen, SoldOut, and
    OrderRefused when there is nothing to open.
    """
    contact = locked_contact(terms.contact.pk)
    known = Order.objects.filter(idempotency_key=terms.idempotency_key).first()
    if known:
        return known
    line = _beside_open(_line_of(terms), contact, terms.choice, actor)
    order = _order_of(terms, contact, actor)
    if terms.offer and terms.offer.seats is not None:
        _take_seat(order)
    write_order(order, line)
    record_event("order.placed", subject=order, actor=actor, data={"source": order.source, "mail": terms.send_mail})
    if not order.total_minor:
        complete_order(order, payment=None, actor=actor, mail=terms.send_mail)
    return order


def _line_of(terms: ManualOrder) -> Line:
    offer = terms.offer
    parts = terms.parts or [Part(item.course_id, item.module_id, item.lesson_id) for item in _items(offer)]
    title = terms.title or (offer.title if offer else "")
    if not parts or not title:
        raise OrderRefused(_("Choose what the order opens, and give it a name."))
    return Line(
        title=title,
        list_price_minor=max(terms.price_minor, offer.price_minor if offer else 0),
        price_minor=terms.price_minor,
        window=terms.window or offer or OrderLine(),
        parts=parts,
    )


def _items(offer: Offer | None) -> list[OfferItem]:
    return items_of(offer) if offer else []


def _beside_open(line: Line, contact: Contact, choice: str, actor: User | None) -> Line:
    """What is given for nothing beside something open: asked about, then extended, replaced, or simply added."""
    if line.price_minor:
        return line
    courses = {part.course_id for part in line.parts}
    open_now = list(Access.objects.open_at(clock.now()).filter(contact=contact, course__in=courses))
    if not open_now:
        return line
    if choice not in AlreadyOpen.CHOICES:
        raise AlreadyOpen(open_now)
    if choice == "replace":
        _revoke(open_now, actor)
    return replace(line, window=_following(line.window, open_now)) if choice == "extend" else line


def _revoke(accesses: Iterable[Access], actor: User | None) -> None:
    for access in accesses:
        revoke_access(access=access, actor=actor, reason=gettext("Replaced"))


def _following(window: AccessWindow, accesses: Iterable[Access]) -> AccessWindow:
    """The same length again, from the end of what is open; a window that ends on a date keeps its date."""
    ends = [access.ends_at for access in accesses if access.ends_at]
    if not window.open_for or not ends:
        return window
    begin = max(ends)
    closes_at = window.closes_at if window.closes_at and window.closes_at > begin else None
    return OrderLine(opens_at=begin, closes_at=closes_at, open_for=window.open_for, open_for_unit=window.open_for_unit)


def _order_of(terms: ManualOrder, contact: Contact, actor: User | None) -> Order:
    school = School.objects.get(pk=current_school_id())
    return Order(
        school=school,
        contact=contact,
        offer=terms.offer,
        source=Order.Source.MANUAL,
        buyer_email=contact.email,
        buyer_name=contact.name,
        buyer_phone=contact.phone,
        language=contact.language or (terms.offer.language if terms.offer else "") or school.language,
        currency=terms.currency,
        subtotal_minor=terms.price_minor,
        total_minor=terms.price_minor,
        idempotency_key=terms.idempotency_key,
        fingerprint="",
        expires_at=terms.expires_at or clock.now() + timedelta(days=school.order_expiry_days),
        reason=terms.reason[:300],
        made_by=actor,
    )


def _take_seat(order: Order) -> None:
    """A seat of the team's order is held as long as the order waits."""
    if order.offer_id is None or not take_seat(order.offer_id):
        raise SoldOut
    order.seat, order.held_until = Order.Seat.HELD, order.expires_at
