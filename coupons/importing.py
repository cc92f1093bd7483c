"""Lines of a file read as coupons: columns found by their names, each line judged by the same rules as the form."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from contacts.emails import normalize_email
from contacts.models import Contact, ContactList
from coupons.codes import CodeRefused, code_key
from coupons.exports import COLUMNS
from coupons.models import Coupon, CouponCode
from coupons.services.terms import CouponTerms
from kwiga.csv import FileRefused, Limits, read_table
from kwiga.errors import DomainError
from kwiga.instants import instant_of
from kwiga.money import CURRENCIES, parse_major
from offers.models import Offer

LIMITS = Limits(rows=20_000, megabytes=5)
READ = (
    "code", "size", "unit", "currency", "minimum", "maximum", "contact", "list", "max_uses", "max_uses_per_user",
    "offers", "starts_at", "ends_at", "comment",
)  # fmt: skip
_ENDS = {"starts_at": False, "ends_at": True}
Cells = Mapping[str, str]


class LineRefused(DomainError):
    """A line that no coupon can be made of."""


@dataclass(frozen=True)
class Known:
    """What the lines of a piece may name, fetched at once."""

    codes: frozenset[str]
    contacts: Mapping[str, int]
    lists: Mapping[str, int]
    offers: Mapping[str, int]


def read_file(content: bytes) -> list[dict[str, str]]:
    """The lines of a CSV file by the keys of their columns. Raises FileRefused."""
    lines = read_table(content, LIMITS)
    keys = _keys(lines[0]) if lines else []
    if "code" not in keys or "size" not in keys:
        raise FileRefused(_("The first line must name the columns, “code” and “size” among them."))
    if len(lines) == 1:
        raise FileRefused(_("The file has no line below its head."))
    return [_cells(keys, line) for line in lines[1:]]


def known_to(lines: Iterable[Cells]) -> Known:
    """What these lines name, as far as the school knows it; four queries."""
    lines = list(lines)
    emails = {normalize_email(line.get("contact", "")) for line in lines} - {""}
    keys = {_key(line.get("code", "")) for line in lines} - {""}
    names = {" ".join(line.get("list", "").split()) for line in lines} - {""}
    tokens = {token for line in lines for token in line.get("offers", "").split()}
    return Known(
        codes=frozenset(CouponCode.objects.filter(code_key__in=keys).values_list("code_key", flat=True)),
        contacts=dict(Contact.objects.filter(email__in=emails).values_list("email", "pk")),
        lists=dict(ContactList.objects.filter(name__in=names, archived_at=None).values_list("name", "pk")),
        offers=dict(Offer.objects.filter(token__in=tokens).values_list("token", "pk")),
    )


def judged(lines: Sequence[Cells], known: Known) -> list[str]:
    """For each line why it would be refused, empty for a good one; a code named twice is refused the second time."""
    seen: set[str] = set()
    answers = []
    for line in lines:
        key = _key(line.get("code", ""))
        answer = _("The file has this code before.") if key and key in seen else _judge(line, known)
        seen.add(key)
        answers.append(answer)
    return answers


def terms_of(line: Cells, known: Known, *, made_by: str = "") -> CouponTerms:
    """What a line says, in the active time zone. Raises LineRefused with the reason."""
    try:
        key = code_key(line.get("code", ""))
    except CodeRefused as error:
        raise LineRefused(str(error)) from error
    if key in known.codes:
        raise LineRefused(_("Another coupon has this code."))
    starts_at, ends_at = _instant(line, "starts_at"), _instant(line, "ends_at")
    if starts_at and ends_at and ends_at <= starts_at:
        raise LineRefused(_("The end must come after the start."))
    return CouponTerms(
        code=line["code"],
        **_discount(line),
        starts_at=starts_at,
        ends_at=ends_at,
        max_uses=_number(line, "max_uses"),
        max_uses_per_contact=_number(line, "max_uses_per_user") if "max_uses_per_user" in line else 1,
        **_audience(line, known),
        **_offers(line, known),
        comment=" ".join(line.get("comment", "").split())[:500],
        made_by=made_by,
    )


def _judge(line: Cells, known: Known) -> str:
    try:
        terms_of(line, known)
    except LineRefused as error:
        return str(error)
    return ""


def _discount(line: Cells) -> dict[str, Any]:
    unit, typed = (line.get("unit", "") or "%").strip().upper(), line.get("size", "").strip()
    is_percent = unit == "%" or typed.endswith("%")
    currency = line.get("currency", "").strip().upper() if is_percent else unit
    minimum, maximum = _sum(line, "minimum", currency), _sum(line, "maximum", currency)
    if is_percent:
        kind, percent_bp, amount_minor = Coupon.Kind.PERCENT, _percent(typed), None
    else:
        if unit not in CURRENCIES:
            raise LineRefused(_("“%(unit)s” is neither % nor a currency we know.") % {"unit": unit[:20]})
        kind, percent_bp, amount_minor, maximum = Coupon.Kind.FIXED, None, _sum(line, "size", unit), None
        if not amount_minor:
            raise LineRefused(_("Enter a sum above zero."))
    has_sums = not is_percent or minimum or maximum
    return {
        "kind": kind,
        "percent_bp": percent_bp,
        "amount_minor": amount_minor,
        "currency": currency if has_sums else "",
        "minimum_minor": minimum,
        "maximum_minor": maximum,
    }


def _percent(typed: str) -> int:
    try:
        percent_bp = Decimal(typed.replace("%", "").replace(",", ".").strip()) * 100
    except InvalidOperation as error:
        raise LineRefused(_("Enter a percentage from 1 to 100, with two decimals at most.")) from error
    if not percent_bp.is_finite() or percent_bp != int(percent_bp) or not 100 <= percent_bp <= 10_000:
        raise LineRefused(_("Enter a percentage from 1 to 100, with two decimals at most."))
    return int(percent_bp)


def _sum(line: Cells, name: str, currency: str) -> int | None:
    typed = line.get(name, "").strip()
    if not typed:
        return None
    if currency not in CURRENCIES:
        raise LineRefused(_("Name the currency of the sum."))
    try:
        amount_minor = parse_major(typed, currency)
    except ValueError as error:
        raise LineRefused(_("“%(typed)s” is no sum.") % {"typed": typed[:40]}) from error
    if not 1 <= amount_minor <= 10**13:
        raise LineRefused(_("Enter a sum above zero."))
    return amount_minor


def _number(line: Cells, name: str) -> int | None:
    typed = line.get(name, "").strip()
    if not typed:
        return None
    if not typed.isdecimal() or not 1 <= int(typed) <= 2_000_000_000:
        raise LineRefused(_("“%(typed)s” is no number of uses.") % {"typed": typed[:40]})
    return int(typed)


def _audience(line: Cells, known: Known) -> dict[str, Any]:
    email, name = normalize_email(line.get("contact", "")), " ".join(line.get("list", "").split())
    if email and name:
        raise LineRefused(_("A coupon is for one person or for a list, not for both."))
    if email:
        if email not in known.contacts:
            raise LineRefused(_("No contact has this email. Add the contact first."))
        return {"audience": Coupon.Audience.CONTACT, "contact_id": known.contacts[email]}
    if name:
        if name not in known.lists:
            raise LineRefused(_("There is no list of this name. Make the list first."))
        return {"audience": Coupon.Audience.LIST, "contact_list_id": known.lists[name]}
    return {}


def _offers(line: Cells, known: Known) -> dict[str, Any]:
    tokens = line.get("offers", "").split()
    if not tokens:
        return {}
    missing = [token for token in tokens if token not in known.offers]
    if missing:
        raise LineRefused(_("There is no offer “%(token)s”.") % {"token": missing[0][:40]})
    return {"for_all_offers": False, "offer_ids": tuple(known.offers[token] for token in tokens)}


def _instant(line: Cells, name: str) -> datetime | None:
    typed = line.get(name, "").strip()
    if not typed:
        return None
    for shape in ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"):
        try:
            local = datetime.strptime(typed, shape)  # noqa: DTZ007  the zone is the school's
        except ValueError:
            continue
        hour: time | None = local.time() if "%H" in shape else None
        return instant_of(local.date(), hour, is_end=_ENDS[name])
    raise LineRefused(_("“%(typed)s” is no day: write 2026-12-31 or 2026-12-31 18:00.") % {"typed": typed[:40]})


def _key(typed: str) -> str:
    try:
        return code_key(typed)
    except CodeRefused:
        return ""


def _keys(head: Sequence[str]) -> list[str]:
    """The key of each column, by its key or its title in the language of the page; empty for one we do not read."""
    titles = {str(column.title).casefold(): column.key for column in COLUMNS} | {key: key for key in READ}
    return [titles.get(cell.strip().casefold(), "") for cell in head]


def _cells(keys: Sequence[str], line: Sequence[str]) -> dict[str, str]:
    pairs = zip(keys, line, strict=False)
    return {key: cell[:500] for key, cell in pairs if key in READ}
