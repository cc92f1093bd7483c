"""Between the schools: which of mine, or a new one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.sites import host_url, site_host
from schools.defaults import guess_place
from schools.forms import CreateSchoolForm
from schools.selectors import free_slug, schools_of, slug_problem
from schools.services.schools import create_school


@require_safe
def start(request: Any) -> HttpResponse:
    """The schools of the person who is signed in, with their role in each: the switcher."""
    return render(request, "schools/start.html", {"memberships": schools_of(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Any) -> HttpResponse:
    """Open a school; its owner lands on the list of what comes next."""
    form = CreateSchoolForm(request.POST) if request.method == "POST" else CreateSchoolForm(initial=_guesses(request))
    if request.method == "POST" and form.is_valid():
        try:
            school = create_school(owner=request.user, **form.facts())
        except DomainError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, _("%(name)s is open.") % {"name": school.name})
            return redirect("school_home", school.slug)
    return render(request, "schools/create.html", {"form": form, "base_address": _base_address()})


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: Any) -> HttpResponse:
    """Whether an address is free, while it is being typed: a fragment, or the whole form where there is no script.

    A name typed before any address of one's own brings a suggestion with it. Nothing is written, by POST neither: that
    is how a form without script asks, so that its token stays out of addresses.
    """
    asked = request.POST if request.method == "POST" else request.GET
    typed, suggested = asked.get("slug", "").strip().lower(), asked.get("suggested", "")
    if not typed or typed == suggested:
        typed = suggested = free_slug(asked.get("name", ""))
    form = CreateSchoolForm(initial=_guesses(request) | asked.dict() | {"slug": typed})
    context = {
        "form": form,
        "slug": typed,
        "suggested": suggested,
        "problem": slug_problem(typed) if typed else "",
        "site_address": host_url(site_host(typed), "/"),
        "base_address": _base_address(),
    }
    partial = "address-state" if request.htmx.target == "address-state" else "address"
    return render_partial(request, "schools/create.html", partial, context)


def _guesses(request: Any) -> dict[str, str]:
    language = get_language() or "en"
    place = guess_place(language=language, accept_language=request.headers.get("Accept-Language", ""))
    return {"currency": place.currency, "time_zone": place.time_zone, "language": language}


def _base_address() -> str:
    return host_url(site_host("your-school"), "/")
