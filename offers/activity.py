"""What happens to offers, as the activity page says it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from offers.models import Offer
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("offers", Topic(label=_("Offers"), kinds=_OFFERS, subjects=_offers))


_OFFERS = {
    "offer.created": Kind(_("Offer made"), "tag"),
    "offer.changed": Kind(_("Offer changed"), "pencil"),
    "offer.published": Kind(_("Offer put on sale"), "store"),
    "offer.unpublished": Kind(_("Offer taken off sale"), "eye-off"),
    "offer.archived": Kind(_("Offer archived"), "archive"),
    "offer.restored": Kind(_("Offer restored as a draft"), "archive-restore"),
}


def _offers(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    offers = Offer.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(offer.title, reverse("offers:detail", args=[school.slug, offer.token]))
        for event in events
        if event.subject_id and (offer := offers.get(event.subject_id))
    }
