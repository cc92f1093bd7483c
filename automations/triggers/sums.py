"""Orders whose sum is large or small enough, where a school wants only those (K16, K35)."""

from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from automations.settings_fields import FieldKind, SettingField
from automations.triggers.registry import Settings
from kwiga.money import to_minor
from schools.models import School
from schools.tenancy.scope import current_school_id

_MOST = 1_000_000_000
LEAST = SettingField(
    name="least",
    kind=FieldKind.NUMBER,
    label=_("Sum of the order at least"),
    maximum=_MOST,
    help=_("In the currency of the school. Orders in another one are left out then. Empty: any sum."),
)
MOST = SettingField(name="most", kind=FieldKind.NUMBER, label=_("Sum of the order at most"), maximum=_MOST)
BOUNDS = (LEAST, MOST)


def within_bounds(settings: Settings) -> Q:
    """The orders that are within the bounds of a trigger's settings; all of them when none is set."""
    least, most = settings.get("least"), settings.get("most")
    if not least and not most:
        return Q()
    currency = School.objects.only("currency").get(pk=current_school_id()).currency
    wanted = Q(currency=currency)
    if least:
        wanted &= Q(total_minor__gte=to_minor(Decimal(least), currency))
    if most:
        wanted &= Q(total_minor__lte=to_minor(Decimal(most), currency))
    return wanted
