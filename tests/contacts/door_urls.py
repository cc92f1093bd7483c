"""A school's site with closed views more, for the tests of the doors."""

from typing import Any

from django.http import HttpResponse
from django.urls import path

from contacts.sessions import signed_in_contact
from kwiga import urls_site
from schools.access import manages_scopes
from schools.tenancy.scope import in_scope, school_scope


@manages_scopes
def own_scopes(request: Any) -> HttpResponse:
    """A closed view that opens its own scopes."""
    assert not in_scope()
    with school_scope(request.school):
        contact = signed_in_contact(request)
    return HttpResponse(str(contact))


urlpatterns = [*urls_site.urlpatterns, path("own-scopes/", own_scopes, name="own_scopes")]
