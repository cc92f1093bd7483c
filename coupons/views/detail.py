"""The page of one coupon: facts, links to share, uses, history."""

from typing import Any

from babel.dates import format_date
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, to_locale
from django.views.decorators.http import require_safe

from coupons.models import Coupon, CouponOffer
from coupons.selectors.lists import code_of, rows_of, shown_coupons
from coupons.selectors.redemptions import given_by, redemptions_of, uses_by_day
from coupons.services.terms import terms_in
from coupons.sharing import coupon_link, qr_png, qr_svg
from coupons.summary import priced_offers, sentences, warnings
from coupons.views.manage import rights_of
from kwiga import clock
from kwiga.charts import Point, chart
from kwiga.money import format_money
from kwiga.paging import page_of
from offers.models import Offer
from schools.access import requires
from schools.activity import entries_of
from schools.models import Event
from schools.roles import Right

USES_SHOWN = 20
HISTORY_SHOWN = 20
LINKS_SHOWN = 50


@requires(Right.VIEW_COUPONS)
@require_safe
def coupon_detail(request: Any, token: str) -> HttpResponse:
    """Everything about one coupon."""
    coupon = get_object_or_404(shown_coupons(Coupon.objects.all()), token=token)
    at, code = clock.now(), code_of(coupon)
    row = rows_of([coupon], at)[0]
    offers = offers_of(coupon)
    shared = _shared(offers, request.GET.get("offer", ""))
    terms = terms_in(coupon)
    priced = priced_offers(terms, [offer for offer in offers if offer.price_minor], at)
    history = list(_history(coupon)[: HISTORY_SHOWN + 1])
    context = {
        "coupon": coupon,
        "code": code,
        "row": row,
        "status": row.status,
        "now": at,
        "sentences": sentences(
            terms, offers=offers, person=str(coupon.contact or ""), group=str(coupon.contact_list or "")
        ),
        "warnings": warnings(terms, priced, at) if row.status in ("draft", "scheduled", "active", "paused") else [],
        "links": [(offer, coupon_link(request.school, offer, code)) for offer in offers],
        "shared": shared,
        "shared_link": coupon_link(request.school, shared, code) if shared else "",
        "qr": qr_svg(coupon_link(request.school, shared, code), code) if shared else "",
        "page": page_of(redemptions_of(coupon), request, USES_SHOWN),
        "given": [(format_money(each.amount_minor, each.currency), each.times) for each in given_by(coupon)],
        "chart": _chart(coupon, at) if row.uses.confirmed else None,
        "entries": entries_of(request.school, history[:HISTORY_SHOWN]),
        "has_more": len(history) > HISTORY_SHOWN,
    }
    return render(request, "coupons/coupon_detail.html", context | rights_of(request))


@requires(Right.VIEW_COUPONS)
@require_safe
def coupon_qr(request: Any, token: str, offer: str) -> HttpResponse:
    """The QR code of the coupon's link to one offer, to download: PNG, or `?kind=svg`."""
    coupon = get_object_or_404(shown_coupons(Coupon.objects.all()), token=token)
    link = coupon_link(request.school, get_object_or_404(Offer.objects, token=offer), code_of(coupon))
    if request.GET.get("kind") == "svg":
        head = '<?xml version="1.0" encoding="utf-8"?>\n'
        svg = qr_svg(link, code_of(coupon)).replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        response = HttpResponse(head + svg, content_type="image/svg+xml")
        suffix = "svg"
    else:
        response = HttpResponse(qr_png(link), content_type="image/png")
        suffix = "png"
    response["Content-Disposition"] = f'attachment; filename="coupon-{token}-{offer}.{suffix}"'
    return response


def offers_of(coupon: Coupon) -> list[Offer]:
    """Offers that the coupon counts for and that can be shared, those on sale first."""
    live = Offer.objects.exclude(status=Offer.Status.ARCHIVED).filter(allows_coupons=True).defer("description")
    if not coupon.for_all_offers:
        live = live.filter(pk__in=CouponOffer.objects.filter(coupon=coupon).values("offer_id"))
    return list(live.order_by("-status", "-created_at", "-id")[:LINKS_SHOWN])


def _shared(offers: list[Offer], token: str) -> Offer | None:
    return next((offer for offer in offers if offer.token == token), offers[0] if offers else None)


def _history(coupon: Coupon) -> Any:
    about = Event.objects.filter(subject_kind="coupon", subject_id=coupon.pk)
    return about.select_related("actor").order_by("-created_at", "-id")


def _chart(coupon: Coupon, at: Any) -> Any:
    locale = to_locale(get_language() or "en")
    days = uses_by_day(coupon, at)
    return chart([Point(format_date(day, "MMM d", locale=locale), times, str(times)) for day, times in days])
