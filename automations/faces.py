"""How the kinds of steps present themselves in the editor: an icon, and what they are for."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.actions import known_kinds
from automations.models import Step


@dataclass(frozen=True)
class Face:
    """One kind of step."""

    kind: str
    label: str | Promise
    icon: str
    text: str | Promise


_FACES = (
    Face(
        Step.Kind.COUPON,
        Step.Kind.COUPON.label,
        "ticket-percent",
        _("A promo code, for this person alone."),
    ),
    Face(Step.Kind.MAIL, Step.Kind.MAIL.label, "mail", _("A mail in the contact’s language.")),
    Face(Step.Kind.WAIT, Step.Kind.WAIT.label, "hourglass", _("Days, hours or minutes before the next step.")),
    Face(Step.Kind.CONDITION, Step.Kind.CONDITION.label, "split", _("Ends here for whom a condition does not fit.")),
    Face(Step.Kind.LIST_ADD, Step.Kind.LIST_ADD.label, "list-plus", _("The contact joins a list.")),
    Face(Step.Kind.LIST_REMOVE, Step.Kind.LIST_REMOVE.label, "list-minus", _("The contact leaves a list.")),
    Face(Step.Kind.TAG, Step.Kind.TAG.label, "tag", _("A word to find the contact by.")),
    Face(Step.Kind.UNTAG, Step.Kind.UNTAG.label, "tags", _("The word is taken off.")),
    Face(Step.Kind.ACCESS, Step.Kind.ACCESS.label, "key-round", _("Opens a course, or keeps it open longer.")),
    Face(Step.Kind.NOTIFY, Step.Kind.NOTIFY.label, "bell", _("A message to your team by mail or Telegram.")),
    Face(Step.Kind.WEBHOOK, Step.Kind.WEBHOOK.label, "webhook", _("Tells another system, signed.")),
    Face(Step.Kind.STOP, Step.Kind.STOP.label, "octagon-x", _("Nothing after it is done.")),
)


def face_of(kind: str) -> Face:
    """The face of a kind; a plain one for a kind that is not known."""
    return next((face for face in _FACES if face.kind == kind), Face(kind, kind, "circle-question-mark", ""))


def faces() -> list[Face]:
    """Those that can be chosen for a new step."""
    known = set(known_kinds())
    return [face for face in _FACES if face.kind in known]
