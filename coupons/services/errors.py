"""Refusals of the coupons app: to the team, and to a use."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from coupons.models import Coupon
from kwiga.errors import DomainError


class CouponError(DomainError):
    """What a coupon may not say, or may not do."""


class ActionRefused(CouponError):
    """The table of allowed actions says no (C30)."""

    def __init__(self) -> None:
        super().__init__(_("This is not possible any more: the coupon has changed meanwhile."))


class TermsRefused(CouponError):
    """A field says what no coupon can say; `field` is its name in `CouponTerms`."""

    def __init__(self, field: str, message: object) -> None:
        super().__init__(str(message))
        self.field = field


class CodeTaken(CouponError):
    """Another coupon has this code, archived ones included (P5.4)."""

    def __init__(self, coupon: Coupon | None = None) -> None:
        is_archived = coupon is not None and coupon.archived_at is not None
        archived = _("An archived coupon has this code, and old orders show it. Choose another one.")
        super().__init__(archived if is_archived else _("Another coupon has this code."))
        self.coupon = coupon


class TermsLocked(CouponError):
    """A used coupon keeps what it gave; `fields` were to be changed (P5, trust C12)."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(_("This coupon has been used: its code, size and conditions are locked."))
        self.fields = tuple(fields)


class LimitBelowUsed(CouponError):
    """A limit is not set below what is used; `used` is that number, `field` the limit's name."""

    def __init__(self, field: str, used: int) -> None:
        sentence = ngettext(
            "The limit cannot be below %(used)d: it is used so often.",
            "The limit cannot be below %(used)d: it is used so often.",
            used,
        )
        super().__init__(sentence % {"used": used})
        self.field, self.used = field, used


class UseRefused(CouponError):
    """A use cannot be held now; the buyer is told why by a fresh quote."""


class UsedUp(UseRefused):
    """All uses are held or confirmed."""

    def __init__(self) -> None:
        super().__init__(_("This coupon has been used up."))


class UsedByYou(UseRefused):
    """The contact has used it as often as each may."""

    def __init__(self) -> None:
        super().__init__(_("This coupon has been used by this person already."))


class NotUsable(UseRefused):
    """It was paused, ended, changed or archived meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This coupon cannot be used any more."))
