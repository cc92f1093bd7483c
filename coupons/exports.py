"""What a line of an exported file says about a coupon; an import reads the same columns (trust D4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from coupons.selectors.lists import Row
from kwiga.money import to_major


@dataclass(frozen=True)
class Column:
    """`key` heads the column for machines, `title` for people."""

    key: str
    title: str | Promise
    value: Callable[[Row], Any]


def cells_of(row: Row) -> list[str]:
    """One line in the active time zone."""
    return [_text(column.value(row)) for column in COLUMNS]


def head_of(*, raw: bool) -> list[str]:
    return [column.key if raw else str(column.title) for column in COLUMNS]


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    return "" if value is None else str(value)


def _size(row: Row) -> str:
    coupon = row.coupon
    if coupon.percent_bp is not None:
        return f"{(Decimal(coupon.percent_bp) / 100).normalize():f}"
    return f"{to_major(coupon.amount_minor or 0, coupon.currency):f}"


def _sum(name: str) -> Callable[[Row], str]:
    def value(row: Row) -> str:
        amount = getattr(row.coupon, name)
        return "" if amount is None else f"{to_major(amount, row.coupon.currency):f}"

    return value


def _unit(row: Row) -> str:
    return "%" if row.coupon.percent_bp is not None else row.coupon.currency


COLUMNS = (
    Column("code", _("Coupon code"), lambda row: row.code),
    Column("state", _("State"), lambda row: row.status.value),
    Column("used", _("Used"), lambda row: row.uses.confirmed),
    Column("held", _("Held"), lambda row: row.uses.held),
    Column("size", _("Discount amount"), _size),
    Column("unit", _("Percent or currency"), _unit),
    Column("currency", _("Currency of the sums"), lambda row: row.coupon.currency),
    Column("minimum", _("Minimum spend"), _sum("minimum_minor")),
    Column("maximum", _("Maximum discount"), _sum("maximum_minor")),
    Column("contact", _("Assigned contact"), lambda row: row.coupon.contact.email if row.coupon.contact else ""),
    Column("list", _("Contact list"), lambda row: row.coupon.contact_list.name if row.coupon.contact_list else ""),
    Column("max_uses", _("Total uses allowed"), lambda row: row.coupon.max_uses),
    Column("max_uses_per_user", _("Uses per user"), lambda row: row.coupon.max_uses_per_contact),
    Column("offers", _("Used in offer"), lambda row: " ".join(offer.token for offer in row.offers)),
    Column("starts_at", _("Valid from"), lambda row: row.coupon.starts_at),
    Column("ends_at", _("Expiration date"), lambda row: row.coupon.ends_at),
    Column("comment", _("Comment"), lambda row: row.coupon.comment),
    Column(
        "created_by",
        _("Created by"),
        lambda row: (
            row.coupon.made_by
            or (row.coupon.created_by and (row.coupon.created_by.name or row.coupon.created_by.email))
        ),
    ),
    Column("created_at", _("Creation date"), lambda row: row.coupon.created_at),
)
