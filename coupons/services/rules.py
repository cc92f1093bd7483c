"""What no coupon can say, refused before the database would (K19)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactList
from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon
from coupons.services.errors import TermsRefused
from coupons.services.terms import CouponTerms
from kwiga.money import CURRENCIES
from offers.models import Offer


@dataclass(frozen=True)
class Named:
    """Whom and what some terms name, as far as the school has it."""

    contacts: Mapping[int, Contact]
    lists: Mapping[int, ContactList]
    offer_ids: frozenset[int]


def named_in(terms: Iterable[CouponTerms]) -> Named:
    """Fetch at once what these terms name; a query for each kind that is named at all."""
    terms = list(terms)
    contact_ids = {each.contact_id for each in terms if each.contact_id}
    list_ids = {each.contact_list_id for each in terms if each.contact_list_id}
    offer_ids = {pk for each in terms for pk in each.offer_ids}
    return Named(
        contacts={row.pk: row for row in Contact.objects.filter(pk__in=contact_ids)},
        lists={row.pk: row for row in ContactList.objects.filter(pk__in=list_ids, archived_at=None)},
        offer_ids=frozenset(Offer.objects.filter(pk__in=offer_ids).values_list("pk", flat=True)),
    )


def check_terms(terms: CouponTerms, named: Named) -> None:
    """Raises TermsRefused with the field that is wrong; `named` holds what the terms name (`named_in`)."""
    _check_code(terms)
    _check_size(terms)
    _check_sums(terms)
    _check_limits(terms)
    _check_audience(terms, named)
    _check_offers(terms, named)


def _check_code(terms: CouponTerms) -> None:
    try:
        code_key(terms.code)
    except CodeRefused as error:
        raise TermsRefused("code", error.message) from error


def _check_size(terms: CouponTerms) -> None:
    if terms.kind == Coupon.Kind.PERCENT:
        if terms.percent_bp is None or not 100 <= terms.percent_bp <= 10_000:
            raise TermsRefused("percent_bp", _("Enter a percentage from 1 to 100."))
        if terms.amount_minor is not None:
            raise TermsRefused("amount_minor", _("A coupon gives a percentage or a sum."))
    elif terms.kind == Coupon.Kind.FIXED:
        if terms.amount_minor is None or terms.amount_minor < 1:
            raise TermsRefused("amount_minor", _("Enter a sum above zero."))
        if terms.percent_bp is not None or terms.maximum_minor is not None:
            raise TermsRefused("percent_bp", _("A coupon gives a percentage or a sum."))
    else:
        raise TermsRefused("kind", _("Choose a percentage or a fixed sum."))


def _check_sums(terms: CouponTerms) -> None:
    sums = [terms.amount_minor, terms.maximum_minor, terms.minimum_minor]
    if any(each is not None for each in sums) and terms.currency not in CURRENCIES:
        raise TermsRefused("currency", _("Choose the currency of the sum."))
    for field in ("maximum_minor", "minimum_minor"):
        value = getattr(terms, field)
        if value is not None and value < 1:
            raise TermsRefused(field, _("Enter a sum above zero."))


def _check_limits(terms: CouponTerms) -> None:
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        raise TermsRefused("ends_at", _("The end must come after the start."))
    for field in ("max_uses", "max_uses_per_contact"):
        value = getattr(terms, field)
        if value is not None and value < 1:
            raise TermsRefused(field, _("Enter a number above zero, or leave it empty."))


def _check_audience(terms: CouponTerms, named: Named) -> None:
    wanted = {
        Coupon.Audience.EVERYONE: (None, None),
        Coupon.Audience.CONTACT: (terms.contact_id, None),
        Coupon.Audience.LIST: (None, terms.contact_list_id),
    }
    pair = wanted.get(Coupon.Audience(terms.audience)) if terms.audience in Coupon.Audience.values else None
    if pair is None or (terms.contact_id, terms.contact_list_id) != pair:
        raise TermsRefused("audience", _("Choose for whom the coupon is."))
    if terms.audience == Coupon.Audience.CONTACT and terms.contact_id not in named.contacts:
        raise TermsRefused("contact_id", _("Choose the person."))
    if terms.audience == Coupon.Audience.LIST and terms.contact_list_id not in named.lists:
        raise TermsRefused("contact_list_id", _("Choose the list."))


def _check_offers(terms: CouponTerms, named: Named) -> None:
    if not named.offer_ids.issuperset(terms.offer_ids):
        raise TermsRefused("offer_ids", _("Choose offers of this school."))
