"""The dashboard's navigation: what exists and what this member may see."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from schools.roles import Right, allows


@dataclass(frozen=True, kw_only=True)
class Item:
    label: Any
    url: str
    icon: str
    current: bool


# Label, URL name, icon, the right it takes.
ITEMS = [
    (_("Home"), "school_home", "house", Right.VIEW_HOME),
    (_("Offers"), "offers:list", "tag", Right.VIEW_OFFERS),
]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor; makes no query, so error pages may use it."""
    member = getattr(request, "member", None)
    if member is None:
        return {"navigation": []}
    return {"navigation": [_item(request, *item) for item in ITEMS if allows(member.role, item[3])]}


def _item(request: Any, label: Any, name: str, icon: str, right: Right) -> Item:
    url = reverse(name, args=[request.school.slug])
    here = request.path == url or (name != "school_home" and request.path.startswith(url))
    return Item(label=label, url=url, icon=icon, current=here)
