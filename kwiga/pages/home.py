"""A school's home: what to do next, how sales go, what waits for a person, and what happened last."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kwiga import clock
from kwiga.pages.figures import sales_of
from kwiga.pages.onboarding import Step, facts_of, onboarding
from orders.models import Order
from orders.selectors.attention import Attention, Pile, attention
from orders.selectors.lists import shown_orders
from schools.access import requires
from schools.activity import Entry, entries_of, events_about
from schools.models import OutboxRow, School
from schools.roles import Right, allows
from schools.sites import site_url

LATEST = 5


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Payments that wait for a person; `query` narrows the list of transactions to them."""

    title: str | Promise
    query: str
    variant: str
    pile: Pile


@requires(Right.VIEW_HOME)
@require_safe
def school_home(request: Any) -> HttpResponse:
    """The steps of a new school until all are done, then money and orders for who may see them."""
    role = request.member.role
    facts = facts_of(request.school)
    address = site_url(request.school, "store")
    steps = onboarding(request.school, facts, role, site=address)
    context = {
        "facts": facts,
        "steps": steps if _is_open(steps) else [],
        "done": sum(step.done for step in steps),
        "failed": _failed_deliveries(role),
        "latest": _latest(request.school, role),
        "address": address,
    }
    if allows(role, Right.VIEW_ORDERS):
        context |= _orders(request, facts.has_orders)
    return render(request, "pages/school_home.html", context)


def _is_open(steps: list[Step]) -> bool:
    """Whether a step is left that this person can take."""
    return any(step.url for step in steps if not step.done)


def _orders(request: Any, has_orders: bool) -> dict[str, Any]:
    """Sales, and what waits; a school without orders has neither."""
    if not has_orders:
        return {"orders": []}
    by, currency = request.GET.get("by", ""), request.GET.get("currency", "")
    newest = Order.objects.order_by("-created_at", "-id")
    return {
        "sales": sales_of(request.school.currency, by=by, currency=currency),
        "waits": waits_of(attention(clock.now())),
        "orders": shown_orders(newest)[:LATEST],
    }


def waits_of(found: Attention) -> list[Wait]:
    """The piles that are not empty, the most urgent first."""
    waits = [
        Wait(
            title=_("Payments that fit no order: accept them or give them back"),
            query="review=on",
            variant="danger",
            pile=found.to_review,
        ),
        Wait(
            title=_("Transfers to confirm when the money is there"),
            query="provider=bank_transfer&state=created",
            variant="warn",
            pile=found.to_confirm,
        ),
        Wait(
            title=_("Failed payments of the last seven days"), query="state=failed", variant="warn", pile=found.failed
        ),
    ]
    return [wait for wait in waits if wait.pile.rows]


def _failed_deliveries(role: str) -> int:
    if not allows(role, Right.VIEW_DELIVERIES):
        return 0
    return OutboxRow.objects.filter(dead_at__isnull=False).count()


def _latest(school: School, role: str) -> list[Entry]:
    """The newest lines of the journal, for who may read it."""
    if not allows(role, Right.VIEW_ACTIVITY):
        return []
    newest = events_about("", "").order_by("-created_at", "-id")[:LATEST]
    return entries_of(school, list(newest))
