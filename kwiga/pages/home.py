"""A school's home: what to do next."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from schools.access import requires
from schools.roles import Right


@requires(Right.VIEW_HOME)
def school_home(request: Any) -> HttpResponse:
    return render(request, "pages/school_home.html", {})
