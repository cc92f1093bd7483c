"""Which coupons count for an offer: those for all offers fixed, the others to tick, from the offer's side (K19)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from coupons.models import Coupon, CouponOffer
from coupons.selectors.lists import coupon_with_code, rows_of, shown_coupons
from coupons.services.coupons import link_offer
from kwiga import clock
from kwiga.errors import DomainError
from offers.models import Offer
from schools.access import requires
from schools.roles import Right, allows

SHOWN = 100


@requires(Right.VIEW_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_coupons(request: Any, token: str) -> HttpResponse:
    """See and, with the right to manage coupons, tick and untick; `?q=` finds one more by its code."""
    offer = get_object_or_404(Offer.objects, token=token)
    may_manage = allows(request.member.role, Right.MANAGE_COUPONS)
    if request.method == "POST" and may_manage and _save(request, offer):
        return redirect("offer_coupons", request.school.slug, token)
    at, typed = clock.now(), request.GET.get("q", "").replace("\0", "")[:100]
    linked = set(CouponOffer.objects.filter(offer=offer).values_list("coupon_id", flat=True))
    context = {
        "offer": offer,
        "fixed": rows_of(_live(for_all_offers=True)[:SHOWN], at),
        "chosen": rows_of(_choice(linked, typed), at),
        "linked": linked,
        "typed": typed,
        "may_manage": may_manage,
    }
    return render(request, "coupons/offer_coupons.html", context)


def _live(**narrowed: Any) -> Any:
    coupons = Coupon.objects.filter(archived_at=None, ended_at=None, **narrowed)
    return shown_coupons(coupons).order_by("-created_at", "-id")


def _choice(linked: set[int], typed: str) -> list[Coupon]:
    """Coupons for chosen offers: those linked, then the newest, and the one that was looked for."""
    found = coupon_with_code(typed) if typed.strip() else None
    first = list(_live(for_all_offers=False, pk__in=linked)[:SHOWN])
    rest = list(_live(for_all_offers=False).exclude(pk__in=linked)[: SHOWN - len(first)])
    known = {coupon.pk for coupon in [*first, *rest]}
    is_new = found and not found.for_all_offers and found.archived_at is None and found.pk not in known
    return [*([found] if is_new and found else []), *first, *rest]


def _save(request: Any, offer: Offer) -> bool:
    """Write what was ticked among the coupons that the page showed."""
    shown = Coupon.objects.filter(token__in=request.POST.getlist("shown"), for_all_offers=False)
    ticked = set(request.POST.getlist("coupon"))
    try:
        with transaction.atomic():
            for coupon in shown.order_by("pk"):
                link_offer(coupon=coupon, offer=offer, is_linked=coupon.token in ticked, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return True
    messages.success(request, _("Saved."))
    return True
