"""What the form of an offer sends, and what it made."""

from offers.models import Offer
from schools.models import School
from schools.tenancy.scope import school_scope

HTMX = {"HX-Request": "true"}
GOOD = {"title": "Yoga", "price": "1200", "currency": "UAH"}


def only_offer(school: School) -> Offer:
    with school_scope(school):
        return Offer.objects.get()
