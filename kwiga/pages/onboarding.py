"""The steps of a new school, done or not by what is there."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from courses.models import Course
from offers.models import Offer
from orders.models import Order
from orders.services.connections import current_connections
from schools.models import Invitation, School
from schools.roles import Right, allows
from schools.selectors import team_of


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

    courses: int
    offers: int
    offers_on_sale: int
    can_be_paid: bool
    has_orders: bool
    team: int
    invitations: int


def facts_of(school: School) -> Facts:
    """What the home counts, in six queries; within the school's scope."""
    on_sale = Count("pk", filter=Q(status=Offer.Status.PUBLISHED))
    offers = Offer.objects.aggregate(made=Count("pk"), on_sale=on_sale)
    return Facts(
        courses=Course.objects.count(),
        offers=offers["made"],
        offers_on_sale=offers["on_sale"],
        can_be_paid=current_connections().filter(is_enabled=True).exists(),
        has_orders=Order.objects.exists(),
        team=team_of(school).count(),
        invitations=Invitation.objects.count(),
    )


def onboarding(school: School, facts: Facts, role: str, *, site: str) -> list[Step]:
    """The steps in their order, with links for who may take them; `site` is the address of the school's store."""

    def url(name: str, right: Right) -> str:
        return reverse(name, args=[school.slug]) if allows(role, right) else ""

    return [*_first_steps(school, facts, url), *_last_steps(facts, url, site)]


def _first_steps(school: School, facts: Facts, url: Callable[[str, Right], str]) -> list[Step]:
    return [
        Step(
            title=_("Say who sells"),
            text=_("Legal name and an email for students; buyers see them on every page."),
            action=_("Fill in"),
            url=url("schools:settings", Right.MANAGE_SETTINGS),
            done=bool(school.legal_name and school.contact_email),
        ),
        Step(
            title=_("Make the first course"),
            text=_("Modules and lessons: what people will learn."),
            action=_("New course"),
            url=url("courses:new", Right.MANAGE_COURSES),
            done=facts.courses > 0,
        ),
        Step(
            title=_("Make the first offer"),
            text=_("A title, what people get, and a price."),
            action=_("New offer"),
            url=url("offers:new", Right.MANAGE_OFFERS),
            done=facts.offers > 0,
        ),
        Step(
            title=_("Put it on sale"),
            text=_("Publishing opens its page on your site."),
            action=pgettext_lazy("button", "See offers"),
            url=url("offers:list", Right.MANAGE_OFFERS),
            done=facts.offers_on_sale > 0,
        ),
    ]


def _last_steps(facts: Facts, url: Callable[[str, Right], str], site: str) -> list[Step]:
    may_buy = facts.offers_on_sale and url("offers:list", Right.MANAGE_OFFERS)
    return [
        Step(
            title=_("Choose how you are paid"),
            text=_("A payment provider or bank transfer; a free offer needs neither."),
            action=_("Ways to pay"),
            url=url("payments:list", Right.MANAGE_PAYMENTS),
            done=facts.can_be_paid,
        ),
        Step(
            title=_("Buy something yourself"),
            text=_("Go through your own checkout once, as a student will: with test money, or a free offer."),
            action=_("Open your site"),
            url=site if may_buy else "",
            done=facts.has_orders,
        ),
        Step(
            title=_("Invite a teammate"),
            text=_("Each with a role of their own; you decide what they may do."),
            action=_("Invite"),
            url=url("schools:team", Right.MANAGE_TEAM),
            done=facts.team > 1 or facts.invitations > 0,
        ),
    ]
