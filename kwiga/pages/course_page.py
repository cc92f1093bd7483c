"""The public page of a course: what is in it, and the plans to get it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from courses.models import Course, Lesson, Module
from courses.selectors import open_lessons
from kwiga import clock
from kwiga.pages.access_words import access_in_words
from kwiga.pages.carried import carried_query
from kwiga.pages.fresh import fresh
from kwiga.pages.link_codes import LinkCode, link_code
from kwiga.richtext import plain_text
from kwiga.sites import site_path
from offers.models import Offer, OfferItem
from offers.selectors import plans_of
from orders.selectors.quote import Availability, Quote, quote_offer

_META_LENGTH = 160


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An offer of the course beside others."""

    offer: Offer
    quote: Quote
    access: str
    lines: list[str]


@dataclass(frozen=True, kw_only=True)
class OutlineLesson:
    """A lesson by its title: open for this visitor, free for everybody who asks, or locked."""

    lesson: Lesson
    is_open: bool
    is_free: bool


@dataclass(frozen=True, kw_only=True)
class OutlineModule:
    module: Module
    lessons: list[OutlineLesson]


@login_not_required
@fresh
@require_safe
def public_course(request: Any, token: str) -> HttpResponse:
    """A published course with its outline and the listed offers that open it, in the school's order (K23)."""
    course = Course.objects.published().select_related("cover").filter(token=token).first()
    if course is None:
        raise Http404
    now = clock.now()
    offers = list(plans_of(course))
    code = link_code(request, request.contact, offers, course.token, now)
    plans = [_plan(offer, now, code) for offer in offers]
    plans = [plan for plan in plans if plan.quote.availability != Availability.ENDED]
    opened = open_lessons(request.contact, course, now) if request.contact else set()
    context = {
        "course": course,
        "plans": plans,
        "is_owned": bool(opened),
        "outline": _outline(course, opened, _free(plans, course)),
        "carried": carried_query(request),
        "page_address": request.build_absolute_uri(site_path("public_course", course.token)),
        "page_text": course.summary or plain_text(course.description)[:_META_LENGTH],
    }
    return render(request, "store/course.html", context)


def _plan(offer: Offer, now: datetime, code: LinkCode | None) -> Plan:
    quote = quote_offer(offer=offer, at=now)
    if code:
        quote = replace(quote, total_minor=code.price_of(offer, now))
    lines = [line.strip() for line in offer.difference.splitlines() if line.strip()]
    return Plan(offer=offer, quote=quote, access=access_in_words(offer), lines=lines)


def _free(plans: Iterable[Plan], course: Course) -> list[OfferItem]:
    """What the free plans that can be had now open of the course."""
    free = [plan.offer.pk for plan in plans if plan.quote.is_free and plan.quote.availability == Availability.ON_SALE]
    return list(OfferItem.objects.filter(offer_id__in=free, course=course)) if free else []


def _outline(course: Course, opened: set[int], free: list[OfferItem]) -> list[OutlineModule]:
    """Modules that have published lessons, in their order; two queries."""
    lessons = Lesson.objects.filter(status=Lesson.Status.PUBLISHED).order_by("position", "id").defer("body")
    modules = course.modules.order_by("position", "id").prefetch_related(Prefetch("lessons", lessons, "shown"))
    return [
        OutlineModule(
            module=module,
            lessons=[
                OutlineLesson(lesson=lesson, is_open=lesson.pk in opened, is_free=_is_free(lesson, free))
                for lesson in module.shown
            ],
        )
        for module in modules
        if module.shown
    ]


def _is_free(lesson: Lesson, free: list[OfferItem]) -> bool:
    return any(
        lesson.pk == item.lesson_id
        or lesson.module_id == item.module_id
        or (item.lesson_id is None and item.module_id is None)
        for item in free
    )
