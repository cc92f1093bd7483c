"""Settings of a school."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kwiga import clock
from kwiga.errors import DomainError
from schools.access import asks_again, requires
from schools.forms import AddressForm, SendingForm, SettingsForm
from schools.roles import Right
from schools.selectors import has_demo_data, has_orders
from schools.services.schools import change_school, move_school
from schools.sites import site_url


@requires(Right.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def school_settings(request: Any) -> HttpResponse:
    """The facts about a school that its pages, mails and prices need."""
    form = SettingsForm(request.POST or None, school=request.school)
    if request.method == "POST" and form.is_valid():
        change_school(school=request.school, facts=form.facts(), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("schools:settings", request.school.slug)
    context = {
        "form": form,
        "address": site_url(request.school, "store"),
        "has_orders": has_orders(),
        "has_demo_data": has_demo_data(),
    }
    return render(request, "schools/settings.html", context)


@requires(Right.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def sending(request: Any) -> HttpResponse:
    """At what hours and how much news go out."""
    form = SendingForm(request.POST or None, school=request.school)
    if request.method == "POST" and form.is_valid():
        change_school(school=request.school, facts=form.facts(), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("schools:sending", request.school.slug)
    return render(request, "schools/settings_sending.html", {"form": form, "now": clock.now()})


@requires(Right.MANAGE_SETTINGS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def school_address(request: Any) -> HttpResponse:
    """Another address for the school, said to matter before it is taken."""
    form = AddressForm(request.POST or None, school=request.school)
    if request.method == "POST" and form.is_valid():
        try:
            school = move_school(school=request.school, slug=form.cleaned_data["slug"], actor=request.user)
        except DomainError as error:
            form.add_error("slug", str(error))
        else:
            messages.success(request, _("The address is changed. The old one leads visitors to the new one."))
            return redirect("schools:settings", school.slug)
    return render(
        request, "schools/settings_address.html", {"form": form, "address": site_url(request.school, "store")}
    )
