"""The form of a step by its kind."""

from typing import Any

from automations.forms.conditions import ConditionStepForm
from automations.forms.coupon import CouponStepForm
from automations.forms.parts import PartForm, Settings
from automations.forms.steps import SIMPLE, MailForm, NotifyForm, WebhookForm
from automations.models import AutomationVersion, Step
from automations.placeholders import MAIL_ONLY, given_by, known_at
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
        return ConditionStepForm(data, settings=settings, page=page, has_order="order" in given_by(version))
    if kind == Step.Kind.COUPON:
        return CouponStepForm(data, settings=settings, currency=school.currency, has_offer="offer" in given_by(version))
    known = known_at(version, position) - set(MAIL_ONLY)
    if kind == Step.Kind.MAIL:
        return MailForm(data, settings=settings, known=known | set(MAIL_ONLY), language=school.language)
    worded = {Step.Kind.NOTIFY: NotifyForm, Step.Kind.WEBHOOK: WebhookForm}[Step.Kind(kind)]
    return worded(data, settings=settings, known=known)
