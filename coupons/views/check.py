"""Why does this code not work? Every rule for the team, with the facts behind it and the way to change it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from coupons.forms.check import CheckForm
from coupons.selectors.explaining import Explanation, explain_code
from coupons.selectors.lists import coupon_with_code
from coupons.staff_sentences import Finding, Fix
from coupons.status import Action, may
from coupons.views.manage import rights_of
from kwiga import clock
from kwiga.money import format_money
from offers.models import Offer
from schools.access import requires
from schools.roles import Right, allows


@requires(Right.VIEW_COUPONS)
@require_safe
def code_check(request: Any) -> HttpResponse:
    """Ask, and answer on the same page; `?code=` alone fills the form and answers for the first offer."""
    asked = request.GET.copy()
    if asked.get("code") and not asked.get("offer"):
        asked["offer"] = _first_offer(asked["code"])
    form = CheckForm(
        asked if asked.get("code") else None, initial={"offer": asked.get("offer", ""), "email": asked.get("email", "")}
    )
    context: dict[str, Any] = {"form": form, "zone": request.school.time_zone}
    if form.is_bound and form.is_valid() and (offer := form.chosen_offer):
        context |= _answer(request, form, offer)
    return render(request, "coupons/code_check.html", context | rights_of(request))


def _answer(request: Any, form: CheckForm, offer: Offer) -> dict[str, Any]:
    at = form.cleaned_data["at"] or clock.now()
    person, email = form.person, form.cleaned_data["email"]
    explained = explain_code(typed=form.cleaned_data["code"], offer=offer, contact=person, email=email, at=at)
    priced = explained.examined.priced
    return {
        "explained": explained,
        "offer": offer,
        "at": at,
        "person": person,
        "email": email,
        "before": format_money(offer.price_at(at), offer.currency),
        "after": format_money(priced.total_minor, offer.currency),
        "failed": [
            (finding, _fix_address(request, finding, explained, offer))
            for finding in explained.findings
            if not finding.passed
        ],
        "passed": [finding for finding in explained.findings if finding.passed],
    }


def _first_offer(code: str) -> str:
    """The offer to begin with: one that the coupon names, else the newest on sale."""
    coupon = coupon_with_code(code)
    if coupon and not coupon.for_all_offers:
        for link in coupon.coupon_offers.all():
            token: str = link.offer.token
            return token
    live = Offer.objects.exclude(status=Offer.Status.ARCHIVED).order_by("-status", "-created_at", "-id")
    newest: str | None = live.values_list("token", flat=True).first()
    return newest or ""


def _fix_address(request: Any, finding: Finding, explained: Explanation, offer: Offer) -> str:
    """Where the cause can be removed by this member; empty when they may not, or there is no such page."""
    slug, role, coupon = request.school.slug, request.member.role, explained.coupon
    if finding.fix == Fix.CODES:
        return reverse("coupons:list", args=[slug])
    if finding.fix == Fix.OFFER:
        is_allowed = allows(role, Right.MANAGE_OFFERS)
        return reverse("offers:edit", args=[slug, offer.token]) + "#section-price" if is_allowed else ""
    if finding.fix == Fix.ORDERS:
        query = urlencode(
            {"q": explained.examined.person.contact_id and request.GET.get("email", ""), "state": "pending"}
        )
        return reverse("orders:list", args=[slug]) + f"?{query}" if allows(role, Right.VIEW_ORDERS) else ""
    if coupon is None:
        return ""
    if finding.fix == Fix.LIST:
        if not (coupon.contact_list and allows(role, Right.MANAGE_CONTACTS)):
            return ""
        query = urlencode({"q": request.GET.get("email", "")})
        return reverse("contacts:lists_detail", args=[slug, coupon.contact_list.token]) + f"?{query}"
    if finding.fix is None or not allows(role, Right.MANAGE_COUPONS):
        return ""
    return _coupon_address(slug, finding.fix, coupon)


def _coupon_address(slug: str, fix: Fix, coupon: Any) -> str:
    at = clock.now()
    if fix == Fix.RESUME and may(coupon, Action.RESUME, at):
        return reverse("coupons:move", args=[slug, coupon.token, "resume"])
    if fix == Fix.EXTEND and may(coupon, Action.EXTEND, at):
        return reverse("coupons:move", args=[slug, coupon.token, "extend"])
    if may(coupon, Action.CHANGE, at):
        return reverse("coupons:edit", args=[slug, coupon.token])
    return reverse("coupons:detail", args=[slug, coupon.token])
