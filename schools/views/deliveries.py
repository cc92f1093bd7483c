"""Deliveries: what still has to happen after a change, and what failed."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kwiga.errors import DomainError
from kwiga.paging import page_of
from schools.access import requires
from schools.models import OutboxRow
from schools.outbox.effects import label_of
from schools.outbox.reasons import sentence_for
from schools.roles import Right, allows
from schools.services import deliveries

STATES = {"failed": _("Failed"), "waiting": _("Waiting")}


@requires(Right.VIEW_DELIVERIES)
@require_safe
def delivery_list(request: Any) -> HttpResponse:
    """Failed deliveries, newest first; with `?state=waiting` those that are still to come."""
    state = request.GET.get("state", "")
    state = state if state in STATES else "failed"
    rows = OutboxRow.objects.filter(done_at=None, dead_at__isnull=state == "waiting")
    page = page_of(rows, request)
    for row in page.rows:
        row.label, row.reason = label_of(row.kind), sentence_for(row.last_error)
    context = {"page": page, "state": state, "states": STATES.items()}
    context["may_retry"] = allows(request.member.role, Right.MANAGE_DELIVERIES)
    return render(request, "schools/deliveries.html", context)


@requires(Right.MANAGE_DELIVERIES)
@require_POST
def delivery_retry(request: Any, delivery: int) -> HttpResponse:
    row = get_object_or_404(OutboxRow.objects, pk=delivery)
    try:
        deliveries.retry_delivery(delivery_id=row.pk, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It will be tried again in a moment."))
    return redirect("schools:deliveries", request.school.slug)


@requires(Right.MANAGE_DELIVERIES)
@require_POST
def delivery_retry_all(request: Any) -> HttpResponse:
    try:
        count = deliveries.retry_failed_deliveries(actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)d delivery will be tried again.", "%(count)d deliveries will be tried again.", count)
        messages.success(request, text % {"count": count})
    return redirect("schools:deliveries", request.school.slug)
