"""Files that everybody may see: covers and logos."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from schools.access import manages_scopes
from schools.files import public_file, public_response, school_id_of
from schools.tenancy.scope import school_scope


@login_not_required
@manages_scopes
@require_safe
def serve_public_file(request: Any, address: str) -> HttpResponse:
    """A public file on the dashboard's host, and on the host of its own school."""
    school_id = school_id_of(address)
    if school_id is None or (request.is_site and request.school.pk != school_id):
        raise Http404
    with school_scope(school_id):
        stored = public_file(address)
    if stored is None:
        raise Http404
    return public_response(stored)
