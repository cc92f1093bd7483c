"""The front door of the platform."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kwiga.accounts import first_page
from kwiga.money import format_money


@login_not_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; people who are signed in go to their schools."""
    if request.user.is_authenticated:
        return redirect(first_page(request.user))
    return render(request, "pages/landing.html", {"price": format_money(120_000, "UAH")})
