"""The pay page of an order, on the school's site. Whoever has the link may pay; nobody has to sign in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from kwiga import clock, limits
from kwiga.errors import DomainError
from orders.errors import CouponGone
from orders.links import order_of_token
from orders.models import Order, Payment
from orders.payments.page import PayPage, Stage, pay_page_of
from orders.payments.protocol import ProviderError
from orders.services import sessions
from orders.services.connections import origins_of
from schools.access import manages_scopes
from schools.tenancy.scope import school_scope

_GONE = {Stage.CANCELED, Stage.EXPIRED}
# A fresh payment is looked at often, one that takes its time now and then.
_FRESH_SECONDS, _OFTEN, _SELDOM = 120, 3, 20
_ASKED_TIMES, _ASKED_SECONDS = 20, 60


def _private(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The address is a secret: it is not to be kept, found, or told to other sites (T8).

    "no-referrer" would also take the origin off the forms of this very page, which the check of forms refuses.
    """

    @wraps(view)
    def answer(request: Any, token: str) -> HttpResponse:
        response = view(request, token)
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


@_private
@login_not_required
@manages_scopes
@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: Any, token: str) -> HttpResponse:
    """GET shows how the order stands and the ways to pay; POST of `method` sends the buyer to the provider."""
    if request.method == "POST":
        return _go(request, token)
    return _show(request, token)


@csrf_exempt
@_private
@login_not_required
@manages_scopes
@require_http_methods(["GET", "HEAD", "POST"])
def pay_return(request: Any, token: str) -> HttpResponse:
    """Where providers send buyers back, by link or by a form from their site. Proves nothing: the provider is asked."""
    order = _asked_about(request, token)
    # 303, so that a form's POST is not sent again with the reload.
    return HttpResponseRedirect(_address("pay_done" if order.is_settled else "pay", token), status=303)


def _asked_about(request: Any, token: str) -> Order:
    """The order as the provider says it is; as we know it when it was asked too often."""
    if limits.allow("pay-return", token, times=_ASKED_TIMES, seconds=_ASKED_SECONDS):
        try:
            return sessions.ask_provider(school=request.school, token=token)
        except sessions.NoSuchLink as error:
            raise Http404 from error
    with school_scope(request.school):
        return _order(token)


@_private
@login_not_required
@manages_scopes
@require_safe
def pay_done(request: Any, token: str) -> HttpResponse:
    """Thank you, once the order is paid; before that, back to paying."""
    with school_scope(request.school), timezone.override(request.school.time_zone):
        order = _order(token)
        if not order.is_settled:
            return HttpResponseRedirect(_address("pay", token))
        context = {
            "order": order,
            "offer": order.offer,
            "lines": list(order.lines.order_by("position")),
            "email_hint": _hint(order.buyer_email),
            "thank_you": ["store/_thank_you.html", "payments/_thank_you.html"],
        }
        return render(request, "payments/done.html", context)


def _go(request: Any, token: str) -> HttpResponse:
    method = request.POST.get("method", "")
    try:
        payment = sessions.go_to_provider(
            school=request.school, token=token, method=method, client=limits.client_key(request)
        )
    except sessions.NoSuchLink as error:
        raise Http404 from error
    except sessions.Blocked as error:
        return _show(request, token, problem=str(error), until=error.until, status=429)
    except DomainError as error:
        return _show(request, token, problem=str(error), coupon_is_gone=isinstance(error, CouponGone))
    except ProviderError:
        problem = _("The payment service does not answer just now. Nothing was charged. Try again in a minute.")
        return _show(request, token, problem=problem, status=503)
    entered_by_link = payment.session.get("url") and not payment.session.get("fields")
    if payment.state == Payment.State.CREATED and entered_by_link:
        return HttpResponseRedirect(payment.session["url"], status=303)
    return HttpResponseRedirect(_address("pay", token), status=303)


def _show(request: Any, token: str, status: int = 200, **context: Any) -> HttpResponse:
    with school_scope(request.school), timezone.override(request.school.time_zone):
        order = _order(token)
        page = pay_page_of(order, clock.now())
        if request.htmx:
            return _poll(request, token, page)
        if page.stage == Stage.PAID:
            return HttpResponseRedirect(_address("pay_done", token))
        shown = {"page": page, "order": order, "token": token, "pause": _pause(page), **context}
        response = render(request, "payments/pay.html", shown, status=410 if page.stage in _GONE else status)
        origins = origins_of(page.connections)
    policy: dict[str, Any] = dict(settings.SECURE_CSP)
    policy["form-action"] = [*policy["form-action"], *origins]
    return csp_override(policy)(lambda _request: response)(request)


def _poll(request: Any, token: str, page: PayPage) -> HttpResponse:
    """What a waiting page is told: wait on, or come and see."""
    if page.stage == Stage.WAITING:
        return render(request, "payments/pay.html#waiting", {"page": page, "token": token, "pause": _pause(page)})
    if page.stage == Stage.PAID:
        return HttpResponseClientRedirect(_address("pay_done", token))
    return HttpResponseClientRefresh()


def _order(token: str) -> Order:
    order = order_of_token(token)
    if order is None:
        raise Http404
    return order


def _pause(page: PayPage) -> int:
    age = (clock.now() - page.payment.created_at).total_seconds() if page.payment else 0
    return _OFTEN if age < _FRESH_SECONDS else _SELDOM


def _address(name: str, token: str) -> str:
    return reverse(name, urlconf=settings.SITE_URLCONF, args=[token])


def _hint(email: str) -> str:
    """Enough of an address to recognize one's own: "o…@example.test"."""
    name, _at, host = email.partition("@")
    return f"{name[:1]}…@{host}"
