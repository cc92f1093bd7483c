"""Lists that ask for lists: which ones conditions name, and that none comes back to itself."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.models import ContactList
from contacts.segments.language import ConditionsRefused, parse
from contacts.segments.nesting import LISTS_DEEP

LIST_FACT = "list"


def lists_named(conditions: Any) -> set[str]:
    """Tokens of the lists that conditions ask for."""
    named = parse(conditions).conditions
    return {str(condition.value) for condition in named if condition.fact == LIST_FACT}


def refuse_circle(conditions: Any, contact_list: ContactList | None) -> None:
    """Raise ConditionsRefused when these conditions of a list (None: a new one) lead back to it, or too deep."""
    own = contact_list.token if contact_list else ""
    level = lists_named(conditions)
    for _depth in range(LISTS_DEEP + 1):
        if own in level:
            raise ConditionsRefused(_("A list cannot ask for itself, not even through another list."))
        asked = list(ContactList.objects.filter(token__in=level, archived_at=None, conditions__isnull=False))
        if not asked:
            return
        level = {token for each in asked for token in lists_named(each.conditions)}
    raise ConditionsRefused(_("Lists that ask for lists lie too deep in each other."))
