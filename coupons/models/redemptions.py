import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from coupons.models.coupons import Coupon, CouponCode
from kwiga import clock
from kwiga.money import CURRENCIES
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel

# What was given is history, whatever becomes of the coupon or the order (C12).
_FROZEN = (
    "coupon_id",
    "code_id",
    "contact_id",
    "amount_minor",
    "currency",
    "snapshot",
    "starts_at",
    "ends_at",
    "created_at",
)


class Redemption(TenantModel):
    """One use of a coupon, with its terms as they were: held when ordered, confirmed when paid, released otherwise."""

    class State(models.TextChoices):
        HELD = "held", _("Held")
        CONFIRMED = "confirmed", _("Used")
        RELEASED = "released", _("Given back")

    COUNTED = ("held", "confirmed")

    coupon = TenantForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    code = TenantForeignKey(CouponCode, on_delete=models.PROTECT, related_name="+")
    contact = TenantForeignKey(Contact, on_delete=models.PROTECT, related_name="redemptions")
    state = models.CharField(max_length=10, choices=State.choices, default=State.HELD)
    amount_minor = models.PositiveBigIntegerField()  # the discount given
    currency = models.CharField(max_length=3, choices=[(code, code) for code in CURRENCIES])
    # Code, kind, size, maximum, minimum and validity as they were (C12, I10).
    snapshot = models.JSONField(default=dict)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="coupon"),
            TenantKey(field="code"),
            TenantKey(field="contact"),
            models.CheckConstraint(condition=~Q(state="held") | Q(held_until__isnull=False), name="coupons_hold_ends"),
        ]
        indexes = [
            models.Index(fields=["school", "coupon", "created_at", "id"], name="coupons_redemption_by_time"),
            models.Index(fields=["school", "contact", "coupon"], name="coupons_redemption_of_contact"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="terms_are_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    " OR ".join(f"NEW.{field} IS DISTINCT FROM OLD.{field}" for field in _FROZEN)
                ),
                func="RAISE EXCEPTION 'the terms of a use are frozen' USING ERRCODE = 'check_violation';",
            ),
        ]

    def __str__(self) -> str:
        return f"redemption {self.pk}"
