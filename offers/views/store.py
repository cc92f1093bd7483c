"""What buyers see on the school's own host."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kwiga.errors import Gone
from offers.models import Offer


@login_not_required
@require_safe
def store(request: Any) -> HttpResponse:
    """The school's front page: everything on sale."""
    return render(request, "offers/store.html", {"offers": Offer.objects.published().newest_first()[:60]})


@login_not_required
@require_safe
def public_offer(request: Any, token: str) -> HttpResponse:
    """The page of one offer at its public address; a code in `?coupon=` never hinders anybody."""
    offer = Offer.objects.filter(token=token).first()
    if offer is None:
        raise Http404
    if not offer.is_published:
        raise Gone
    return render(request, "offers/public_offer.html", {"offer": offer})
