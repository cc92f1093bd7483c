"""What is done to many coupons of the list at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from coupons.forms.filters import CouponFilterForm
from coupons.forms.moves import ExtensionForm
from coupons.models import Coupon
from coupons.selectors.lists import COUNT_LIMIT, coupons_matching
from coupons.services import batches
from coupons.status import Action
from kwiga import clock
from kwiga.paging import count_up_to
from schools.access import requires
from schools.roles import Right

ASKS = (Action.EXTEND, Action.ARCHIVE)


@requires(Right.MANAGE_COUPONS)
@require_POST
def bulk(request: Any) -> HttpResponse:
    """Pause, resume, extend or archive the ticked coupons, or all that fit; the last two ask first."""
    form, tokens = CouponFilterForm(request.POST), request.POST.getlist("coupon")
    everything, move = bool(request.POST.get("everything")), request.POST.get("do", "")
    back = reverse("coupons:list", args=[request.school.slug]) + form.address()
    if move not in batches.MOVES or not (everything or tokens):
        messages.warning(request, _("Choose coupons first."))
        return redirect(back)
    confirmed = bool(request.POST.get("confirm"))
    extension = ExtensionForm(request.POST if confirmed else None)
    if move in ASKS and not (confirmed and (move != Action.EXTEND or extension.is_valid())):
        coupons = (
            coupons_matching(form.wanted(), clock.now()) if everything else Coupon.objects.filter(token__in=tokens)
        )
        context = {
            "form": form,
            "tokens": [] if everything else tokens,
            "everything": everything,
            "move": move,
            "extension": extension,
            "count": count_up_to(coupons, COUNT_LIMIT),
            "back": back,
        }
        return render(request, "coupons/bulk.html", context)
    ends_at = extension.cleaned_data["ends_at"] if move == Action.EXTEND else None
    if everything:
        batches.move_matching(wanted=form.wanted(), move=Action(move), ends_at=ends_at, actor=request.user)
        messages.success(request, _("The coupons are being changed one by one; the list shows how far it is."))
    else:
        count = batches.move_coupons(
            coupons=Coupon.objects.filter(token__in=tokens).order_by("pk"),
            move=Action(move),
            ends_at=ends_at,
            actor=request.user,
        )
        messages.success(request, _told(count, asked=len(set(tokens))))
    return redirect(back)


def _told(count: int, *, asked: int) -> str:
    text = ngettext("%(count)d coupon is changed.", "%(count)d coupons are changed.", count) % {"count": count}
    return text if count == asked else text + " " + _("For the others it was not possible.")
