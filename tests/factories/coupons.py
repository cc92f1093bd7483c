"""Coupons as the team makes them."""

from typing import Any

import factory

from contacts.models import Contact, ContactList, ContactListMember
from coupons.models import Coupon, CouponCode
from coupons.services.coupons import CouponTerms, create_coupon
from schools.models import School
from schools.tenancy.scope import school_scope


class CouponFactory(factory.Factory[Coupon]):
    """A live coupon of a school: 10 % for everybody on every offer, once per person, unless said otherwise."""

    class Meta:
        model = Coupon

    code = factory.Sequence(lambda n: f"CODE{n}X")
    kind = "percent"

    @classmethod
    def _create(cls, model_class: type[Coupon], *args: Any, **fields: Any) -> Coupon:
        school = fields.pop("school")
        if fields["kind"] == "percent":
            fields.setdefault("percent_bp", 1_000)
        with school_scope(school):
            return create_coupon(terms=CouponTerms(**fields), actor=None)


def code_of(coupon: Coupon) -> str:
    """The one code of the coupon, as it was written."""
    with school_scope(coupon.school_id):
        return CouponCode.objects.get(coupon=coupon).code


def list_of(school: School, *contacts: Contact, name: str = "Graduates") -> ContactList:
    """A list with these people on it."""
    with school_scope(school):
        made = ContactList.objects.create(school=school, name=name)
        for contact in contacts:
            ContactListMember.objects.create(school=school, contact_list=made, contact=contact)
        return made
