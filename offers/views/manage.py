"""Offers in the dashboard: the list and the page of one."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from kwiga import clock
from kwiga.paging import page_of
from offers.models import Offer
from offers.previews import preview_url
from offers.publishing import problems_of
from offers.selectors import categories, questions_of, terms_of
from offers.summary import sentences, titles_of
from schools import search
from schools.access import requires
from schools.roles import Right, allows
from schools.sites import site_url


@requires(Right.VIEW_OFFERS)
@require_safe
def offer_list(request: Any) -> HttpResponse:
    """All offers, newest first; `?status=`, `?category=` and `?q=` narrow them."""
    asked = {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("status", "category", "q")}
    context = {
        "page": page_of(_narrowed(asked), request),
        "asked": asked,
        "is_narrowed": any(asked.values()),
        "statuses": Offer.Status.choices,
        "categories": categories(),
        "now": clock.now(),
    }
    return render(request, "offers/offer_list.html", context | may_manage(request))


def _narrowed(asked: dict[str, str]) -> QuerySet[Offer]:
    offers = Offer.objects.defer("description")
    if asked["status"] in Offer.Status.values:
        offers = offers.filter(status=asked["status"])
    if asked["category"]:
        offers = offers.filter(category=asked["category"])
    return search.matching(offers, "offer", asked["q"])


@requires(Right.VIEW_OFFERS)
@require_safe
def offer_detail(request: Any, token: str) -> HttpResponse:
    """What the offer says and where people find it; while it is a draft, what is missing."""
    offer = get_object_or_404(Offer.objects.select_related("cover"), token=token)
    offer.school = request.school
    terms = terms_of(offer, request.school.language)
    is_draft = offer.status == Offer.Status.DRAFT
    context = {
        "offer": offer,
        "address": site_url(request.school, "public_offer", offer.token),
        "preview": preview_url(request.school, offer) if is_draft else "",
        "problems": problems_of(offer) if is_draft else [],
        "sentences": sentences(offer, titles_of(offer), [shown.text.title for shown in terms if shown.is_required]),
        "terms": terms,
        "questions": questions_of(offer),
        "mails": offer.mails.exclude(mode="standard").order_by("id"),
        "now": clock.now(),
    }
    return render(request, "offers/offer_detail.html", context | may_manage(request))


def may_manage(request: HttpRequest) -> dict[str, bool]:
    """For templates: whether this member may change offers."""
    return {"may_manage": allows(request.member.role, Right.MANAGE_OFFERS)}  # type: ignore[attr-defined]
