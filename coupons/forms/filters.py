"""What the list of coupons can be narrowed to and sorted by."""

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon
from coupons.selectors.lists import MADE, SORTS, CouponFilter
from coupons.status import Status
from kwiga.filter_form import Choices, FilterForm
from kwiga.paging import Sort
from offers.models import Offer
from schools.models import Member
from schools.tenancy.scope import current_school_id

OFFERS_SHOWN = 200
_SORT_LABELS: dict[str, str | Promise] = {
    "created": _("Newest first"),
    "code": _("By code"),
    "ends": _("Ending soonest"),
    "size": _("Largest discount"),
}


class CouponFilterForm(FilterForm):
    """The address of the list, read."""

    quiet = ("q", "state", "sort")
    narrows_nothing = ("sort",)

    state = forms.ChoiceField(required=False, label=_("State"))
    audience = forms.ChoiceField(required=False, label=_("Available to users"))
    offer = forms.ChoiceField(required=False, label=_("Usable for the offer"))
    author = forms.ChoiceField(required=False, label=_("Created by"))
    use = forms.ChoiceField(required=False, label=_("Used"))
    sort = forms.ChoiceField(required=False, label=_("Sort"))

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["sort"].choices = list(_SORT_LABELS.items())  # type: ignore[attr-defined]

    def choices(self) -> dict[str, Choices]:
        offers = Offer.objects.newest_first().values_list("token", "title")[:OFFERS_SHOWN]
        return {
            "state": Status.choices,
            "audience": Coupon.Audience.choices,
            "offer": list(offers),
            "author": _authors(),
            "use": [("used", _("Used at least once")), ("unused", _("Never used"))],
            "sort": list(_SORT_LABELS.items()),
        }

    @property
    def sort_key(self) -> str:
        return self.values.get("sort", "") or "created"

    @property
    def order(self) -> Sort:
        """The order that was asked for, newest first by default."""
        return SORTS[self.sort_key]

    @property
    def sorts(self) -> list[tuple[str | Promise, str, bool]]:
        """The orders as links: label, address, whether it is the one shown."""
        shown = self.sort_key
        return [
            (label, self.address(sort="" if key == "created" else key), key == shown)
            for key, label in _SORT_LABELS.items()
        ]

    def wanted(self) -> CouponFilter:
        """The filter that the valid fields make."""
        values = {name: value for name, value in self.values.items() if name != "sort"}
        return CouponFilter(**{"text" if name == "q" else name: value for name, value in values.items()})


def _authors() -> list[tuple[str, str | Promise]]:
    members = Member.objects.filter(school=current_school_id()).select_related("user").order_by("pk")[:100]
    people = [(str(member.user_id), member.user.name or member.user.email) for member in members]
    return [*people, (MADE, _("Automations and imports"))]
