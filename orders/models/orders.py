"""One buyer's agreed terms."""

import secrets
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from kwiga import clock
from kwiga.money import CURRENCIES
from offers.models import Offer, TermsVersion
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel

# Letters and digits that nobody mistakes for another on the phone.
_NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def order_number() -> str:
    """A short number to read out: eight characters, unique per school, telling nothing about how many there are."""
    return "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(8))


class OrderQuerySet(models.QuerySet["Order"]):
    def pending(self) -> "OrderQuerySet":
        return self.filter(state=Order.State.PENDING)

    def settled(self) -> "OrderQuerySet":
        """Paid at some time, refunds included."""
        return self.filter(state__in=Order.SETTLED)

    def overdue(self, at: datetime) -> "OrderQuerySet":
        return self.pending().filter(expires_at__lte=at)


OrderManager = TenantManager.from_queryset(OrderQuerySet)


@school_history
class Order(TenantModel):
    """Placed by submitting a checkout or by staff. Change its state only through `orders.services`.

    Amounts are in minor units of `currency`; they and the lines are snapshots, which later edits of the offer never
    touch.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Awaiting payment")
        PART_PAID = "part_paid", _("Partly paid")
        PAID = "paid", _("Paid")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")
        PART_REFUNDED = "part_refunded", _("Partly refunded")
        REFUNDED = "refunded", _("Refunded")

    class Source(models.TextChoices):
        CHECKOUT = "checkout", _("Checkout")
        MANUAL = "manual", _("Made by the team")

    class Seat(models.TextChoices):
        NONE = "none", _("no seat")
        HELD = "held", _("seat held")
        CONFIRMED = "confirmed", _("seat taken")
        RELEASED = "released", _("seat given back")

    SETTLED = ("paid", "part_refunded", "refunded")
    DEAD = ("canceled", "expired")

    number = models.CharField(max_length=8, default=order_number, editable=False)
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="orders")
    offer = TenantForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="orders")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.CHECKOUT)
    state = models.CharField(max_length=14, choices=State.choices, default=State.PENDING)

    # What the buyer typed, kept as it was.
    buyer_email = models.EmailField(max_length=254)
    buyer_name = models.CharField(max_length=120, blank=True)
    buyer_phone = models.CharField(max_length=40, blank=True)
    answers = models.JSONField(default=list)  # [{"label": …, "text": …}]
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    utm = models.JSONField(default=dict)  # {"utm_source": …}

    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    subtotal_minor = models.PositiveBigIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)
    total_minor = models.PositiveBigIntegerField()

    # The form's key, made by the server: the same form twice is one order (P5). Staff orders have one as well.
    idempotency_key = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    # Digest of the secret in /pay/<token>/; a new secret makes the old link stop working (K02).
    pay_digest = models.CharField(max_length=64)
    pay_salt = models.CharField(max_length=32)

    seat = models.CharField(max_length=10, choices=Seat.choices, default=Seat.NONE)
    held_until = models.DateTimeField(null=True)  # end of the hold on the seat (and on coupon uses)
    expires_at = models.DateTimeField(null=True)  # when an unpaid order expires
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # canceled or expired
    close_reason = models.CharField(max_length=40, blank=True)
    is_test = models.BooleanField(default=False)  # paid with test money; left out of revenue (K06)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)  # of an order made by the team
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[OrderManager] = OrderManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="contact"),
            TenantKey(field="offer"),
            models.UniqueConstraint(fields=["school", "number"], name="orders_order_number"),
            models.UniqueConstraint(fields=["school", "idempotency_key"], name="orders_order_once"),
            models.UniqueConstraint(fields=["school", "pay_digest"], name="orders_order_pay_link"),
            models.CheckConstraint(
                condition=Q(total_minor=F("subtotal_minor") - F("discount_minor")), name="orders_order_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__lte=F("subtotal_minor")), name="orders_order_discount_in_reach"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "part_refunded", "refunded"]) | Q(paid_at__isnull=False),
                name="orders_order_paid_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(seat="held") | Q(held_until__isnull=False), name="orders_order_hold_has_end"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="orders_order_by_time"),
            models.Index(fields=["school", "state", "created_at", "id"], name="orders_order_by_state"),
            models.Index(fields=["school", "contact", "created_at", "id"], name="orders_order_of_contact"),
            models.Index(fields=["school", "offer", "created_at", "id"], name="orders_order_of_offer"),
            # The few among the many.
            models.Index(
                fields=["school", "created_at", "id"], condition=Q(source="manual"), name="orders_order_by_team"
            ),
            models.Index(fields=["school", "created_at", "id"], condition=Q(is_test=True), name="orders_order_tests"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_settled(self) -> bool:
        return self.state in self.SETTLED

    @property
    def is_dead(self) -> bool:
        return self.state in self.DEAD


class OrderAcceptance(TenantModel):
    """Which wording of which document the buyer accepted, when, and from which address (K37)."""

    order = TenantForeignKey(Order, on_delete=models.CASCADE, related_name="acceptances")
    version = TenantForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    client_address = models.GenericIPAddressField(null=True)
    accepted_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="order"),
            TenantKey(field="version"),
            models.UniqueConstraint(fields=["school", "order", "version"], name="orders_acceptance_once"),
        ]

    def __str__(self) -> str:
        return f"acceptance {self.pk}"


class OrderComment(TenantModel):
    """A note of the team; the buyer never sees it."""

    order = TenantForeignKey(Order, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField(_("Comment"), max_length=2_000)
    created_at = models.DateTimeField(default=clock.now)

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, TenantKey(field="order")]
        indexes = [models.Index(fields=["school", "order", "created_at", "id"], name="orders_comment_of_order")]

    def __str__(self) -> str:
        return f"comment {self.pk}"
