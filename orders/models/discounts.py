"""Coupon uses of an order: one row per code, with its share of each line, so refunds and revenue are exact."""

from django.db import models
from django.db.models import Q

from coupons.models import Redemption
from orders.models.lines import OrderLine
from orders.models.orders import Order
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class OrderDiscount(TenantModel):
    """A code used on an order. A hold that moved to a newer order leaves the older order's row as it was."""

    order = TenantForeignKey(Order, on_delete=models.CASCADE, related_name="discounts")
    redemption = TenantForeignKey(Redemption, on_delete=models.PROTECT, related_name="order_discounts")
    code = models.CharField(max_length=64)  # as it was written then
    amount_minor = models.PositiveBigIntegerField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="order"),
            TenantKey(field="redemption"),
            models.UniqueConstraint(fields=["school", "order", "redemption"], name="orders_discount_once"),
        ]
        indexes = [models.Index(fields=["school", "redemption"], name="orders_discount_of_redemption")]

    def __str__(self) -> str:
        return self.code


class OrderLineDiscount(TenantModel):
    """The share of one line in a discount, in minor units (largest remainder, ties to the earlier line)."""

    line = TenantForeignKey(OrderLine, on_delete=models.CASCADE, related_name="discounts")
    discount = TenantForeignKey(OrderDiscount, on_delete=models.CASCADE, related_name="shares")
    amount_minor = models.PositiveBigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="line"),
            TenantKey(field="discount"),
            models.UniqueConstraint(fields=["school", "line", "discount"], name="orders_linediscount_once"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="orders_linediscount_is_money"),
        ]
        indexes = [models.Index(fields=["school", "discount"], name="orders_linediscount_share")]

    def __str__(self) -> str:
        return f"share {self.pk}"
