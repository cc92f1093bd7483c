"""The form of a coupon, with a look at what it does beside."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import Contact, ContactList
from contacts.selectors import contacts_matching
from contacts.services.lists import ListNameTaken, create_list
from coupons.codes import CodeRefused, code_key, suggest_code
from coupons.forms.coupon import FIELD_OF, CouponForm
from coupons.forms.initial import initial_of, initial_of_new
from coupons.models import Coupon, CouponCode
from coupons.services import coupons as services
from coupons.services.errors import CodeTaken, CouponError, TermsLocked
from coupons.summary import OFFERS_PRICED, priced_offers, sentences, warnings
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from offers.models import Offer
from schools.access import requires
from schools.roles import Right

_TEMPLATE = "coupons/coupon_form.html"
PEOPLE_SHOWN = 10


@requires(Right.MANAGE_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon_new(request: Any) -> HttpResponse:
    """Create a coupon; live on saving unless saved as a draft."""
    form = _form(request, None)
    if request.method == "POST" and form.is_valid() and (coupon := _saved(request, form, None)):
        saved = _("The coupon is saved as a draft.") if coupon.is_draft else _("The coupon is created.")
        messages.success(request, saved)
        return redirect("coupons:detail", request.school.slug, coupon.token)
    return _page(request, form, None)


@requires(Right.MANAGE_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def coupon_edit(request: Any, token: str) -> HttpResponse:
    """Change a coupon; what a used one gave is locked."""
    coupon = _found(token)
    form = _form(request, coupon)
    if request.method == "POST" and form.is_valid() and _saved(request, form, coupon):
        messages.success(request, _("Saved."))
        return redirect("coupons:detail", request.school.slug, coupon.token)
    return _page(request, form, coupon)


@requires(Right.MANAGE_COUPONS)
@require_POST
def coupon_look(request: Any) -> HttpResponse:
    """What the form says so far, beside it; the whole page for who has no JavaScript. Nothing is saved."""
    coupon = Coupon.objects.filter(token=request.POST.get("coupon", "")).first()
    return _page(request, _form(request, coupon), coupon)


@requires(Right.MANAGE_COUPONS)
@require_safe
def code_state(request: Any) -> HttpResponse:
    """Whether a code is free, in a sentence beside its field; `?another=1` suggests a fresh one."""
    typed, own = request.GET.get("code", ""), request.GET.get("coupon", "")
    is_another = bool(request.GET.get("another"))
    form = CouponForm(initial={"code": suggest_code() if is_another else typed})
    state = _code_state("" if is_another else typed, own)
    part = f"{_TEMPLATE}#code" if is_another else "coupons/_code_state.html"
    return render(request, part, {"form": form, "state": state})


@requires(Right.MANAGE_COUPONS)
@require_safe
def people(request: Any) -> HttpResponse:
    """People who fit what was typed, as suggestions of the browser."""
    typed = request.GET.get("contact", "").replace("\0", "")[:200]
    found: list[Contact] = []
    if typed.strip():
        found = list(contacts_matching(typed, {}).order_by("-created_at", "-id")[:PEOPLE_SHOWN])
    return render(request, "coupons/_people.html", {"people": found})


def _found(token: str) -> Coupon:
    return get_object_or_404(Coupon.objects.select_related("contact", "contact_list"), token=token)


def _form(request: Any, coupon: Coupon | None) -> CouponForm:
    if coupon:
        initial = initial_of(coupon, services.terms_in(coupon))
    else:
        initial = initial_of_new(suggest_code(), request.school.currency)
        initial |= _asked(request)
    return CouponForm(request.POST if request.method == "POST" else None, coupon=coupon, initial=initial)


def _asked(request: Any) -> dict[str, Any]:
    """What a link to the form asks for: a person, a list or an offer."""
    asked: dict[str, Any] = {}
    if person := Contact.objects.filter(token=request.GET.get("contact", "")).first():
        asked |= {"audience": Coupon.Audience.CONTACT, "contact": person.email}
    if offer := Offer.objects.filter(token=request.GET.get("offer", "")).first():
        asked |= {"reach": "chosen", "offers": [offer.token]}
    return asked


def _saved(request: Any, form: CouponForm, coupon: Coupon | None) -> Coupon | None:
    """The coupon as it was written; None when it was refused, and the form says why."""
    try:
        with transaction.atomic():
            return _write(request, form, coupon)
    except ListNameTaken as error:
        form.add_error("new_list", str(error))
    except CodeTaken as error:
        form.add_error("code", str(error))
    except TermsLocked as error:
        form.add_error(None, str(error))
    except CouponError as error:
        form.add_error(FIELD_OF.get(getattr(error, "field", "")), str(error))
    except DomainError as error:
        form.add_error(None, str(error))
    return None


def _write(request: Any, form: CouponForm, coupon: Coupon | None) -> Coupon:
    data = form.cleaned_data
    group: ContactList | None = None
    if data["audience"] == Coupon.Audience.LIST and data["new_list"].strip():
        group = create_list(name=data["new_list"], actor=request.user)
    terms = form.terms(new_list=group, is_draft=request.POST.get("save") == "draft")
    if coupon is None:
        return services.create_coupon(terms=terms, actor=request.user)
    return services.change_coupon(coupon=coupon, terms=terms, actor=request.user)


def _page(request: Any, form: CouponForm, coupon: Coupon | None) -> HttpResponse:
    typed = str(form["code"].value() or "")
    context = {
        "form": form,
        "coupon": coupon,
        "state": _code_state(typed, coupon.token if coupon else ""),
        "zone": request.school.time_zone,
        **_look(form),
    }
    return render_partial(request, _TEMPLATE, "look", context)


def _look(form: CouponForm) -> dict[str, Any]:
    """What the form says: sentences, prices before and after, and warnings; empty until it has a size."""
    if not form.is_bound:
        form = CouponForm(_as_typed(form), coupon=form.coupon, initial=form.initial)
    form.is_valid()
    data, at = form.cleaned_data, clock.now()
    if data.get("percent_bp") is None and data.get("amount_minor") is None:
        return {"sentences": [], "priced": [], "warnings": [], "more": 0}
    data.setdefault("code", "")
    data.setdefault("audience", Coupon.Audience.EVERYONE)
    terms = form.terms()
    offers = (
        form.chosen_offers if not terms.for_all_offers else [each for each in form.known_offers if each.allows_coupons]
    )
    offers = [each for each in offers if each.price_minor]
    priced = priced_offers(terms, offers[:OFFERS_PRICED], at)
    person, group = data.get("person"), data.get("group")
    said = sentences(
        terms,
        offers=offers,
        person=str(person or data.get("contact", "")),
        group=data.get("new_list", "").strip() or (group.name if group else ""),
    )
    return {
        "sentences": said,
        "priced": priced,
        "warnings": warnings(terms, priced, at),
        "more": max(0, len(offers) - OFFERS_PRICED),
    }


def _as_typed(form: CouponForm) -> dict[str, Any]:
    """The first values of a form as if they had been sent."""
    typed: dict[str, Any] = {}
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        parts = field.widget.decompress(value) if hasattr(field.widget, "decompress") else None
        if parts is None:
            typed[name] = value if value is not None else ""
        else:
            typed |= {f"{name}_day": parts[0] or "", f"{name}_time": parts[1] or ""}
    return typed


def _code_state(typed: str, own_token: str) -> dict[str, Any]:
    """What is to be said about a code: nothing, that it is refused and why, free, or whose it is."""
    if not typed.strip():
        return {}
    try:
        key = code_key(typed)
    except CodeRefused as error:
        return {"error": str(error)}
    owner = CouponCode.objects.filter(code_key=key).exclude(coupon__token=own_token).select_related("coupon").first()
    return {"owner": owner.coupon, "key": key} if owner else {"free": True, "key": key}
