"""The journal of a school, for people."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kwiga.paging import page_of
from schools.access import requires
from schools.activity import entries_of, events_about, topics
from schools.roles import Right
from schools.selectors import team_of


@requires(Right.VIEW_ACTIVITY)
@require_safe
def activity(request: Any) -> HttpResponse:
    """What happened, newest first; `?topic=` and `?person=` narrow it."""
    topic, person = request.GET.get("topic", ""), request.GET.get("person", "")
    page = page_of(events_about(topic, person), request)
    context = {
        "page": page,
        "entries": entries_of(request.school, page.rows),
        "topics": [(key, each.label) for key, each in topics().items()],
        "people": [(str(member.user_id), member.user) for member in team_of(request.school)],
        "topic": topic if topic in topics() else "",
        "person": person,
        "narrowed": bool(topic or person),
    }
    return render(request, "schools/activity.html", context)
