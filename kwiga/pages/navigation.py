"""The dashboard's navigation: what exists and what this member may see."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from schools.roles import Right, allows


@dataclass(frozen=True, kw_only=True)
class Item:
    """A link, or a titled group of links when it has children."""

    label: str | Promise
    url: str = ""
    icon: str = ""
    current: bool = False
    children: list["Item"] = field(default_factory=list)


Link = tuple[str | Promise, str, str, Right]

# Label, URL name, icon, the right it takes. A group has a title in front of its links.
_HOME: list[Link] = [(_("Home"), "school_home", "house", Right.VIEW_HOME)]
_COURSES: list[Link] = [
    (_("Courses"), "courses:list", "book-open", Right.VIEW_COURSES),
    (_("Assignments"), "courses:submissions", "clipboard-check", Right.ACCEPT_ASSIGNMENTS),
    (_("Offers"), "offers:list", "tag", Right.VIEW_OFFERS),
    (_("Promo codes"), "coupons:list", "ticket-percent", Right.VIEW_COUPONS),
    (_("Process automation"), "automations:list", "workflow", Right.VIEW_AUTOMATIONS),
]
_SALES: list[Link] = [
    (_("Orders"), "orders:list", "receipt", Right.VIEW_ORDERS),
    (_("Transactions"), "orders:transactions", "arrow-left-right", Right.VIEW_ORDERS),
]
_CONTACTS: list[Link] = [(_("Contacts"), "contacts:list", "contact", Right.VIEW_CONTACTS)]
_SETTINGS: list[Link] = [
    (_("School"), "schools:settings", "settings-2", Right.MANAGE_SETTINGS),
    (_("Fields of contacts"), "contacts:fields", "text-cursor-input", Right.MANAGE_SETTINGS),
    (_("Sending"), "schools:sending", "mail", Right.MANAGE_SETTINGS),
    (_("Payments"), "payments:list", "credit-card", Right.MANAGE_PAYMENTS),
    (_("Connections"), "connections:list", "plug", Right.MANAGE_CONNECTIONS),
    (_("Legal terms"), "terms:list", "scale", Right.VIEW_OFFERS),
    (_("Team"), "schools:team", "users-round", Right.VIEW_TEAM),
    (_("Activity"), "schools:activity", "history", Right.VIEW_ACTIVITY),
    (_("Deliveries"), "schools:deliveries", "send", Right.VIEW_DELIVERIES),
]
_MAILBOX: list[Link] = [(_("Mailbox"), "schools:mailbox", "inbox", Right.VIEW_DELIVERIES)]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context processor; makes no query, so error pages may use it."""
    member = getattr(request, "member", None)
    if member is None:
        return {"navigation": []}
    links = [(title, _allowed(links, member.role)) for title, links in _groups()]
    current = _current(request, [link for _title, group in links for link in group])
    return {"navigation": list(_items(request, links, current)), "switcher_url": reverse("schools:start")}


def _groups() -> list[tuple[str | Promise, list[Link]]]:
    mailbox = _MAILBOX if settings.KEEP_MAIL_IN else []
    return [
        ("", _HOME),
        (_("Courses"), _COURSES),
        (_("Sales"), _SALES + _CONTACTS),
        (_("Settings"), _SETTINGS + mailbox),
    ]


def _allowed(links: list[Link], role: str) -> list[Link]:
    return [link for link in links if allows(role, link[3])]


def _current(request: Any, links: list[Link]) -> str:
    """The address of the link whose page this is, or lies below: the longest that fits, home only itself."""
    addresses = [_address(request, link) for link in links if link[1] != "school_home"]
    below = [address for address in addresses if request.path.startswith(address)]
    return max(below, key=len, default=request.path)


def _items(request: Any, groups: list[tuple[str | Promise, list[Link]]], current: str) -> Iterator[Item]:
    for title, links in groups:
        items = [_item(request, link, current) for link in links]
        if not title:
            yield from items
        elif items:
            yield Item(label=title, children=items)


def _item(request: Any, link: Link, current: str) -> Item:
    address = _address(request, link)
    return Item(label=link[0], url=address, icon=link[2], current=address == current)


def _address(request: Any, link: Link) -> str:
    return reverse(link[1], args=[request.school.slug])
