"""Settings of a school."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from schools.access import requires
from schools.forms import SettingsForm
from schools.roles import Right
from schools.services.schools import change_school
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
    return render(request, "schools/settings.html", {"form": form, "address": site_url(request.school, "store")})
