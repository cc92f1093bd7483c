"""What this app tells about contacts: their personal coupons, and which coupons use a list."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import card, list_uses
from contacts.list_uses import ListUse
from contacts.models import Contact, ContactList
from coupons.models import Coupon
from coupons.selectors.lists import code_of, rows_of, shown_coupons
from coupons.status import Status, status_of
from kwiga import clock
from schools.models import School
from schools.roles import Right
from schools.tenancy.scope import current_school_id

LATEST = 10
OVER = (Status.ENDED, Status.ARCHIVED)


def register_own() -> None:
    """Register the section of this app and its uses of lists."""
    list_uses.register(_uses)
    card.register(
        card.CardSection(template="coupons/_contact_coupons.html", right=Right.VIEW_COUPONS, context=_of_contact)
    )


def _uses(contact_list: ContactList) -> list[ListUse]:
    """Coupons for the people of the list; a draft counts as live, for it would break when it is published."""
    at, slug = clock.now(), School.objects.get(pk=current_school_id()).slug
    coupons = Coupon.objects.filter(contact_list=contact_list).prefetch_related("codes").order_by("-pk")[:50]
    return [
        ListUse(
            label=_("coupon %(code)s") % {"code": code_of(coupon)},
            path=reverse("coupons:detail", args=[slug, coupon.token]),
            is_live=status_of(coupon, at) not in OVER,
        )
        for coupon in coupons
    ]


def _of_contact(contact: Contact) -> dict[str, Any]:
    own = shown_coupons(Coupon.objects.filter(contact=contact)).order_by("-created_at", "-pk")
    return {"rows": rows_of(own[:LATEST], clock.now())}
