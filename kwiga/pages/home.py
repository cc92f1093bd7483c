"""A school's home: what to do next, and how things stand."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from offers.models import Offer
from schools.access import requires
from schools.activity import Entry, entries_of, events_about
from schools.models import Invitation, OutboxRow, School
from schools.roles import Right, allows
from schools.selectors import team_of
from schools.sites import site_url

LATEST = 5


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing a new school does once; `url` is empty for who may not do it."""

    title: str | Promise
    text: str | Promise
    action: str | Promise
    url: str
    done: bool


@dataclass(frozen=True, kw_only=True)
class Facts:
    """How the school stands, counted now."""

    offers: int
    offers_on_sale: int
    team: int
    invitations: int


@requires(Right.VIEW_HOME)
@require_safe
def school_home(request: Any) -> HttpResponse:
    """The steps of a new school until all are done, and a few facts."""
    facts = facts_of(request.school)
    steps = onboarding(request.school, facts, request.member.role)
    done = sum(step.done for step in steps)
    context = {
        "facts": facts,
        "steps": steps if done < len(steps) and any(step.url for step in steps if not step.done) else [],
        "done": done,
        "failed": _failed_deliveries(request.member.role),
        "latest": _latest(request.school, request.member.role),
        "address": site_url(request.school, "store"),
    }
    return render(request, "pages/school_home.html", context)


def _failed_deliveries(role: str) -> int:
    if not allows(role, Right.VIEW_DELIVERIES):
        return 0
    return OutboxRow.objects.filter(dead_at__isnull=False).count()


def _latest(school: School, role: str) -> list[Entry]:
    """The newest lines of the journal, for who may read it."""
    if not allows(role, Right.VIEW_ACTIVITY):
        return []
    newest = events_about("", "").order_by("-created_at", "-id")[:LATEST]
    return entries_of(school, list(newest))


def facts_of(school: School) -> Facts:
    """What the home counts, in three queries; within the school's scope."""
    on_sale = Count("pk", filter=Q(status=Offer.Status.PUBLISHED))
    offers = Offer.objects.aggregate(made=Count("pk"), on_sale=on_sale)
    return Facts(
        offers=offers["made"],
        offers_on_sale=offers["on_sale"],
        team=team_of(school).count(),
        invitations=Invitation.objects.count(),
    )


def onboarding(school: School, facts: Facts, role: str) -> list[Step]:
    """The steps in their order, done or not by what is there, with links for who may take them."""
    return [
        Step(
            title=_("Say who sells"),
            text=_("Legal name and an email for students; buyers see them on every page."),
            action=_("Fill in"),
            url=_url("schools:settings", school, role, Right.MANAGE_SETTINGS),
            done=bool(school.legal_name and school.contact_email),
        ),
        Step(
            title=_("Make the first offer"),
            text=_("A title, what people get, and a price."),
            action=_("New offer"),
            url=_url("offers:new", school, role, Right.MANAGE_OFFERS),
            done=facts.offers > 0,
        ),
        Step(
            title=_("Put it on sale"),
            text=_("Publishing opens its page on your site."),
            action=pgettext_lazy("button", "See offers"),
            url=_url("offers:list", school, role, Right.MANAGE_OFFERS),
            done=facts.offers_on_sale > 0,
        ),
        Step(
            title=_("Invite a teammate"),
            text=_("Each with a role of their own; you decide what they may do."),
            action=_("Invite"),
            url=_url("schools:team", school, role, Right.MANAGE_TEAM),
            done=facts.team > 1 or facts.invitations > 0,
        ),
    ]


def _url(name: str, school: School, role: str, right: Right) -> str:
    return reverse(name, args=[school.slug]) if allows(role, right) else ""
