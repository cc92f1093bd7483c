"""Import of contacts: upload, say what the columns are, see what would happen, start, and see how far it is."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from contacts.import_forms import ImportForm, MappingForm
from contacts.importing import Plan
from contacts.models import ContactImport, ContactImportLine
from contacts.services.imports import keep_import, rehearse, settle_import, start_import
from kwiga.htmx import render_partial
from schools.access import requires
from schools.imports import errors_file, progress_of
from schools.roles import Right

PREVIEWED = 20
ERRORS_SHOWN = 50
State = ContactImportLine.State


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: Any) -> HttpResponse:
    """Upload a file; nobody is made yet."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["file"].name
        kept = keep_import(table=form.table, file_name=name, actor=request.user)
        return redirect("contacts:import_detail", request.school.slug, kept.token)
    latest = ContactImport.objects.order_by("-created_at", "-id")[:10]
    return render(request, "contacts/import_new.html", {"form": form, "latest": latest})


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: Any, token: str) -> HttpResponse:
    """Before the start what the columns are and what would happen; then how far it is, and what came of it."""
    kept = get_object_or_404(ContactImport.objects, token=token)
    if kept.started_at:
        return _progress_page(request, kept)
    form = MappingForm(request.POST or None, kept=kept)
    if request.method == "POST" and form.is_valid():
        kept = settle_import(contact_import=kept, mapping=form.mapping, options=form.options)
        if request.POST.get("do") == "start":
            start_import(contact_import=kept, actor=request.user)
        return redirect("contacts:import_detail", request.school.slug, token)
    plans = rehearse(kept) if "email" in kept.mapping.values() else {}
    context = {"kept": kept, "form": form, "counts": _counts(plans), "bad": _bad(plans)}
    return render(request, "contacts/import_detail.html", context | _preview(kept, plans))


@requires(Right.MANAGE_CONTACTS)
@require_safe
def import_errors(request: Any, token: str) -> HttpResponse:
    """The lines that were refused, as a file to correct and import again; each ends with the reason."""
    kept = get_object_or_404(ContactImport.objects, token=token)
    refused = _lines(kept).filter(state=State.REFUSED).order_by("number")
    return errors_file(f"contacts-errors-{token}", kept.options.get("columns", []), refused.iterator())


def _progress_page(request: Any, kept: ContactImport) -> HttpResponse:
    lines = _lines(kept)
    refused = lines.filter(state=State.REFUSED).order_by("number")
    context = {"kept": kept, "progress": progress_of(kept, lines), "bad": list(refused[:ERRORS_SHOWN])}
    return render_partial(request, "contacts/import_progress.html", "progress", context)


def _lines(kept: ContactImport) -> Any:
    return ContactImportLine.objects.filter(contact_import=kept)


def _counts(plans: Mapping[int, Plan]) -> dict[str, int] | None:
    """How many lines would do what; None when the columns are not clear yet."""
    states = Counter(plan.state for plan in plans.values())
    if not plans:
        return None
    return {state: states[state] for state in (State.MADE, State.CHANGED, State.SAME, State.REFUSED)} | {
        "total": len(plans),
        "good": len(plans) - states[State.REFUSED],
    }


def _bad(plans: Mapping[int, Plan]) -> list[tuple[int, str]]:
    refused = [(number, plan.error) for number, plan in plans.items() if plan.state == State.REFUSED]
    return refused[:ERRORS_SHOWN]


def _preview(kept: ContactImport, plans: Mapping[int, Plan]) -> dict[str, Any]:
    columns = kept.options.get("columns", [])
    first = _lines(kept).order_by("number")[:PREVIEWED]
    rows = [(line.number, plans.get(line.number), [line.cells.get(name, "") for name in columns]) for line in first]
    return {"columns": columns, "preview": rows}
