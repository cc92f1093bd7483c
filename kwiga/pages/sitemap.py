"""What search engines may find of a school: what everybody sees in its store, and nothing else."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.models import Course
from kwiga import clock
from kwiga.sites import host_url, site_path
from offers.models import Offer, OfferItem, TermsDocument
from schools.sites import primary_host, site_url

# A sitemap holds 50 000 addresses at most.
_MOST = 20_000

Place = tuple[str, datetime | None]


@login_not_required
@require_safe
def sitemap(request: Any) -> HttpResponse:
    """Listed offers, courses that a listed offer opens, and legal terms of the footer (K36)."""
    host = primary_host(request.school)
    places = [(host_url(host, path), changed) for path, changed in _places(request.school.store_is_open)]
    return render(request, "store/sitemap.xml", {"places": places}, content_type="application/xml")


@login_not_required
@require_safe
def robots(request: Any) -> HttpResponse:
    """Where search engines have nothing to look for, and where the sitemap is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/pay/", "/me/", "/learn/", "/sign-in/"))]
    lines.append(f"Sitemap: {site_url(request.school, 'sitemap')}")
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _places(store_is_open: bool) -> Iterator[Place]:
    yield site_path("store"), None
    if store_is_open:
        yield from _on_sale(clock.now())
    for document in TermsDocument.objects.filter(
        is_in_footer=True, archived_at=None, versions__isnull=False
    ).distinct():
        yield site_path("terms", document.token), None


def _on_sale(at: datetime) -> Iterator[Place]:
    listed = Offer.objects.listed().filter(Q(sales_end_at=None) | Q(sales_end_at__gt=at))
    for token, changed in listed.newest_first().values_list("token", "updated_at")[:_MOST]:
        yield site_path("public_offer", token), changed
    sold = OfferItem.objects.filter(course=OuterRef("pk"), offer__in=listed)
    courses = Course.objects.published().filter(Exists(sold)).order_by("-created_at", "-id")
    for token, changed in courses.values_list("token", "updated_at")[:_MOST]:
        yield site_path("public_course", token), changed
