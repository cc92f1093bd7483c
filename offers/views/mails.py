"""The mails of an offer: standard, the school's own words, or none, each with a look at what is sent (K04)."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from offers import services
from offers.forms import MailForm, mail_forms
from offers.models import Offer, OfferMail
from offers.samples import preview_of, sample_facts
from offers.services import terms_in
from schools.access import requires
from schools.mail.letters import Letter
from schools.roles import Right

_TEMPLATE = "offers/offer_mails.html"


@requires(Right.MANAGE_OFFERS)
@require_http_methods(["GET", "HEAD", "POST"])
def offer_mails(request: Any, token: str) -> HttpResponse:
    """The three occasions with their texts."""
    offer = get_object_or_404(Offer.objects, token=token)
    forms = mail_forms(offer, request.POST if request.method == "POST" else None)
    # Each form is asked, so that each says what is wrong with it.
    answers = [form.is_valid() for form in forms]
    if request.method == "POST" and all(answers) and _saved(request, offer, forms):
        messages.success(request, _("Saved."))
        return redirect("offers:mails", request.school.slug, offer.token)
    letters = [_letter(request, offer, form) for form in forms]
    return render(request, _TEMPLATE, {"offer": offer, "mails": list(zip(forms, letters, strict=True))})


@requires(Right.MANAGE_OFFERS)
@require_POST
def mail_preview(request: Any, token: str, occasion: str) -> HttpResponse:
    """What is typed, as a mail to an invented buyer; the whole page for who has no JavaScript. Nothing is saved."""
    offer = get_object_or_404(Offer.objects, token=token)
    if occasion not in OfferMail.Occasion.values:
        raise Http404
    forms = mail_forms(offer, request.POST)
    mails = [(form, _letter(request, offer, form)) for form in forms]
    form, letter = next(pair for pair in mails if pair[0].occasion == occasion)
    context = {"offer": offer, "mails": mails, "form": form, "letter": letter}
    return render_partial(request, _TEMPLATE, "letter", context)


def _saved(request: Any, offer: Offer, forms: list[MailForm]) -> bool:
    terms = replace(terms_in(offer), mails=tuple(form.mail() for form in forms))
    try:
        services.change_offer(offer=offer, terms=terms, actor=request.user)
    except DomainError as error:
        forms[0].add_error(None, str(error))
        return False
    for warning in [text for form in forms for text in form.warnings]:
        messages.warning(request, warning)
    return True


def _letter(request: Any, offer: Offer, form: MailForm) -> Letter | None:
    """The mail as it would be sent with what the form says; None when there is none."""
    if form.is_bound:
        form.is_valid()
    said: Any = form.cleaned_data if form.is_bound else form.initial
    mail = OfferMail(occasion=form.occasion, **{name: said.get(name, "") for name in ("mode", "subject", "body")})
    language = offer.language or request.school.language
    return preview_of(request.school, offer, mail, sample_facts(request.school, offer, language), language)
