"""The list of coupons."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from coupons.forms.filters import CouponFilterForm
from coupons.selectors.lists import (
    COUNT_LIMIT,
    SEARCH_COUNT_LIMIT,
    coupon_with_code,
    coupons_matching,
    rows_of,
    shown_coupons,
    sorted_coupons,
)
from kwiga import clock
from kwiga.htmx import render_partial
from kwiga.paging import count_up_to, page_of
from schools.access import requires
from schools.roles import Right, allows


@requires(Right.VIEW_COUPONS)
@require_safe
def coupon_list(request: Any) -> HttpResponse:
    """Coupons, newest first unless another order is asked for; the address holds search, filters and order."""
    form, at = CouponFilterForm(request.GET), clock.now()
    wanted = form.wanted()
    coupons = coupons_matching(wanted, at)
    page = page_of(shown_coupons(sorted_coupons(coupons, form.order)), request, sort=form.order)
    exact = coupon_with_code(wanted.text) if wanted.text.strip() and not page.previous else None
    found = [exact, *(coupon for coupon in page.rows if coupon.pk != exact.pk)] if exact else page.rows
    context = {
        "form": form,
        "page": page,
        "rows": rows_of(found, at),
        "count": count_up_to(coupons, SEARCH_COUNT_LIMIT if wanted.text.strip() else COUNT_LIMIT),
        "now": at,
    }
    return render_partial(request, "coupons/coupon_list.html", "list", context | rights_of(request))


def rights_of(request: Any) -> dict[str, bool]:
    """What the page may offer to this member."""
    role = request.member.role
    return {
        "may_manage": allows(role, Right.MANAGE_COUPONS),
        "may_see_orders": allows(role, Right.VIEW_ORDERS),
        "may_see_contacts": allows(role, Right.VIEW_CONTACTS),
    }
