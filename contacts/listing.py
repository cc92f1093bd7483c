"""The table of contact lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count as Counted
from django.db.models import OuterRef, Q, QuerySet

from contacts.models import ContactList, ContactListMember
from contacts.selectors import COUNT_LIMIT
from kwiga.paging import Count, CountUpTo


@dataclass(frozen=True)
class ListRow:
    """A line: a static list with its number of people; a dynamic one is counted when its line is shown (None)."""

    contact_list: ContactList
    people: Count | None
    coupons: int


def listed() -> QuerySet[ContactList]:
    """The lists that were not deleted, with the numbers of people put in and of coupons for each, in no order."""
    coupons = Counted("coupons", filter=Q(coupons__archived_at=None), distinct=True)
    inside = ContactListMember.objects.filter(contact_list=OuterRef("pk"))
    return ContactList.objects.filter(archived_at=None).annotate(
        coupon_count=coupons, people_count=CountUpTo(inside, COUNT_LIMIT)
    )


def list_rows(lists: Sequence[ContactList]) -> list[ListRow]:
    """The lines of lists that `listed` found."""
    return [_row(each) for each in lists]


def _row(each: Any) -> ListRow:
    coupons: int = each.coupon_count
    if each.is_dynamic:
        return ListRow(each, None, coupons)
    number: int = each.people_count  # whoever is erased leaves all lists
    return ListRow(each, Count(min(number, COUNT_LIMIT), number > COUNT_LIMIT), coupons)
