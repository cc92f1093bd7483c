"""An order made by the team: access without a purchase, or terms agreed on with one person (K01, K12)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from orders.errors import AlreadyOpen
from orders.forms.manual import ManualOrderForm
from orders.models import Order
from orders.services.manual import make_order
from orders.summary import summary_of
from schools.access import requires
from schools.models import User
from schools.roles import Right

_TEMPLATE = "orders/order_new.html"


@requires(Right.MANAGE_ORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: Any) -> HttpResponse:
    """The form; `find` looks for people, `check` says what would happen, anything else makes the order."""
    posted = request.POST if request.method == "POST" else None
    form = ManualOrderForm(posted, school=request.school, contact=request.GET.get("contact", ""))
    if posted is None:
        return render(request, _TEMPLATE, {"form": form})
    if "find" in posted:
        return render_partial(request, _TEMPLATE, "people", {"form": _unjudged(form)})
    valid = form.is_valid()
    summary = summary_of(form)
    if "check" in posted:
        return render_partial(request, _TEMPLATE, "summary", {"form": _unjudged(form), "summary": summary})
    order = _made(form, request.user) if valid else None
    if order is None:
        return render(request, _TEMPLATE, {"form": form, "summary": summary})
    messages.success(request, _done(order))
    return redirect("orders:detail", request.school.slug, order.number)


def _unjudged(form: ManualOrderForm) -> ManualOrderForm:
    """The form with what was typed and no errors: it is not finished yet."""
    form.errors.clear()
    return form


def _made(form: ManualOrderForm, actor: User) -> Order | None:
    """The order; None when a rule of the shop says no, which is then said on the form."""
    try:
        with transaction.atomic():
            return make_order(terms=form.terms(), actor=actor)
    except AlreadyOpen as error:
        form.asks_beside = True
        form.open_already = error.accesses
        form.add_error("choice", str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return None


def _done(order: Order) -> str:
    if order.total_minor:
        return _("The order waits to be paid: copy its pay link here and send it.")
    return _("The order is made and open.")
