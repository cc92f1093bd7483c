"""Taking the demo's data away from a school that has it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from kwiga.demo.removal import remove_demo_data
from schools.access import requires
from schools.roles import Right
from schools.selectors import has_demo_data


@requires(Right.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def demo_data(request: Any) -> HttpResponse:
    """Ask once, then remove what seeding made."""
    if not has_demo_data():
        return redirect("schools:settings", request.school.slug)
    if request.method != "POST":
        return render(request, "pages/demo_data.html")
    removed = remove_demo_data(actor=request.user)
    gone = {"orders": removed.orders, "contacts": removed.contacts}
    messages.success(request, _("Gone: %(orders)d orders, %(contacts)d contacts, and what they had bought.") % gone)
    return redirect("schools:settings", request.school.slug)
