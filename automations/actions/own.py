"""The actions that this app brings."""

from automations.actions.contacts import AccessAction, ListAction, TagAction
from automations.actions.coupons import CouponAction
from automations.actions.flow import ConditionAction, StopAction, WaitAction
from automations.actions.mails import MailAction
from automations.actions.registry import register
from automations.models import Step


def register_own() -> None:
    """Register them, in the order in which they can be chosen."""
    register(Step.Kind.WAIT, WaitAction())
    register(Step.Kind.CONDITION, ConditionAction())
    register(Step.Kind.COUPON, CouponAction())
    register(Step.Kind.MAIL, MailAction())
    register(Step.Kind.LIST_ADD, ListAction())
    register(Step.Kind.LIST_REMOVE, ListAction())
    register(Step.Kind.TAG, TagAction())
    register(Step.Kind.UNTAG, TagAction())
    register(Step.Kind.ACCESS, AccessAction())
    register(Step.Kind.STOP, StopAction())
