"""The list of transactions: all money, sales made elsewhere included (K03)."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from kwiga.htmx import render_partial
from kwiga.paging import page_of
from orders.forms.filters import PaymentFilterForm
from orders.payments.registry import label_of
from orders.selectors.lists import bounded_count, payments_matching, shown_payments
from orders.selectors.totals import totals_of
from orders.views.orders import rights_of
from schools.access import requires
from schools.roles import Right


@requires(Right.VIEW_ORDERS)
@require_safe
def transaction_list(request: Any) -> HttpResponse:
    """Transactions, newest first; the address holds search and filters."""
    form = PaymentFilterForm(request.GET)
    payments = payments_matching(form.wanted())
    page = page_of(shown_payments(payments), request)
    for payment in page.rows:
        payment.provider_name = label_of(payment.provider)
    count = bounded_count(payments, text=form.wanted().text)
    # Sums of more than can be counted in no time are left to the charts and the export.
    totals = totals_of(payments) if form.is_narrowed and not count.is_more else []
    context = {"form": form, "page": page, "count": count, "totals": totals}
    return render_partial(request, "orders/transaction_list.html", "list", context | rights_of(request))
