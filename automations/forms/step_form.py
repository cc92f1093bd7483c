"""The form of a step by its kind."""

from typing import Any

from automations.forms.conditions import ConditionStepForm
from automations.forms.coupon import CouponStepForm
from automations.forms.parts import PartForm, Settings
from automations.forms.steps import SIMPLE, MailForm, NotifyForm, WebhookForm
from automations.models import AutomationVersion, Step
from automations.placeholders import known_at
from automations.triggers import UnknownTrigger, trigger_of
from schools.models import School


def form_of_step(
    kind: str,
    *,
    version: AutomationVersion,
    position: int,
    school: School,
    page: str = "",
    data: Any = None,
    settings: Settings | None = None,
) -> PartForm:
    """The form for a step of this kind that stands, or shall stand, at `position`; `page` is where it is posted.

    Raises KeyError for no kind.
    """
    if kind in SIMPLE:
        return SIMPLE[kind](data, settings=settings)
    if kind == Step.Kind.CONDITION:
        return ConditionStepForm(data, settings=settings, page=page, has_order=_gives(version, "order"))
    if kind == Step.Kind.COUPON:
        return CouponStepForm(data, settings=settings, currency=school.currency, has_offer=_gives(version, "offer"))
    known = known_at(version, position)
    if kind == Step.Kind.MAIL:
        return MailForm(data, settings=settings, known=known, language=school.language)
    worded = {Step.Kind.NOTIFY: NotifyForm, Step.Kind.WEBHOOK: WebhookForm}[Step.Kind(kind)]
    return worded(data, settings=settings, known=known)


def _gives(version: AutomationVersion, thing: str) -> bool:
    try:
        return bool(version.trigger) and thing in trigger_of(version.trigger).gives
    except UnknownTrigger:
        return False
