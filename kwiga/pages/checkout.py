"""The page of an offer, which is the checkout as well: what you get, and what you pay."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST

from kwiga.errors import DomainError
from kwiga.pages.checkout_form import CheckoutForm
from kwiga.pages.checkout_refusals import show_refusal
from kwiga.pages.coupon_quote import has_seen_discount, is_about_code, typed_code
from kwiga.pages.fresh import fresh
from kwiga.pages.offer_page import Visit, visit_of
from kwiga.pages.order_again import said_before
from kwiga.pages.own_orders import remember_order
from kwiga.sites import site_path
from orders.errors import Reserved
from orders.selectors.quote import Availability, Quote
from orders.services.placing import Placed, place_order
from orders.services.reminding import mail_pay_link
from schools.access import manages_scopes
from schools.tenancy.scope import school_scope


@login_not_required
@manages_scopes
@fresh
@require_http_methods(["GET", "HEAD", "POST"])
def public_offer(request: Any, token: str) -> HttpResponse:
    """GET shows the offer; POST buys it, or shows the page again with what is in the way.

    A code in the link never hinders anybody.
    """
    if request.method != "POST":
        with _scope(request):
            visit = _found(request, token)
            return _page(request, visit, _form(visit, initial=said_before(request, visit.offer)))
    try:
        with _scope(request):
            visit = _found(request, token)
            answer = _buy(request, visit)
    except DomainError as error:
        return _refused(request, token, error)
    return answer


@login_not_required
@manages_scopes
@fresh
@require_POST
def offer_quote(request: Any, token: str) -> HttpResponse:
    """The summary alone, for htmx: what the offer costs with the code on the form."""
    with _scope(request):
        visit = _found(request, token)
        if not visit.can_buy:
            raise Http404
        return _rendered(request, visit, "store/_answer.html", _ways(request, visit))


@contextmanager
def _scope(request: Any) -> Iterator[None]:
    with school_scope(request.school), timezone.override(request.school.time_zone):
        yield


def _found(request: Any, token: str) -> Visit:
    visit = visit_of(request, token)
    if visit is None:
        raise Http404
    return visit


def _form(visit: Visit, data: Any = None, **options: Any) -> CheckoutForm:
    return CheckoutForm(data, offer=visit.offer, contact=visit.contact, terms=visit.terms, **options)


def _buy(request: Any, visit: Visit) -> HttpResponse:
    """Place the order and lead on, or answer the page when the buyer has to look at it first."""
    if visit.is_preview:
        return _page(request, visit, _form(visit))
    # Sold out or not, `place_order` decides: the form's own order may have the last seat.
    if visit.needs_sign_in:
        return HttpResponseRedirect(_ways(request, visit)["sign_in_address"])
    has_seen = has_seen_discount(request, visit.offer, visit.contact)
    if not has_seen and _wants_to_see_the_price(request, visit):
        return _page(request, visit, _form(visit, initial=request.POST.dict()))
    form = _form(visit, request.POST)
    if not form.is_valid():
        return _page(request, visit, form)
    code = typed_code(request) if has_seen else _code_to_use(request, visit)
    return _lead_on(request, place_order(checkout=form.checkout(request, language=visit.language, code=code)))


def _wants_to_see_the_price(request: Any, visit: Visit) -> bool:
    """Whether Apply or Remove was pressed, or a code lowers the price or was typed that the page has not shown yet.

    A code may begin to count with the email that was typed below it.
    """
    if is_about_code(request):
        return True
    code = typed_code(request)
    if not visit.takes_codes or not code:
        return False
    news = visit.quote.coupon is not None and not _was_shown(request, visit.quote)
    return news or request.POST.get("shown_code", code) != code


def _was_shown(request: Any, quote: Quote) -> bool:
    return request.POST.get("shown_total", "") == str(quote.total_minor)


def _code_to_use(request: Any, visit: Visit) -> str:
    """The code to buy with. One that is of no use is left out once its page has shown the full price (K31.2).

    Where the page showed a discount, `place_order` refuses the code and says why; or it finds the form's own order.
    """
    quote = visit.quote
    if quote.coupon is None and (visit.is_blocked or _was_shown(request, quote)):
        return ""
    return quote.code


def _lead_on(request: Any, placed: Placed) -> HttpResponse:
    """To the payment, or to the thanks when nothing is left to pay."""
    name = "pay_done" if placed.order.is_settled else "pay"
    response = HttpResponseRedirect(site_path(name, placed.pay_token))
    response.status_code = 303
    remember_order(request, response, placed.order.number)
    return response


def _refused(request: Any, token: str, error: DomainError) -> HttpResponse:
    """The page again, with what was typed, after the transaction of the order was given up."""
    if isinstance(error, Reserved):
        with _scope(request):
            mail_pay_link(order=error.order)
    with _scope(request):
        visit = _found(request, token)
        form = _form(visit, request.POST)
        return _page(request, visit, form, status=show_refusal(form, error))


def _page(request: Any, visit: Visit, form: CheckoutForm, status: int = 200) -> HttpResponse:
    page: dict[str, Any] = _ways(request, visit) | {"form": form}
    request.way_back = page["way_back"]
    if visit.quote.availability == Availability.ARCHIVED:
        return _rendered(request, visit, "store/closed_offer.html", page, status=410)
    page |= {
        "terms": [shown for shown in visit.terms if not shown.is_required],
        "page_address": request.build_absolute_uri(site_path("public_offer", visit.offer.token)),
    }
    return _rendered(request, visit, "store/offer.html", page, status=status)


def _rendered(request: Any, visit: Visit, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    shared = {"visit": visit, "offer": visit.offer, "quote": visit.quote}
    with translation.override(visit.language):
        response = render(request, template, shared | context, status=status)
    response.headers["Content-Language"] = visit.language
    return response


def _ways(request: Any, visit: Visit) -> dict[str, str]:
    """Where the page leads, each with the code that stands on it: so it outlives sign-in and a change of language."""
    bare = request.GET.copy()
    bare.pop("coupon", None)
    parameters = request.GET.copy() if visit.quote.code else bare.copy()
    if visit.quote.code:
        parameters["coupon"] = visit.quote.code
    page = site_path("public_offer", visit.offer.token)
    address = _with(page, parameters)
    ways = {
        "here": address,
        "quote_address": _with(site_path("offer_quote", visit.offer.token), parameters),
        "without_code": _with(page, bare),
        "sign_in_address": f"{site_path('sign_in')}?{urlencode({'next': address})}",
    }
    parameters["lang"] = visit.language
    return ways | {"way_back": _with(page, parameters)}


def _with(path: str, parameters: QueryDict) -> str:
    return f"{path}?{parameters.urlencode()}" if parameters else path
