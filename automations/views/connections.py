"""Settings > Connections: webhooks in both directions, and the team's Telegram channels."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from automations.models import IncomingHook, TelegramChannel, WebhookDelivery
from automations.webhooks import retrying, signing
from kwiga.errors import DomainError
from kwiga.paging import page_of
from schools.access import asks_again, requires
from schools.outbox.reasons import sentence_for
from schools.roles import Right

STATES = {"failed": _("Not delivered"), "waiting": _("Waiting"), "sent": _("Delivered")}


@requires(Right.MANAGE_CONNECTIONS)
@require_safe
def connection_list(request: Any) -> HttpResponse:
    """Everything that connects the school with other systems."""
    context = {
        "secret": signing.stored_secret(),
        "hooks": IncomingHook.objects.filter(archived_at=None).select_related("contact_list").order_by("pk"),
        "channels": TelegramChannel.objects.order_by("pk"),
    }
    return render(request, "automations/connections/list.html", context)


@requires(Right.MANAGE_CONNECTIONS)
@asks_again
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signing_secret(request: Any) -> HttpResponse:
    """Make a new signing secret and show it, this once: it is in no address, no session and no other page."""
    context = {"fresh": signing.rotate_secret(actor=request.user)} if request.method == "POST" else {}
    return render(request, "automations/connections/secret.html", context)


@requires(Right.MANAGE_CONNECTIONS)
@require_safe
def delivery_list(request: Any) -> HttpResponse:
    """The calls that automations made, newest first; with `?state=` those of one state."""
    rows = WebhookDelivery.objects.select_related("run_step__run__automation")
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    page = page_of(rows.filter(state=state) if state else rows, request)
    retrying.tell_outbox(page.rows)
    for row in page.rows:
        row.reason = sentence_for(row.last_error)
    return render(
        request, "automations/connections/deliveries.html", {"page": page, "state": state, "states": STATES.items()}
    )


@requires(Right.MANAGE_CONNECTIONS)
@require_POST
def delivery_retry(request: Any, delivery: int) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.objects, pk=delivery)
    try:
        retrying.retry_call(delivery=row, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("It will be tried again in a moment."))
    return redirect("connections:deliveries", request.school.slug)
