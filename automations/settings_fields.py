"""What a trigger or a step asks for: enough for a form to be built of it, and for a sentence."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise


class FieldKind(StrEnum):
    """What is chosen: an object of the school by its token, a number, or yes or no."""

    COURSE = "course"
    LESSON = "lesson"
    OFFER = "offer"
    LIST = "list"
    TAG = "tag"
    COUPON = "coupon"
    HOOK = "hook"
    FIELD = "field"  # a contact's own field with a date
    NUMBER = "number"
    FLAG = "flag"


@dataclass(frozen=True, kw_only=True)
class SettingField:
    """One setting. An object that is not required may be "", which means any."""

    name: str
    kind: FieldKind
    label: str | Promise
    required: bool = False
    minimum: int = 1
    maximum: int = 1000
    initial: int | bool | None = None
    help: str | Promise = ""
