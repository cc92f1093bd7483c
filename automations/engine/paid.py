"""Paying ends what was to bring about the payment (K16)."""

from django.db.models import Q, QuerySet

from automations import reasons
from automations.engine.stopping import stop_all
from automations.models import Run, Step
from automations.triggers import UnknownTrigger, all_triggers, trigger_of
from offers.models import OfferItem
from orders.models import Order, OrderLineItem
from schools.models import Event


def end_paid_runs(event: Event) -> None:
    """End the contact's waiting runs about what this order paid for: the same order, offer, or course."""
    order = Order.objects.filter(pk=event.subject_id or 0).first()
    if order is None or order.paid_at is None:
        return
    keys = [trigger.key for trigger in all_triggers() if trigger.ends_when_paid]
    waiting = Run.objects.filter(
        contact=order.contact_id, version__trigger__in=keys, event__created_at__lt=order.paid_at
    )
    same = _about(order)
    waits_for_money = Step.objects.filter(kind=Step.Kind.CONDITION, settings__order="paid").values("version")
    stop_all(waiting.filter(same).exclude(version__in=waits_for_money), reasons.PAID)


def is_paid_meanwhile(run: Run) -> bool:
    """Whether the contact paid for what the run is about after it began; asked again before each step."""
    try:
        trigger = trigger_of(run.version.trigger)
    except UnknownTrigger:
        return False
    if not trigger.ends_when_paid or _waits_for_money(run):
        return False
    return _paid(run).filter(paid_at__gt=run.event.created_at).exists()


def has_paid(run: Run) -> bool:
    """Whether the contact has paid the order of the run, or, with none, anything for its offer or course."""
    if run.order_id and Order.objects.settled().filter(pk=run.order_id).exists():
        return True
    return _paid(run).filter(paid_at__gte=run.event.created_at).exists()


def _paid(run: Run) -> "QuerySet[Order]":
    paid = Order.objects.settled().filter(contact=run.contact_id)
    mine = Q(pk=run.order_id) | Q(offer=run.offer_id, offer__isnull=False)
    return paid.filter(mine | Q(lines__items__course__in=_courses_of(run)))


def _waits_for_money(run: Run) -> bool:
    return any(
        step.kind == Step.Kind.CONDITION and step.settings.get("order") == "paid" for step in run.version.steps.all()
    )


def _about(order: Order) -> Q:
    courses = set(OrderLineItem.objects.filter(line__order=order).values_list("course_id", flat=True))
    offers = OfferItem.objects.filter(course__in=courses).values("offer")
    same = Q(order=order) | Q(course__in=courses) | Q(offer__in=offers)
    return same | Q(offer=order.offer_id) if order.offer_id else same


def _courses_of(run: Run) -> set[int]:
    courses = set(OfferItem.objects.filter(offer=run.offer_id).values_list("course_id", flat=True))
    return courses | ({run.course_id} if run.course_id else set())
