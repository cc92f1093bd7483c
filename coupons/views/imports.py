"""Import of coupons: upload, look at it, start, and see how far it is."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from coupons.forms.imports import ImportForm
from coupons.importing import READ
from coupons.models import CouponImport, CouponImportLine
from coupons.services.imports import keep_import, start_import
from kwiga.htmx import render_partial
from schools.access import requires
from schools.imports import errors_file, progress_of
from schools.roles import Right

PREVIEWED = 20
ERRORS_SHOWN = 50


@requires(Right.MANAGE_COUPONS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: Any) -> HttpResponse:
    """Upload a file; nothing is made yet."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["file"].name
        kept = keep_import(lines=form.lines, file_name=name, actor=request.user)
        return redirect("coupons:import_detail", request.school.slug, kept.token)
    latest = CouponImport.objects.order_by("-created_at", "-id")[:10]
    return render(request, "coupons/import_new.html", {"form": form, "latest": latest, "columns": READ})


@requires(Right.MANAGE_COUPONS)
@require_safe
def import_detail(request: Any, token: str) -> HttpResponse:
    """Before the start what the file says; then how far it is, and what came of it."""
    kept = get_object_or_404(CouponImport.objects, token=token)
    lines = CouponImportLine.objects.filter(coupon_import=kept)
    bad = lines.exclude(error="").order_by("number")
    context = {
        "kept": kept,
        "columns": READ,
        "progress": progress_of(kept, lines),
        "preview": [[line.number, line.error, [line.cells.get(name, "") for name in READ]] for line in _first(lines)],
        "bad": list(bad[:ERRORS_SHOWN]),
    }
    return render_partial(request, "coupons/import_detail.html", "progress", context)


@requires(Right.MANAGE_COUPONS)
@require_POST
def import_start(request: Any, token: str) -> HttpResponse:
    """Have the coupons made."""
    start_import(coupon_import=get_object_or_404(CouponImport.objects, token=token), actor=request.user)
    return redirect("coupons:import_detail", request.school.slug, token)


@requires(Right.MANAGE_COUPONS)
@require_safe
def import_errors(request: Any, token: str) -> HttpResponse:
    """The lines that were refused, as a file to correct and import again; it ends with the reason."""
    kept = get_object_or_404(CouponImport.objects, token=token)
    bad = CouponImportLine.objects.filter(coupon_import=kept).exclude(error="").order_by("number")
    return errors_file(f"coupons-errors-{token}", READ, bad.iterator())


def _first(lines: Any) -> list[CouponImportLine]:
    return list(lines.order_by("number")[:PREVIEWED])
