"""Contacts as a file, streamed piece by piece, each piece in a scope of its own."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.exports import cells_of, fields_shown, head_of
from contacts.filters import ContactFilterForm
from contacts.finding import contacts_fitting
from contacts.models import Contact
from kwiga import clock, csv
from kwiga.paging import behind
from schools.access import requires
from schools.journal import record_event
from schools.models import School
from schools.roles import Right
from schools.tenancy.scope import school_scope

PIECE = 500


@requires(Right.EXPORT_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_export(request: Any) -> HttpResponseBase:
    """Every contact of the filtered screen, or (POST) those of it that were ticked. `?raw=1` is for machines."""
    said = request.POST if request.method == "POST" else request.GET
    form = ContactFilterForm(said)
    everything = request.method != "POST" or bool(said.get("everything"))
    ticked = [] if everything else said.getlist("contact")
    if not (everything or ticked):
        messages.warning(request, _("Choose contacts first."))
        return redirect(reverse("contacts:list", args=[request.school.slug]))
    wanted = form.wanted()

    def rows() -> QuerySet[Contact]:
        return contacts_fitting(wanted) if everything else Contact.objects.known().filter(token__in=ticked)

    if request.method != "HEAD":
        record_event("contact.downloaded", actor=request.user, data={"chosen": len(ticked)})
    raw = request.GET.get("raw") == "1"
    lines = _lines(request.school, rows, translation.get_language() or "en", raw=raw)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"{request.school.slug}-contacts-{timezone.localtime(clock.now()):%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response.tenant_safe = True  # type: ignore[attr-defined]
    return response


def _lines(school: School, rows: Callable[[], QuerySet[Contact]], language: str, *, raw: bool) -> Iterator[str]:
    """Head and rows, newest first. A slow reader holds no transaction: each piece begins behind the last row."""
    with school_scope(school), translation.override(language):
        fields = fields_shown()
        titles = head_of(fields, raw=raw)
    yield csv.head(titles, raw=raw)
    last: Contact | None = None
    while True:
        with school_scope(school), timezone.override(school.time_zone), translation.override(language):
            contacts = rows() if last is None else rows().filter(behind(last))
            shown = contacts.prefetch_related("values", "contact_tags__tag")
            found = list(shown.order_by("-created_at", "-id")[:PIECE])
            piece = "".join(csv.line_of(cells_of(contact, fields, raw=raw), raw=raw) for contact in found)
        yield piece
        if len(found) < PIECE:
            return
        last = found[-1]
