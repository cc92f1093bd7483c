"""One's own account, whatever school one works in."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kwiga.accounts import first_page
from kwiga.pages.errors import too_many_requests
from schools.services.people import rename_person


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        help_text=_("Colleagues see it in the team and in the activity; without one they see your email."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Any) -> HttpResponse:
    """Name, and the ways to email, password and language."""
    form = NameForm(request.POST or None, initial={"name": request.user.name})
    if request.method == "POST" and form.is_valid():
        rename_person(user=request.user, name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
        return redirect("account")
    return render(request, "pages/account.html", {"form": form, "back_url": first_page(request.user)})


def rate_limited(request: HttpRequest) -> HttpResponse:
    """Too many tries at signing in; allauth does not say for how long."""
    return too_many_requests(request, retry_after=60)
