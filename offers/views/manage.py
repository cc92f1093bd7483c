"""Offers in the dashboard."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kwiga.errors import DomainError
from kwiga.paging import page_of
from offers import services
from offers.forms import OfferForm
from offers.models import Offer
from schools.access import requires
from schools.roles import Right, allows
from schools.sites import site_url


@requires(Right.VIEW_OFFERS)
@require_safe
def offer_list(request: Any) -> HttpResponse:
    """All offers, newest first; `?status=` narrows them."""
    status = request.GET.get("status", "")
    offers = Offer.objects.filter(status=status) if status in Offer.Status.values else Offer.objects.all()
    context = {"page": page_of(offers, request), "status": status, "statuses": Offer.Status.choices}
    return render(request, "offers/offer_list.html", context | _may_manage(request))


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request: Any) -> HttpResponse:
    form = OfferForm(request.POST or None, initial={"currency": request.school.currency})
    if request.method == "POST" and form.is_valid():
        offer = services.create_offer(terms=form.terms(), actor=request.user)
        messages.success(request, _("“%(title)s” is saved as a draft.") % {"title": offer.title})
        return redirect("offers:detail", request.school.slug, offer.token)
    return render(request, "offers/offer_form.html", {"form": form})


@requires(Right.VIEW_OFFERS)
@require_safe
def offer_detail(request: Any, token: str) -> HttpResponse:
    offer = get_object_or_404(Offer.objects, token=token)
    context = {"offer": offer, "address": site_url(request.school, "public_offer", offer.token)}
    return render(request, "offers/offer_detail.html", context | _may_manage(request))


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_edit(request: Any, token: str) -> HttpResponse:
    offer = get_object_or_404(Offer.objects, token=token)
    form = OfferForm(request.POST) if request.method == "POST" else OfferForm.of(offer)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_offer(offer=offer, terms=form.terms(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("offers:detail", request.school.slug, offer.token)
    return render(request, "offers/offer_form.html", {"form": form, "offer": offer})


def _move(verb: Callable[..., Offer], done: Any) -> Callable[..., HttpResponse]:
    """A view that makes one move of an offer and goes back to its page."""

    @requires(Right.MANAGE_OFFERS)
    @require_POST
    def view(request: Any, token: str) -> HttpResponse:
        offer = get_object_or_404(Offer.objects, token=token)
        try:
            verb(offer=offer, actor=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
        return redirect("offers:detail", request.school.slug, offer.token)

    return view


offer_publish = _move(services.publish_offer, _("The offer is on sale."))
offer_unpublish = _move(services.unpublish_offer, _("The offer is a draft again and off sale."))
offer_archive = _move(services.archive_offer, _("The offer is archived."))
offer_restore = _move(services.restore_offer, _("The offer is a draft again."))


def _may_manage(request: Any) -> dict[str, bool]:
    return {"may_manage": allows(request.member.role, Right.MANAGE_OFFERS)}
