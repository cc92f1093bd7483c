"""The form of an offer, with a look at it beside."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from kwiga import clock
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from offers import services
from offers.forms import OfferForm, initial_of, initial_of_new
from offers.models import Offer
from offers.publishing import guest_obstacle
from offers.selectors import categories
from offers.services import OfferTerms, terms_in
from offers.summary import sentences, titles_in
from offers.tree import ticked
from schools.access import requires
from schools.files import FileRefused, store_image
from schools.models import StoredFile
from schools.roles import Right

_TEMPLATE = "offers/offer_form.html"


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_new(request: Any) -> HttpResponse:
    form = _form(request, None)
    if request.method == "POST" and form.is_valid() and (offer := _saved(request, form, None)):
        messages.success(request, _("“%(title)s” is saved as a draft.") % {"title": offer.title})
        return redirect("offers:detail", request.school.slug, offer.token)
    return _page(request, form, None)


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_edit(request: Any, token: str) -> HttpResponse:
    offer = get_object_or_404(Offer.objects.select_related("cover"), token=token)
    form = _form(request, offer)
    if request.method == "POST" and form.is_valid() and _saved(request, form, offer):
        messages.success(request, _("Saved."))
        return redirect("offers:detail", request.school.slug, offer.token)
    return _page(request, form, offer)


@requires(Right.MANAGE_OFFERS)
@require_POST
def offer_preview(request: Any) -> HttpResponse:
    """The look beside the form of what is typed; the whole page for who has no JavaScript. Nothing is saved."""
    offer = Offer.objects.select_related("cover").filter(token=request.POST.get("offer", "")).first()
    return _page(request, _form(request, offer), offer)


def _form(request: Any, offer: Offer | None) -> OfferForm:
    initial = initial_of(terms_in(offer)) if offer else initial_of_new(request.school.currency)
    obstacle = guest_obstacle()
    if request.method == "POST":
        return OfferForm(request.POST, request.FILES, offer=offer, guest_obstacle=obstacle, initial=initial)
    return OfferForm(offer=offer, guest_obstacle=obstacle, initial=initial)


def _saved(request: Any, form: OfferForm, offer: Offer | None) -> Offer | None:
    """The offer as it was written; None when it was refused, and the form says why."""
    try:
        with transaction.atomic():
            saved = _write(request, form, offer)
    except FileRefused as error:
        form.add_error("cover", str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    else:
        for warning in form.warnings:
            messages.warning(request, warning)
        return saved
    return None


def _write(request: Any, form: OfferForm, offer: Offer | None) -> Offer:
    cover = _cover(form, offer)
    if offer is None:
        return services.create_offer(terms=form.terms(cover), actor=request.user)
    terms: OfferTerms = form.terms(cover, mails=terms_in(offer).mails)
    return services.change_offer(offer=offer, terms=terms, actor=request.user)


def _cover(form: OfferForm, offer: Offer | None) -> StoredFile | None:
    upload = form.cleaned_data.get("cover")
    if upload:
        return store_image(upload, name=upload.name)
    if offer is None or form.cleaned_data["removes_cover"]:
        return None
    return offer.cover


def _page(request: Any, form: OfferForm, offer: Offer | None) -> HttpResponse:
    shown, opens, must_accept = _look(form, offer)
    context = {
        "form": form,
        "offer": offer,
        "shown": shown,
        "sentences": sentences(shown, opens, must_accept),
        "opens": opens,
        "categories": categories(),
        "now": clock.now(),
    }
    return render_partial(request, _TEMPLATE, "look", context)


def _look(form: OfferForm, offer: Offer | None) -> tuple[Offer, list[str], list[str]]:
    """What the form says now: the offer, what it opens, and what buyers must accept."""
    said: Any = form.initial
    if form.is_bound:
        form.is_valid()
        said, shown = form.cleaned_data, form.draft()
        nodes = said.get("nodes", [])
    else:
        shown = offer or form.blank()
        nodes = [node for course in form.tree for node in ticked(course, form.chosen_keys)]
    required = [row.name for row in form.documents if said.get(f"document_{row.pk}") == "required"]
    return shown, titles_in(nodes, form.tree), required
