"""The list of automations, the gallery of recipes, and what a member may do with them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from automations.forms.automation import AutomationFilterForm, NewForm
from automations.recipes import recipe_of, recipes
from automations.selectors.listing import AutomationFilter, automations_matching, rows_of
from automations.services.writing import create_automation
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import page_of
from schools.access import requires
from schools.roles import Right, allows


@requires(Right.VIEW_AUTOMATIONS)
@require_safe
def automation_list(request: Any) -> HttpResponse:
    """Automations, newest first; the address holds search and filters."""
    form = AutomationFilterForm(request.GET)
    wanted = {"text" if name == "q" else name: value for name, value in form.values.items()}
    page = page_of(automations_matching(AutomationFilter(**wanted)), request)
    context = {"form": form, "page": page, "rows": rows_of(page.rows)}
    return render_partial(request, "automations/automation_list.html", "list", context | rights_of(request))


@requires(Right.MANAGE_AUTOMATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def automation_new(request: Any) -> HttpResponse:
    """The gallery: begin with a recipe, or with nothing."""
    chosen = recipe_of((request.POST or request.GET).get("recipe", ""))
    posted = request.POST if request.method == "POST" else None
    form = NewForm(posted, initial={"recipe": chosen.key, "name": chosen.title} if chosen else None)
    if request.method == "POST" and form.is_valid():
        try:
            automation = create_automation(
                name=form.cleaned_data["name"], actor=request.user, recipe=chosen.facts() if chosen else None
            )
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The draft is there. Nothing happens before you switch it on."))
            return redirect("automations:edit", request.school.slug, automation.token)
    return render(request, "automations/gallery.html", {"form": form, "recipes": recipes(), "chosen": chosen})


def rights_of(request: Any) -> dict[str, bool]:
    """What the page may offer to this member."""
    role = request.member.role
    return {
        "may_manage": allows(role, Right.MANAGE_AUTOMATIONS),
        "may_see_contacts": allows(role, Right.VIEW_CONTACTS),
        "may_see_coupons": allows(role, Right.VIEW_COUPONS),
        "may_see_orders": allows(role, Right.VIEW_ORDERS),
        "may_connect": allows(role, Right.MANAGE_CONNECTIONS),
    }
