"""All that is known of a typed code for one person and offer, read in one statement; a dynamic list asks another.

The statement is written out: every checkout with a code runs it, and putting it together anew each time took longer
than the database needs for it. Row-level security fences it like any other.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection, models

from contacts.emails import normalize_email
from contacts.models import Contact, ContactList, ContactListMember
from contacts.segments.members import fitting_among
from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon, CouponCode, CouponOffer, Redemption
from coupons.rulebook import OfferLink, Person
from offers.models import Offer
from schools.tenancy.scope import current_school_id

NAMED_OFFERS = 5  # so many are named in a sentence

_STATEMENT = """
SELECT {columns}, who.id,
  EXISTS (SELECT FROM {couponoffer} chosen
           WHERE chosen.school_id = coupon.school_id AND chosen.coupon_id = coupon.id AND chosen.offer_id = %(offer)s),
  (SELECT jsonb_agg(named) FROM (
     SELECT offer.id, offer.title, offer.token,
            offer.status = 'published' AND offer.is_listed AND offer.allows_coupons AS is_shown
       FROM {couponoffer} chosen JOIN {offer} offer ON (offer.school_id, offer.id) = (chosen.school_id, chosen.offer_id)
      WHERE chosen.school_id = coupon.school_id AND chosen.coupon_id = coupon.id AND NOT coupon.for_all_offers
      ORDER BY is_shown DESC, chosen.id LIMIT {named}) named),
  EXISTS (SELECT FROM {member} member
           WHERE member.school_id = coupon.school_id AND member.contact_list_id = coupon.contact_list_id
             AND member.contact_id = who.id),
  (SELECT listed.conditions FROM {list} listed
    WHERE listed.school_id = coupon.school_id AND listed.id = coupon.contact_list_id),
  (SELECT jsonb_agg(jsonb_build_object('state', state, 'until', held_until, 'is_own', EXISTS (
            SELECT FROM {discount} given JOIN {order} placed
                ON (placed.school_id, placed.id) = (given.school_id, given.order_id)
             WHERE given.school_id = uses.school_id AND given.redemption_id = uses.id
               AND placed.number = ANY(%(own_orders)s))))
     FROM {redemption} uses
    WHERE uses.school_id = coupon.school_id AND uses.contact_id = who.id AND uses.coupon_id = coupon.id
      AND uses.state IN ('held', 'confirmed'))
  FROM {code} code
  JOIN {coupon} coupon ON coupon.school_id = code.school_id AND coupon.id = code.coupon_id
 CROSS JOIN LATERAL (SELECT coalesce(%(contact)s::bigint, (
         SELECT id FROM {contact} known WHERE known.school_id = %(school)s AND known.email = %(email)s)) AS id) who
 WHERE code.school_id = %(school)s AND code.code_key = %(key)s
"""


@dataclass(frozen=True, kw_only=True)
class FoundCode:
    """A code with its coupon, whether the offer is among the chosen ones, a few of those, and the person's part."""

    code: CouponCode
    coupon: Coupon
    is_chosen: bool
    offers: tuple[OfferLink, ...]
    person: Person


def read_code(
    *, typed: str, offer: Offer, contact: Contact | None, email: str, own_orders: Collection[str]
) -> FoundCode | None:
    """What the open scope's school knows of the code; None when it is unknown, or no code at all.

    The person is the contact who signed in, else whoever the school knows by the email.
    """
    try:
        key = code_key(typed)
    except CodeRefused:
        return None
    row = _row(
        key=key,
        school=current_school_id(),
        offer=offer.pk,
        contact=contact.pk if contact else None,
        email=normalize_email(email),
        own_orders=list(own_orders),
    )
    return _found(row, is_signed_in=contact is not None, is_known=is_known(contact, email)) if row else None


def is_known(contact: Contact | None, email: str) -> bool:
    """Whether anybody said who they are."""
    return contact is not None or bool(normalize_email(email))


def _row(**values: Any) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(_statement(), values)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row


@cache
def _statement() -> str:
    given: Any = Redemption._meta.get_field("order_discounts").related_model  # of the app behind this one
    columns = [f'code."{field.column}"' for field in _fields(CouponCode)]
    columns += [f'coupon."{field.column}"' for field in _fields(Coupon)]
    return _STATEMENT.format(
        columns=", ".join(columns),
        code=CouponCode._meta.db_table,
        coupon=Coupon._meta.db_table,
        couponoffer=CouponOffer._meta.db_table,
        redemption=Redemption._meta.db_table,
        offer=Offer._meta.db_table,
        contact=Contact._meta.db_table,
        member=ContactListMember._meta.db_table,
        list=ContactList._meta.db_table,
        discount=given._meta.db_table,
        order=given._meta.get_field("order").related_model._meta.db_table,
        named=NAMED_OFFERS,
    )


def _fields(model: type[models.Model]) -> list[Any]:
    return list(model._meta.concrete_fields)


def _found(row: tuple[Any, ...], *, is_signed_in: bool, is_known: bool) -> FoundCode:
    first, second = len(_fields(CouponCode)), len(_fields(CouponCode)) + len(_fields(Coupon))
    code, coupon = _made(CouponCode, row[:first]), _made(Coupon, row[first:second])
    code.coupon = coupon
    contact_id, is_chosen, offers, is_put_in, conditions, uses = row[second:]
    is_on_list = is_put_in if conditions is None else _fits(conditions, contact_id)
    return FoundCode(
        code=code,
        coupon=coupon,
        is_chosen=is_chosen,
        offers=tuple(OfferLink(**named) for named in _json(offers)),
        person=_person(contact_id, _json(uses), is_on_list, is_signed_in=is_signed_in, is_known=is_known),
    )


def _made(model: type[Any], values: tuple[Any, ...]) -> Any:
    return model.from_db(connection.alias, [field.attname for field in _fields(model)], values)


def _json(value: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _loaded(value) or []
    return rows


def _fits(conditions: Any, contact_id: int | None) -> bool:
    """Whether the person is in a dynamic list at this moment: by the filter itself, one more statement."""
    return contact_id is not None and bool(fitting_among(_loaded(conditions), [contact_id]))


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _person(
    contact_id: int | None, uses: list[dict[str, Any]], is_on_list: bool, *, is_signed_in: bool, is_known: bool
) -> Person:
    held = [use for use in uses if use["state"] == Redemption.State.HELD]
    elsewhere = [use for use in held if not (is_signed_in or use["is_own"])]
    return Person(
        is_known=is_known,
        contact_id=contact_id,
        is_on_list=is_on_list,
        confirmed=len(uses) - len(held),
        held=len(held),
        movable=len(held) - len(elsewhere),
        held_until=max((datetime.fromisoformat(use["until"]) for use in elsewhere), default=None),
    )
