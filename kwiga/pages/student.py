"""The student area on a school's host: my courses, and where one arrives after signing in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courses.selectors import CourseCard, courses_of
from kwiga import clock
from orders.models import Order
from schools.files import file_url
from schools.models.directory import AfterSignIn


@never_cache
@require_safe
def start(request: Any) -> HttpResponse:
    """Where a student arrives after signing in, as the school has set it (K08)."""
    wanted = request.school.after_sign_in
    if wanted == AfterSignIn.STORE:
        return redirect("store")
    if wanted == AfterSignIn.LATEST and (latest := _latest(courses_of(request.contact, clock.now()))):
        return redirect(lesson_path(latest))
    return redirect("student_courses")


@never_cache
@require_safe
def courses(request: Any) -> HttpResponse:
    """The courses this student has, open ones first."""
    now = clock.now()
    cards = courses_of(request.contact, now)
    context = {
        "now": now,
        "open": [_shown(card) for card in cards if card.is_open],
        "closed": [_shown(card) for card in cards if not card.is_open],
        "unpaid": Order.objects.pending().filter(contact=request.contact).order_by("-created_at", "-id")[:3],
    }
    return render(request, "student/courses.html", context)


def lesson_path(card: CourseCard) -> str:
    """Where the student goes on in a course."""
    if card.next_lesson is None:
        return reverse("learn_course", args=[card.course.token])
    return reverse("learn_lesson", args=[card.course.token, card.next_lesson.token])


def _latest(cards: list[CourseCard]) -> CourseCard | None:
    return next((card for card in cards if card.is_open and card.next_lesson), None)


def _shown(card: CourseCard) -> dict[str, Any]:
    cover = file_url(card.course.cover) if card.course.cover else ""
    return {"card": card, "path": lesson_path(card) if card.is_open else "", "cover": cover}
