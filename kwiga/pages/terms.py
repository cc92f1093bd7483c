"""Legal terms, open to everybody: the wording in force, and every wording there was (K37)."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kwiga.sites import site_path
from offers.models import TermsDocument, TermsVersion
from offers.selectors import footer_terms, text_of
from schools.tenancy.scope import current_school_id, in_scope

REMEMBERED_SECONDS = 15


@login_not_required
@require_safe
def terms(request: Any, token: str, number: int | None = None) -> HttpResponse:
    """A document in the reader's language where it has one; without a number, its newest wording."""
    document = TermsDocument.objects.filter(token=token).first()
    versions = list(document.versions.order_by("-number")) if document else []
    version = _chosen(versions, number)
    text = text_of(version, get_language() or "") if version else None
    if text is None:
        raise Http404
    context = {
        "document": document,
        "version": version,
        "text": text,
        "versions": versions,
        "newest": versions[0],
        "page_address": request.build_absolute_uri(site_path("terms", token)),
    }
    return render(request, "store/terms.html", context)


def _chosen(versions: list[TermsVersion], number: int | None) -> TermsVersion | None:
    if number is None:
        return versions[0] if versions else None
    return next((version for version in versions if version.number == number), None)


def footer(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the documents in the footer of a school's pages, read when a page shows it."""
    return {"footer_terms": SimpleLazyObject(lambda: _footer(request))}


def _footer(request: Any) -> list[dict[str, str]]:
    """Address and title of each document; remembered for a moment, because every page of a store asks."""
    if not getattr(request, "is_site", False) or not in_scope():
        return []
    language = get_language() or ""
    key = f"footer-terms:{current_school_id()}:{language}"
    links: list[dict[str, str]] | None = cache.get(key)
    if links is None:
        found = footer_terms(language)
        links = [{"url": site_path("terms", shown.document.token), "title": shown.text.title} for shown in found]
        cache.set(key, links, REMEMBERED_SECONDS)
    return links
