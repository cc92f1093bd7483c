"""What is done to many orders of the list at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from orders.forms.filters import OrderFilterForm
from orders.selectors.lists import bounded_count, chosen_orders, orders_matching
from orders.services.batches import cancel_matching, cancel_orders
from schools.access import requires
from schools.roles import Right


@requires(Right.MANAGE_ORDERS)
@require_POST
def cancel_many(request: Any) -> HttpResponse:
    """Ask first, then cancel the unpaid ones among the ticked orders, or among all that fit the filters."""
    form, numbers = OrderFilterForm(request.POST), request.POST.getlist("order")
    everything = bool(request.POST.get("everything"))
    back = reverse("orders:list", args=[request.school.slug]) + form.address()
    if not (everything or numbers):
        messages.warning(request, _("Choose orders first."))
        return redirect(back)
    orders = (orders_matching(form.wanted()) if everything else chosen_orders(numbers)).pending()
    if not request.POST.get("confirm"):
        context = {"form": form, "numbers": [] if everything else numbers, "count": bounded_count(orders), "back": back}
        return render(request, "orders/cancel_many.html", context | {"everything": everything})
    reason = request.POST.get("reason", "").strip()[:40]
    if everything:
        cancel_matching(wanted=form.wanted(), reason=reason, actor=request.user)
        messages.success(request, _("The orders are being canceled one by one; the list shows how far it is."))
    else:
        count = cancel_orders(orders=orders.order_by("pk"), reason=reason, actor=request.user)
        text = ngettext("%(count)d order is canceled.", "%(count)d orders are canceled.", count)
        messages.success(request, text % {"count": count})
    return redirect(back)
