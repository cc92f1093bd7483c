"""What an order is about: priced lines, what each opens, and the accesses that came of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import Access, AccessWindow, Course, Lesson, Module
from offers.models import Offer
from orders.models.orders import Order
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel


class OrderLine(AccessWindow, TenantModel):
    """One priced line with the terms of access agreed on; a fee is a line that discounts leave alone."""

    class Kind(models.TextChoices):
        ITEM = "item", _("Item")
        FEE = "fee", _("Fee")

    order = TenantForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    offer = TenantForeignKey(Offer, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind.choices, default=Kind.ITEM)
    position = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=160)
    list_price_minor = models.PositiveBigIntegerField()  # before a promo price; the struck one
    price_minor = models.PositiveBigIntegerField()
    discount_minor = models.PositiveBigIntegerField(default=0)
    total_minor = models.PositiveBigIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            *AccessWindow.Meta.constraints,
            TenantKey(field="order"),
            TenantKey(field="offer"),
            models.UniqueConstraint(fields=["school", "order", "position"], name="orders_orderline_place"),
            models.CheckConstraint(
                condition=Q(total_minor=F("price_minor") - F("discount_minor")), name="orders_orderline_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(discount_minor__lte=F("price_minor")), name="orders_orderline_discount_in_reach"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class OrderLineItem(TenantModel):
    """What a line opens, as it was agreed: a whole course, or one module or lesson of it."""

    line = TenantForeignKey(OrderLine, on_delete=models.CASCADE, related_name="items")
    course = TenantForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    module = TenantForeignKey(Module, on_delete=models.PROTECT, null=True, related_name="+")
    lesson = TenantForeignKey(Lesson, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="line"),
            TenantKey(field="course"),
            TenantKey(field="module"),
            TenantKey(field="lesson"),
            models.CheckConstraint(condition=Q(module=None) | Q(lesson=None), name="orders_lineitem_one_thing"),
        ]
        indexes = [models.Index(fields=["school", "line"], name="orders_lineitem_of_line")]

    def __str__(self) -> str:
        return f"item {self.pk}"


class OrderAccess(TenantModel):
    """An access that an order opened; `courses` knows nothing of orders."""

    order = TenantForeignKey(Order, on_delete=models.CASCADE, related_name="order_accesses")
    access = TenantForeignKey(Access, on_delete=models.PROTECT, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            TenantKey(field="order"),
            TenantKey(field="access"),
            models.UniqueConstraint(fields=["school", "access"], name="orders_orderaccess_once"),
        ]
        indexes = [models.Index(fields=["school", "order"], name="orders_orderaccess_of_order")]

    def __str__(self) -> str:
        return f"order access {self.pk}"
