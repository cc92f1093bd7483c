"""What no coupon can say, refused before the database would (K19)."""

from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, ContactList
from coupons.codes import CodeRefused, code_key
from coupons.models import Coupon
from coupons.services.errors import TermsRefused
from coupons.services.terms import CouponTerms
from kwiga.money import CURRENCIES
from offers.models import Offer


def check_terms(terms: CouponTerms) -> None:
    """Raises TermsRefused with the field that is wrong."""
    _check_code(terms)
    _check_size(terms)
    _check_sums(terms)
    _check_limits(terms)
    _check_audience(terms)
    _check_offers(terms)


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


def _check_audience(terms: CouponTerms) -> None:
    wanted = {
        Coupon.Audience.EVERYONE: (None, None),
        Coupon.Audience.CONTACT: (terms.contact_id, None),
        Coupon.Audience.LIST: (None, terms.contact_list_id),
    }
    pair = wanted.get(Coupon.Audience(terms.audience)) if terms.audience in Coupon.Audience.values else None
    if pair is None or (terms.contact_id, terms.contact_list_id) != pair:
        raise TermsRefused("audience", _("Choose for whom the coupon is."))
    if terms.audience == Coupon.Audience.CONTACT and not Contact.objects.filter(pk=terms.contact_id or 0).exists():
        raise TermsRefused("contact_id", _("Choose the person."))
    if terms.audience == Coupon.Audience.LIST:
        lists = ContactList.objects.filter(pk=terms.contact_list_id or 0, archived_at=None)
        if not lists.exists():
            raise TermsRefused("contact_list_id", _("Choose the list."))


def _check_offers(terms: CouponTerms) -> None:
    wanted = set(terms.offer_ids)
    if wanted and Offer.objects.filter(pk__in=wanted).count() != len(wanted):
        raise TermsRefused("offer_ids", _("Choose offers of this school."))
