"""The table of contact lists."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count as Counted
from django.db.models import Q, QuerySet

from contacts.models import ContactList, ContactListMember
from contacts.selectors import COUNT_LIMIT
from kwiga.paging import Count


@dataclass(frozen=True)
class ListRow:
    """A line: a static list with its number of people; a dynamic one is counted when its line is shown (None)."""

    contact_list: ContactList
    people: Count | None
    coupons: int


def listed() -> QuerySet[ContactList]:
    """The lists that were not deleted, with the number of coupons for each, in no order."""
    coupons = Counted("coupons", filter=Q(coupons__archived_at=None), distinct=True)
    return ContactList.objects.filter(archived_at=None).annotate(coupon_count=coupons)


def list_rows(lists: Sequence[ContactList]) -> list[ListRow]:
    """The lines of these lists, by one query for all of them."""
    static = [each.pk for each in lists if not each.is_dynamic]
    members = ContactListMember.objects.filter(contact_list__in=static, contact__erased_at=None).order_by()
    counts = dict(members.values("contact_list").annotate(number=Counted("pk")).values_list("contact_list", "number"))
    return [_row(each, counts.get(each.pk, 0)) for each in lists]


def _row(each: ContactList, number: int) -> ListRow:
    coupons: int = each.coupon_count  # type: ignore[attr-defined]
    if each.is_dynamic:
        return ListRow(each, None, coupons)
    return ListRow(each, Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT), coupons)
