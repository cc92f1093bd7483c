"""The front page of a school's site: everything on sale, to look through and to search."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kwiga import clock
from kwiga.pages.carried import carried_query
from kwiga.pages.catalogue import Catalogue, catalogue
from kwiga.pages.fresh import fresh
from kwiga.pages.link_codes import link_code
from kwiga.sites import site_path

_LONGEST_SEARCH = 100


@login_not_required
@fresh
@require_safe
def store(request: Any) -> HttpResponse:
    """Cards of what is listed (K36); `?q=` searches, `?category=` narrows, `?page=` turns the page."""
    context = {"page_address": request.build_absolute_uri(site_path("store")), "carried": carried_query(request)}
    if not request.school.store_is_open:
        return render(request, "store/store_closed.html", context)
    text = request.GET.get("q", "")[:_LONGEST_SEARCH].strip()
    category = request.GET.get("category", "")
    now = clock.now()
    shown = catalogue(
        at=now,
        contact=request.contact,
        text=text,
        category=category,
        page=_number(request.GET.get("page", "")),
        code_for=lambda offers: link_code(request, request.contact, offers, "store", now),
    )
    context |= {"store": shown, "text": text, "category": category, "chips": _chips(request, shown, category)}
    return render(request, "store/store.html", context | _pages(request, shown))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 7 else 1


def _chips(request: Any, shown: Catalogue, category: str) -> list[dict[str, Any]]:
    """The categories as links; none when there is nothing to choose from."""
    if len(shown.categories) < 2 and not category:
        return []
    names = ["", *shown.categories]
    return [{"name": name, "url": _with(request, category=name), "current": name == category} for name in names]


def _pages(request: Any, shown: Catalogue) -> dict[str, str]:
    return {
        "previous": _with(request, page=shown.page - 1) if shown.page > 1 else "",
        "next": _with(request, page=shown.page + 1) if shown.page < shown.pages else "",
    }


def _with(request: Any, **changes: object) -> str:
    """This page with other parameters; a new category begins at its first page."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = str(value)
        if not value:
            del query[name]
    return f"?{query.urlencode()}"
