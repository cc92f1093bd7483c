"""What a channel is told without any automation: sales, payments, refunds and answers to assignments (K34)."""

from collections.abc import Callable

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.models import TelegramChannel
from automations.telegram.sending import say
from courses.models import Submission
from kwiga.money import format_money
from kwiga.sites import root_url
from orders.models import Order, Payment, Refund
from schools.models import Event, School
from schools.outbox.listeners import listen

EVENTS: dict[str, str | Promise] = {
    "order.placed": _("New order"),
    "order.paid": _("Order paid"),
    "payment.failed": _("Payment failed"),
    "refund.succeeded": _("Money given back"),
    "assignment.submitted": _("Answer to an assignment"),
}


def register_own() -> None:
    """Listen to what channels may be told."""
    for kind in EVENTS:
        listen(kind, tell)


def tell(event: Event) -> None:
    """Say it in every channel that asked for this kind of event, once however often it is told."""
    asked = TelegramChannel.objects.filter(events__contains=[event.kind], is_on=True, broken_at=None)
    channels = list(asked.order_by("pk"))
    if not channels:
        return
    school = School.objects.get(pk=event.school_id)
    with translation.override(school.language), timezone.override(school.time_zone):
        said = _WORDS[event.kind](event, school)
    if said is None:
        return
    for channel in channels:
        say(channel=channel, text=said.text(with_name=channel.names_people), dedupe_key=said.key)


class Said:
    """What is said of an event; `name` is whose it is, for channels that may name people."""

    def __init__(self, key: str, lines: list[str], name: str, link: str) -> None:
        self.key, self._lines, self._name, self._link = key, lines, name, link

    def text(self, *, with_name: bool) -> str:
        """The sentences, a line each."""
        return "\n".join([*self._lines, *([self._name] if with_name and self._name else []), self._link])


def _of_order(event: Event, school: School) -> Said | None:
    order = Order.objects.filter(pk=event.subject_id or 0).first()
    if order is None:
        return None
    head = gettext("New order %(number)s") if event.kind == "order.placed" else gettext("Order %(number)s is paid")
    return _about(order, school, head, f"order:{order.pk}:{event.kind}", order.total_minor, order.currency)


def _of_failure(event: Event, school: School) -> Said | None:
    payment = Payment.objects.select_related("order").filter(pk=event.data.get("payment")).first()
    if payment is None:
        return None
    head = gettext("A payment for order %(number)s failed")
    return _about(payment.order, school, head, f"payment:{payment.pk}:failed", payment.amount_minor, payment.currency)


def _of_refund(event: Event, school: School) -> Said | None:
    refund = Refund.objects.select_related("payment__order").filter(pk=event.data.get("refund")).first()
    if refund is None:
        return None
    head, currency = gettext("Money given back for order %(number)s"), refund.payment.currency
    return _about(refund.payment.order, school, head, f"refund:{refund.pk}", refund.amount_minor, currency)


def _of_answer(event: Event, school: School) -> Said | None:
    rows = Submission.objects.select_related("lesson__course", "contact")
    answer = rows.filter(pk=event.subject_id or 0).first()
    if answer is None:
        return None
    lines = [gettext("New answer to an assignment"), f"{answer.lesson.course.title}: {answer.lesson.title}"]
    link = root_url("courses:submission", school.slug, answer.token)
    return Said(f"submission:{answer.pk}", lines, answer.contact.name, link)


_WORDS: dict[str, Callable[[Event, School], Said | None]] = {
    "order.placed": _of_order,
    "order.paid": _of_order,
    "payment.failed": _of_failure,
    "refund.succeeded": _of_refund,
    "assignment.submitted": _of_answer,
}


def _about(order: Order, school: School, head: str, key: str, amount_minor: int, currency: str) -> Said:
    titles = ", ".join(dict.fromkeys(order.lines.order_by("position").values_list("title", flat=True)))
    head = head % {"number": order.number}
    if order.is_test:
        head = f"{head} ({gettext('test')})"
    lines = [head, f"{titles}: {format_money(amount_minor, currency)}"]
    return Said(key, lines, order.buyer_name, root_url("orders:detail", school.slug, order.number))
