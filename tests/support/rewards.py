"""Coupons that automations made, and what they take off."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from contacts.services.people import recognize_contact
from kwiga import clock
from offers.models import Offer
from orders.selectors.quote import quote_offer
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.factories.automations import AutomationFactory, percent_coupon
from tests.factories.contacts import ContactFactory
from tests.support.automations import coupons

NOON = datetime(2027, 2, 10, 12, 0, tzinfo=ZoneInfo("Europe/Kyiv")).astimezone(UTC)


def rewarded(school, *people, when=NOON, automation=None, **said):
    """New contacts set off an automation that makes a coupon; the coupons, oldest first."""
    with clock.at(when):
        automation or AutomationFactory(school=school, name="Bonus", steps=(percent_coupon(**said),))
        for email in people or ("olena@example.test",):
            ContactFactory(school=school, email=email)
        drain()
    return coupons(school)


def code(coupon):
    with school_scope(coupon.school_id):
        return coupon.codes.get().code


def price(offer, coupon, email, when=NOON):
    """What the offer costs this person with the coupon's code, and what they are told."""
    with clock.at(when), school_scope(offer.school_id), timezone.override("Europe/Kyiv"):
        quote = quote_offer(
            offer=Offer.objects.get(pk=offer.pk),
            contact=recognize_contact(email=email),
            at=clock.now(),
            code=code(coupon),
        )
        return quote.total_minor, str(quote.coupon_message)
