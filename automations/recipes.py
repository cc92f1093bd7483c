"""Automations to begin with: what schools ask for most often, ready but for the names of their own things."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.models import Step

Text = str | Promise
StepFacts = tuple[str, dict[str, Any]]  # kind of a step, and its settings


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """An automation as a new draft begins with it; `steps()` writes its mails in every language of the product."""

    key: str
    title: Text
    text: Text
    icon: str
    trigger: str
    steps: Callable[[], list[StepFacts]]
    trigger_settings: dict[str, Any] = field(default_factory=dict)
    conditions: dict[str, Any] | None = None
    pause_days: int | None = None  # before it runs for the same contact again; None: each time

    def facts(self) -> dict[str, Any]:
        """What `create_automation` takes."""
        pause = {"repeat": "pause", "repeat_days": self.pause_days} if self.pause_days else {}
        return pause | {
            "trigger": self.trigger,
            "trigger_settings": dict(self.trigger_settings),
            "conditions": self.conditions,
            "steps": [{"kind": str(kind), "settings": said} for kind, said in self.steps()],
        }


def recipes() -> tuple[Recipe, ...]:
    """All of them, in the order of the gallery."""
    return _RECIPES


def recipe_of(key: str) -> Recipe | None:
    """The recipe with this key; None when there is none."""
    return next((recipe for recipe in _RECIPES if recipe.key == key), None)


def _mail(subject: Text, body: Text, *, is_news: bool = True) -> StepFacts:
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[code] = {"subject": str(subject), "body": str(body)}
    return Step.Kind.MAIL, {"texts": texts, "is_news": is_news}


def _coupon(*, percent: int, days: int, offers: str = "all", comment: Text = "") -> StepFacts:
    return Step.Kind.COUPON, {
        "code": "auto",
        "pattern": "",
        "size": "percent",
        "percent_bp": percent * 100,
        "amount_minor": None,
        "currency": "",
        "maximum_minor": None,
        "starts_after_days": 0,
        "valid": "days",
        "valid_days": days,
        "valid_until": None,
        "personal": True,
        "max_uses": 1,
        "max_uses_per_contact": 1,
        "offers": offers,
        "offer_tokens": [],
        "comment": str(comment),
    }


def _still_unpaid() -> StepFacts:
    return Step.Kind.CONDITION, {"conditions": None, "order": "unpaid"}


def _wait(**parts: int) -> StepFacts:
    return Step.Kind.WAIT, {"days": 0, "hours": 0, "minutes": 0, **parts}


def _into_list() -> StepFacts:
    return Step.Kind.LIST_ADD, {"list": ""}


def _bonus() -> list[StepFacts]:
    mail = _mail(
        _("You finished the course: here is a gift"),
        _(
            "Hello {{ contact.name }},\n\nyou have gone through all of “{{ course.title }}”. Well done!\n\n"
            "Your personal promo code takes {{ coupon.size }} off your next course: {{ coupon.code }}\n"
            "It is valid until {{ coupon.expires }}.\n\n{{ coupon.link }}\n\n{{ school.name }}"
        ),
    )
    return [_coupon(percent=15, days=7, comment=_("For finishing a course")), mail]


def _absent() -> list[StepFacts]:
    mail = _mail(
        _("We miss you: a personal offer"),
        _(
            "Hello {{ contact.name }},\n\nyou have not looked in for a while. To make coming back easier, here is a "
            "promo code for you alone: {{ coupon.code }}\n"
            "It takes {{ coupon.size }} off until {{ coupon.expires }}.\n\n{{ coupon.link }}\n\n{{ school.name }}"
        ),
    )
    return [_coupon(percent=20, days=7, comment=_("For coming back")), mail]


def _unpaid() -> list[StepFacts]:
    first = _mail(
        _("Your order {{ order.number }} is waiting"),
        _(
            "Hello {{ contact.name }},\n\nyour order for “{{ offer.title }}” is not paid yet. With this promo code it "
            "costs {{ coupon.size }} less: {{ coupon.code }}\n"
            "The code is yours alone and valid until {{ coupon.expires }}.\n\n{{ coupon.link }}\n\n{{ school.name }}"
        ),
    )
    last = _mail(
        _("Your promo code ends soon"),
        _(
            "Hello {{ contact.name }},\n\n“{{ offer.title }}” is still waiting for you, and your promo code "
            "{{ coupon.code }} is valid until {{ coupon.expires }}.\n\n{{ coupon.link }}\n\n{{ school.name }}"
        ),
    )
    begin = [_still_unpaid(), _into_list(), _coupon(percent=10, days=3, offers="event", comment=_("Unpaid order"))]
    return [*begin, first, _wait(days=2), _still_unpaid(), last]


def _loyal() -> list[StepFacts]:
    mail = _mail(
        _("Thank you for coming back"),
        _(
            "Hello {{ contact.name }},\n\nyou have bought with us more than once. Thank you!\n\n"
            "Your personal promo code takes {{ coupon.size }} off your next purchase: {{ coupon.code }}\n"
            "It is valid until {{ coupon.expires }}.\n\n{{ coupon.link }}\n\n{{ school.name }}"
        ),
    )
    return [_coupon(percent=10, days=30, comment=_("For repeated purchases")), mail]


_RECIPES = (
    Recipe(
        key="course-finished",
        title=_("Bonus coupon for finishing a course"),
        text=_("At 100 % of a course the student gets a personal promo code by mail."),
        icon="graduation-cap",
        trigger="course.progress",
        trigger_settings={"course": "", "percent": 100},
        steps=_bonus,
    ),
    Recipe(
        key="absent",
        title=_("Personal offer after 30 days of absence"),
        text=_("Who has not looked in for 30 days gets a promo code to come back with."),
        icon="calendar-heart",
        trigger="contact.inactive",
        trigger_settings={"days": 30},
        steps=_absent,
    ),
    Recipe(
        key="unpaid",
        title=_("Unpaid order: promo code and private list"),
        text=_("A day after an unpaid order: into a private list, a promo code for the same offer, and one reminder."),
        icon="shopping-cart",
        trigger="order.unpaid",
        # Nobody is taught to leave orders for the sake of a code (K35).
        trigger_settings={"offer": "", "hours": 24, "without_coupon": True},
        pause_days=30,
        steps=_unpaid,
    ),
    Recipe(
        key="paid-after-all",
        title=_("Out of the private list after paying"),
        text=_("Who pays leaves the list of people with unpaid orders, and its promo code with it."),
        icon="list-minus",
        trigger="order.paid",
        trigger_settings={"offer": ""},
        steps=lambda: [(Step.Kind.LIST_REMOVE, {"list": ""})],
    ),
    Recipe(
        key="purchases",
        title=_("Coupon by number of purchases"),
        text=_("The second purchase earns a promo code for the third."),
        icon="repeat",
        trigger="purchases.reached",
        trigger_settings={"count": 2},
        steps=_loyal,
    ),
    Recipe(
        key="first-purchase",
        title=_("List after the first purchase"),
        text=_("Who buys for the first time is put into a list of customers."),
        icon="list-plus",
        trigger="purchases.reached",
        trigger_settings={"count": 1},
        steps=lambda: [_into_list()],
    ),
    Recipe(
        key="final-assignment",
        title=_("List after the final assignment"),
        text=_("Whose final assignment is accepted is put into a list of graduates."),
        icon="clipboard-check",
        trigger="assignment.accepted",
        trigger_settings={"course": "", "lesson": "", "final": True},
        steps=lambda: [_into_list()],
    ),
)
