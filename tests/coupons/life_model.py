"""What a coupon is meant to be, in a hundred lines without a database: the small model that `test_life` lives beside.

Each verb answers with the name of its refusal, or with nothing when it was done.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PRICE = 20_000
HOLD, EXPIRY = timedelta(minutes=30), timedelta(days=7)
PAID = ("paid", "part_refunded", "refunded")
# Which moves of the team each status allows (C30).
MOVES = {
    "draft": {"publish", "archive", "change", "delete"},
    "scheduled": {"end", "extend", "archive", "change", "delete"},
    "active": {"pause", "end", "extend", "archive", "change", "delete"},
    "paused": {"resume", "end", "extend", "archive", "change", "delete"},
    "ended": {"extend", "archive", "change", "delete"},
    "archived": set(),
}


@dataclass(eq=False, kw_only=True)
class Sold:
    """An order with the coupon, and its use of it."""

    who: str
    coupon: "Rules"
    held_until: datetime
    expires_at: datetime
    price: int
    state: str = "pending"
    use: str = "held"
    back: int = 0

    @property
    def counts(self) -> bool:
        return self.use in ("held", "confirmed")


@dataclass(eq=False, kw_only=True)
class Rules:
    """The terms of a coupon, and what the team did to it."""

    percent_bp: int
    max_uses: int | None
    max_uses_per_contact: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    is_draft: bool
    is_paused: bool = False
    is_archived: bool = False
    is_deleted: bool = False
    is_used: bool = False
    ended_at: datetime | None = None

    @property
    def off(self) -> int:
        """The discount on the one price that is asked."""
        return PRICE * self.percent_bp // 10_000


@dataclass
class Model:
    """One coupon after the other, the orders with them, and the clock."""

    now: datetime
    coupons: list[Rules] = field(default_factory=list)
    orders: list[Sold] = field(default_factory=list)

    @property
    def coupon(self) -> Rules:
        return self.coupons[-1]

    @property
    def is_live(self) -> bool:
        """Whether the team lets the newest coupon run."""
        return not (self.coupon.is_draft or self.coupon.is_paused)

    @property
    def is_through(self) -> bool:
        """Whether nobody will use the newest coupon any more."""
        return self.coupon.is_deleted or self.coupon.is_archived or self.coupon.ended_at is not None

    def those(self, *states: str) -> list[Sold]:
        """The orders in these states."""
        return [each for each in self.orders if each.state in states]

    def counted(self, coupon: Rules, who: str | None = None) -> int:
        """Live uses: of all, or of one."""
        return sum(each.counts and each.coupon is coupon and who in (None, each.who) for each in self.orders)

    def status(self, coupon: Rules) -> str:
        if coupon.is_archived or coupon.is_draft:
            return "archived" if coupon.is_archived else "draft"
        if self._is_over(coupon):
            return "ended"
        if coupon.is_paused:
            return "paused"
        return "scheduled" if coupon.starts_at and self.now < coupon.starts_at else "active"

    # --- Buyers ---

    def told(self, who: str, own: Collection[Sold] = ()) -> str:
        """What refuses the code to them now, their own unpaid orders apart."""
        coupon = self.coupon
        reasons = {
            "unknown": coupon.is_deleted,
            "archived": coupon.is_archived,
            "draft": coupon.is_draft,
            "paused": coupon.is_paused,
            "starts_later": coupon.starts_at is not None and self.now < coupon.starts_at,
            "ended": self._is_over(coupon),
        }
        return next((reason for reason, holds in reasons.items() if holds), "") or self._told_of_limits(who, own)

    def place(self, who: str, own: Collection[Sold]) -> str:
        """Order with the code; an own unpaid order gives way where a limit is short."""
        coupon, given_up = self.coupon, None
        held = [each for each in self.orders if (each.coupon, each.who, each.use) == (coupon, who, "held")]
        if held and self._is_short(coupon, who):
            given_up = next((each for each in held if each in own), None)
            if given_up is None:
                return "Reserved"
            given_up.use = "released"
        if reason := self.told(who, own):
            if given_up:
                given_up.use = "held"
            return reason
        if given_up:
            given_up.state = "canceled"
        coupon.is_used = True
        end, expiry = self.now + HOLD, self.now + EXPIRY
        self.orders.append(Sold(who=who, coupon=coupon, held_until=end, expires_at=expiry, price=PRICE - coupon.off))
        return ""

    def pay(self, order: Sold) -> str:
        if order.state in PAID:
            return "OrderRefused"
        is_lost = self.status(order.coupon) != "active" or self._is_short(order.coupon, order.who)
        if order.use == "released" and is_lost:
            return "CouponGone"
        order.state, order.use = "paid", "confirmed"
        return ""

    def cancel(self, order: Sold) -> str:
        if order.state in PAID:
            return "OrderRefused"
        if order.state == "pending":
            order.state, order.use = "canceled", "released"
        return ""

    def refund(self, order: Sold, amount: int, returns: bool) -> str:
        if not 1 <= amount <= order.price - order.back:
            return "RefundRefused"
        order.back += amount
        order.state = "refunded" if order.back == order.price else "part_refunded"
        if returns:
            order.use = "released"
        return ""

    def wait(self, time: timedelta) -> None:
        """The clock goes on, and what is due becomes due."""
        self.now += time
        for order in (each for each in self.orders if each.state == "pending"):
            if order.held_until <= self.now:
                order.use = "released"
            if order.expires_at <= self.now:
                order.state = "expired"

    # --- The team ---

    def move(self, move: str, ends_at: datetime | None = None) -> str:
        """Publish, pause, resume, end, extend (until then), archive or delete."""
        coupon, is_for_good = self.coupon, self.coupon.ended_at is not None
        if move not in MOVES[self.status(coupon)] or (move == "extend" and is_for_good):
            return "ActionRefused"
        if move == "extend":
            is_later = ends_at is None or (coupon.ends_at and ends_at > max(self.now, coupon.ends_at))
            if coupon.ends_at is None or not is_later:
                return "TermsRefused"
            coupon.ends_at = ends_at
        coupon.is_draft = coupon.is_draft and move != "publish"
        coupon.is_paused = (coupon.is_paused or move == "pause") and move != "resume"
        coupon.ended_at = self.now if move == "end" else coupon.ended_at
        coupon.is_deleted = move == "delete" and not coupon.is_used
        coupon.is_archived = move == "archive" or (move == "delete" and coupon.is_used)
        return ""

    def change(self, name: str, value: int | None) -> str:
        """Set a limit, or the size."""
        coupon = self.coupon
        if "change" not in MOVES[self.status(coupon)]:
            return "ActionRefused"
        if name == "percent_bp" and coupon.is_used and value != coupon.percent_bp:
            return "TermsLocked"
        people = {order.who for order in self.orders}
        of_one = max((self.counted(coupon, who) for who in people), default=0)
        most = {"max_uses": self.counted(coupon), "max_uses_per_contact": of_one}
        if value is not None and value < most.get(name, 0) and value != getattr(coupon, name):
            return "LimitBelowUsed"
        setattr(coupon, name, value)
        return ""

    def _told_of_limits(self, who: str, own: Collection[Sold]) -> str:
        mine = [each for each in self.orders if each.coupon is self.coupon and each.who == who and each.counts]
        confirmed = sum(each.use == "confirmed" for each in mine)
        movable = sum(each.use == "held" and each in own for each in mine)
        elsewhere = len(mine) - confirmed - movable
        each, total = self.coupon.max_uses_per_contact, self.coupon.max_uses
        if each is not None and confirmed + elsewhere >= each:
            return "used_by_you" if confirmed >= each else "reserved_until"
        if total is not None and self.counted(self.coupon) >= total and not movable:
            return "reserved_until" if elsewhere else "used_up"
        return ""

    def _is_short(self, coupon: Rules, who: str) -> bool:
        total, each = coupon.max_uses, coupon.max_uses_per_contact
        is_full = total is not None and self.counted(coupon) >= total
        return is_full or (each is not None and self.counted(coupon, who) >= each)

    def _is_over(self, coupon: Rules) -> bool:
        ends = [end for end in (coupon.ended_at, coupon.ends_at) if end]
        return any(end <= self.now for end in ends)
