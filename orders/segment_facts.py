"""What conditions can ask of a contact's orders: how many, how much, of what, and when."""

from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThanOrEqual
from django.utils.translation import gettext_lazy as _

from contacts.segments import facts
from contacts.segments.breadth import is_of_few
from contacts.segments.facts import SegmentFact
from contacts.segments.instants import latest_is
from contacts.segments.operators import Kind, has_or_not
from offers.models import Offer
from orders.models import Order, Payment

_ORDERS = _("Orders")
PAID = (Order.State.PAID, Order.State.PART_REFUNDED)


def paid_orders() -> QuerySet[Order]:
    """Orders that count as purchases: paid with money, and not wholly given back."""
    return Order.objects.filter(state__in=PAID, total_minor__gt=0)


def register_own() -> None:
    """Register the facts of this app."""
    facts.register(_number(), _money(), _bought(), _unpaid(), _last_purchase(), _last_order())


def _number() -> SegmentFact:
    return SegmentFact(
        key="orders_paid",
        label=_("Number of paid orders"),
        topic=_ORDERS,
        kind=Kind.NUMBER,
        condition=_has_paid_orders,
    )


def _has_paid_orders(op: str, number: int) -> Q:
    """At least one is asked by whether there is one, which needs no counting."""
    if (op, number) in (("at_least", 1), ("less", 1), ("is", 0)):
        bought = Q(Exists(paid_orders().filter(contact=OuterRef("pk"))))
        return bought if op == "at_least" else ~bought
    if not is_of_few():
        return _all_with_orders(op, number)
    own = paid_orders().filter(contact=OuterRef("pk")).order_by().values("contact")
    counted = Coalesce(Subquery(own.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0)
    if op == "is":
        return Q(Exact(counted, number))
    reached = Q(GreaterThanOrEqual(counted, number))
    return reached if op == "at_least" else ~reached


def _all_with_orders(op: str, number: int) -> Q:
    """The orders of everybody counted in one go: nobody's who has none."""
    counted = paid_orders().order_by().values("contact").annotate(number=Count("pk"))
    if op == "is":
        return Q(pk__in=counted.filter(number=number).values("contact"))
    reached = Q(pk__in=counted.filter(number__gte=number).values("contact")) if number > 0 else Q(pk__isnull=False)
    return reached if op == "at_least" else ~reached


def _money() -> SegmentFact:
    return SegmentFact(
        key="money_paid",
        label=_("Money paid"),
        topic=_ORDERS,
        kind=Kind.MONEY,
        condition=_has_paid,
    )


def _has_paid(op: str, value: Any) -> Q:
    """What arrived and counts for an order, without what was given back, in that currency alone."""
    counted = Payment.objects.captured().filter(currency=value["currency"], review_reason="")
    amount = value["amount_minor"]
    if is_of_few() or amount <= 0:
        left = _left(counted.filter(order__contact=OuterRef("pk")))
        reached = Q(GreaterThanOrEqual(Coalesce(Subquery(left.values("left")), 0), amount))
    else:
        reached = Q(pk__in=_left(counted).filter(left__gte=amount).values("order__contact"))
    return reached if op == "at_least" else ~reached


def _left(payments: QuerySet[Payment]) -> Any:
    """What is left of the payments, for each contact."""
    kept = Sum(F("amount_minor") - F("refunded_minor"))
    return payments.order_by().values("order__contact").annotate(left=kept)


def _bought() -> SegmentFact:
    return SegmentFact(
        key="bought",
        label=_("Purchase of an offer"),
        topic=_ORDERS,
        kind=Kind.CHOICE,
        operators=has_or_not(_("has bought"), _("has not bought")),
        condition=_has_bought,
        choices=_offer_choices,
        any_label=_("any offer"),
        sentences={"has": _("has bought %(value)s"), "has_not": _("has not bought %(value)s")},
    )


def _has_bought(op: str, token: str) -> Q:
    """A free offer counts when it is named; "any" asks for money, as the number of paid orders does."""
    named = Order.objects.filter(state__in=PAID, offer__token=token) if token else paid_orders()
    own = Q(Exists(named.filter(contact=OuterRef("pk"))))
    return own if op == "has" else ~own


def _unpaid() -> SegmentFact:
    return SegmentFact(
        key="unpaid_order",
        label=_("Unpaid order"),
        topic=_ORDERS,
        kind=Kind.CHOICE,
        operators=has_or_not(_("has one of"), _("has none of")),
        condition=_has_unpaid,
        choices=_offer_choices,
        any_label=_("any offer"),
        sentences={"has": _("has an unpaid order of %(value)s"), "has_not": _("has no unpaid order of %(value)s")},
    )


def _has_unpaid(op: str, token: str) -> Q:
    pending = Order.objects.pending().filter(contact=OuterRef("pk"))
    own = Q(Exists(pending.filter(offer__token=token) if token else pending))
    return own if op == "has" else ~own


def _last_purchase() -> SegmentFact:
    return SegmentFact(
        key="last_purchase",
        label=_("Last purchase"),
        topic=_ORDERS,
        kind=Kind.INSTANT,
        condition=lambda op, value: _latest(op, value, paid_orders(), "paid_at"),
    )


def _last_order() -> SegmentFact:
    return SegmentFact(
        key="last_order",
        label=_("Last order"),
        topic=_ORDERS,
        kind=Kind.INSTANT,
        condition=lambda op, value: _latest(op, value, Order.objects.all(), "created_at"),
    )


def _latest(op: str, value: Any, orders: QuerySet[Order], column: str) -> Q:
    own = orders.filter(contact=OuterRef("pk"))
    return latest_is(
        op, value, reached=lambda at: Q(Exists(own.filter(**{f"{column}__gte": at}))), is_known=Q(Exists(own))
    )


def _offer_choices() -> list[tuple[str, str]]:
    return list(Offer.objects.order_by("title", "pk").values_list("token", "title"))
