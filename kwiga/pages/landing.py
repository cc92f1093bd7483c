"""The front door of the platform."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


@login_not_required
def landing(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; people who are signed in go to their schools."""
    if request.user.is_authenticated:
        return redirect("schools:start")
    return render(request, "pages/landing.html")
