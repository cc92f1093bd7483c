"""Money: the school's connections to providers, attempts to take money, money given back, and what providers say."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.money import CURRENCIES
from kwiga.tokens import address_token
from orders.models.orders import Order
from schools.tenancy.constraints import TenantKey
from schools.tenancy.history import school_history
from schools.tenancy.models import TenantForeignKey, TenantManager, TenantModel


def connection_token() -> str:
    """The unguessable part of a connection's webhook address."""
    return address_token(22)


@school_history
class PaymentConnection(TenantModel):
    """A school's account at a provider. Its keys are `schools.models.Secret` rows named `payments:<token>:<key>`."""

    provider = models.CharField(max_length=20)  # a key of orders.payments.registry
    token = models.CharField(max_length=22, default=connection_token, editable=False)
    title = models.CharField(_("Title for buyers"), max_length=80, blank=True)
    options = models.JSONField(default=dict)  # public settings of the provider: account id, bank details
    is_enabled = models.BooleanField(_("Offer it to buyers"), default=True)
    is_test = models.BooleanField(_("Test mode"), default=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=["school", "token"], name="orders_connection_address"),
        ]

    def __str__(self) -> str:
        return self.title or self.provider


class PaymentQuerySet(models.QuerySet["Payment"]):
    def captured(self) -> "PaymentQuerySet":
        """Those whose money arrived, given back or not."""
        return self.filter(state__in=Payment.CAPTURED)

    def to_review(self) -> "PaymentQuerySet":
        return self.filter(needs_review_at__isnull=False)


PaymentManager = TenantManager.from_queryset(PaymentQuerySet)


@school_history
class Payment(TenantModel):
    """One attempt to take money for an order (a transaction). `provider_ref` is the provider's name for it."""

    class State(models.TextChoices):
        CREATED = "created", _("Started")
        PENDING = "pending", _("Being confirmed")
        CAPTURED = "captured", _("Paid")
        FAILED = "failed", _("Failed")
        CANCELED = "canceled", _("Canceled")
        PART_REFUNDED = "part_refunded", _("Partly refunded")
        REFUNDED = "refunded", _("Refunded")

    CAPTURED = ("captured", "part_refunded", "refunded")
    OPEN = ("created", "pending")

    order = TenantForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    connection = TenantForeignKey(PaymentConnection, on_delete=models.PROTECT, null=True, related_name="+")
    provider = models.CharField(max_length=20)
    token = models.CharField(max_length=12, default=address_token, editable=False)  # our own reference, shown to staff
    provider_ref = models.CharField(max_length=255, blank=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.CREATED)
    amount_minor = models.PositiveBigIntegerField()
    refunded_minor = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    kind = models.CharField(max_length=12, default="full")  # later: part, prepayment, renewal
    part_no = models.PositiveSmallIntegerField(default=1)
    session = models.JSONField(default=dict)  # where to send the buyer: {"url": …} or {"action": …, "fields": {…}}
    session_ends_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)  # the provider's code, no personal data
    needs_review_at = models.DateTimeField(null=True)
    review_reason = models.CharField(max_length=40, blank=True)  # amount, currency, dead_order, second_payment
    comment = models.CharField(_("Comment"), max_length=300, blank=True)  # of staff who marked it paid
    is_test = models.BooleanField(default=False)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    processed_at = models.DateTimeField(null=True)  # when the provider (or staff) confirmed it
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects: ClassVar[PaymentManager] = PaymentManager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="order"),
            TenantKey(field="connection"),
            models.UniqueConstraint(fields=["school", "token"], name="orders_payment_address"),
            models.UniqueConstraint(
                fields=["school", "provider", "connection", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="orders_payment_provider_ref",
            ),
            # One open session per order (P6).
            models.UniqueConstraint(
                fields=["school", "order"],
                condition=Q(state__in=["created", "pending"]),
                name="orders_payment_one_open",
            ),
            models.CheckConstraint(
                condition=Q(refunded_minor__lte=F("amount_minor")), name="orders_payment_refund_in_reach"
            ),
        ]
        indexes = [
            models.Index(fields=["school", "created_at", "id"], name="orders_payment_by_time"),
            models.Index(fields=["school", "state", "created_at", "id"], name="orders_payment_by_state"),
            models.Index(fields=["school", "order"], name="orders_payment_of_order"),
            models.Index(fields=["school", "provider", "created_at", "id"], name="orders_payment_by_provider"),
            models.Index(
                fields=["school", "processed_at"],
                condition=Q(processed_at__isnull=False),
                name="orders_payment_by_processed",
            ),
            # The few among the many.
            models.Index(
                fields=["school", "created_at", "id"],
                condition=Q(needs_review_at__isnull=False),
                name="orders_payment_to_review",
            ),
            models.Index(fields=["school", "created_at", "id"], condition=Q(is_test=True), name="orders_payment_tests"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.token}"


@school_history
class Refund(TenantModel):
    """Money given back from one payment, with the two answers of the person who gave it."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SUCCEEDED = "succeeded", _("Given back")
        FAILED = "failed", _("Failed")

    payment = TenantForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    amount_minor = models.PositiveBigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    provider_ref = models.CharField(max_length=255, blank=True)
    reason = models.CharField(_("Reason"), max_length=300, blank=True)
    closes_access = models.BooleanField(_("Close access"), default=False)
    returns_coupon = models.BooleanField(_("Give the coupon use back"), default=False)
    failure = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    processed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="payment"),
            models.UniqueConstraint(
                fields=["school", "payment", "provider_ref"],
                condition=~Q(provider_ref=""),
                name="orders_refund_provider_ref",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=1), name="orders_refund_is_money"),
        ]
        indexes = [models.Index(fields=["school", "payment"], name="orders_refund_of_payment")]

    def __str__(self) -> str:
        return f"refund {self.pk}"


class InboxEvent(TenantModel):
    """What a provider told us, stored once (P2), kept for ever; personal data in it is dropped before it is stored."""

    connection = TenantForeignKey(PaymentConnection, on_delete=models.PROTECT, related_name="+")
    event_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=80, blank=True)
    provider_ref = models.CharField(max_length=255, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    received_at = models.DateTimeField(default=clock.now)
    processed_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="connection"),
            models.UniqueConstraint(fields=["school", "connection", "event_id"], name="orders_inboxevent_once"),
        ]
        indexes = [
            models.Index(
                fields=["school", "received_at", "id"],
                condition=Q(processed_at=None, dead_at=None),
                name="orders_inboxevent_open",
            )
        ]

    def __str__(self) -> str:
        return self.event_id
