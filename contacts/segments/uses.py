"""Lists that are used by the conditions of other lists."""

from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import list_uses
from contacts.list_uses import ListUse
from contacts.models import ContactList
from contacts.segments.circles import lists_named
from schools.models import School
from schools.tenancy.scope import current_school_id


def register_own() -> None:
    """Register the uses that this app knows."""
    list_uses.register(_uses)


def _uses(contact_list: ContactList) -> list[ListUse]:
    """Dynamic lists that ask for this one; it stays while they do, or other people would be in them at once."""
    slug = School.objects.get(pk=current_school_id()).slug
    dynamic = ContactList.objects.filter(archived_at=None, conditions__isnull=False).order_by("name", "pk")
    return [
        ListUse(
            label=_("list “%(name)s”") % {"name": each.name},
            path=reverse("contacts:lists_detail", args=[slug, each.token]),
            is_live=True,
        )
        for each in dynamic
        if contact_list.token in lists_named(each.conditions)
    ]
