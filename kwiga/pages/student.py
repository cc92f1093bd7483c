"""The student area on a school's host: my courses, and where one arrives after signing in."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orders.models import Order
from schools.models.directory import AfterSignIn


@never_cache
@require_safe
def start(request: Any) -> HttpResponse:
    """Where a student arrives after signing in, as the school has set it (K08)."""
    return redirect("store" if request.school.after_sign_in == AfterSignIn.STORE else "student_courses")


@never_cache
@require_safe
def courses(request: Any) -> HttpResponse:
    """The courses this student has, open ones first."""
    unpaid = Order.objects.pending().filter(contact=request.contact).order_by("-created_at", "-id")[:3]
    return render(request, "student/courses.html", {"open": [], "closed": [], "unpaid": unpaid})
