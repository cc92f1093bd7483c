"""Buttons on an offer: on sale and off, away and back, a copy, and gone."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from kwiga.errors import DomainError
from offers import services
from offers.models import Offer
from offers.services import NotReady
from schools.access import requires
from schools.roles import Right


def _move(verb: Callable[..., Offer], done: Any) -> Callable[..., HttpResponse]:
    """A view that makes one move of an offer and goes back to its page."""

    @requires(Right.MANAGE_OFFERS)
    @require_POST
    def view(request: Any, token: str) -> HttpResponse:
        offer = get_object_or_404(Offer.objects, token=token)
        try:
            verb(offer=offer, actor=request.user)
        except NotReady:
            messages.error(request, _("The offer cannot go on sale yet. See below what is missing."))
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


@requires(Right.MANAGE_OFFERS)
@require_POST
def offer_copy(request: Any, token: str) -> HttpResponse:
    offer = get_object_or_404(Offer.objects, token=token)
    fresh = services.copy_offer(offer=offer, actor=request.user)
    messages.success(request, _("This is the copy: a draft with an address of its own and no promo price."))
    return redirect("offers:edit", request.school.slug, fresh.token)


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_delete(request: Any, token: str) -> HttpResponse:
    """Ask first, then delete."""
    offer = get_object_or_404(Offer.objects, token=token)
    if request.method != "POST":
        return render(request, "offers/offer_deletion.html", {"offer": offer})
    try:
        services.delete_offer(offer=offer, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("offers:detail", request.school.slug, offer.token)
    messages.success(request, _("“%(title)s” is deleted.") % {"title": offer.title})
    return redirect("offers:list", request.school.slug)
