"""What happens to offers, as the activity page says it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from offers.models import Offer, TermsDocument
from schools.activity import Kind, Subject, Topic, register
from schools.models import Event, School


def register_own() -> None:
    """Register the topic of this app."""
    register("offers", Topic(label=_("Offers"), kinds=_OFFERS, subjects=_offers))
    register("terms", Topic(label=_("Legal terms"), kinds=_TERMS, subjects=_documents))


def _its_title(event: Event) -> str:
    return str(event.data.get("title", ""))


def _its_number(event: Event) -> str:
    return str(event.data.get("number", ""))


_OFFERS = {
    "offer.created": Kind(_("Offer made"), "tag"),
    "offer.changed": Kind(_("Offer changed"), "pencil"),
    "offer.published": Kind(_("Offer put on sale"), "store"),
    "offer.unpublished": Kind(_("Offer taken off sale"), "eye-off"),
    "offer.archived": Kind(_("Offer archived"), "archive"),
    "offer.restored": Kind(_("Offer restored as a draft"), "archive-restore"),
    "offer.copied": Kind(_("Offer copied"), "copy"),
    "offer.deleted": Kind(_("Draft of an offer deleted"), "trash-2", _its_title),
}
_TERMS = {
    "terms.created": Kind(_("Legal terms written"), "scale"),
    "terms.published": Kind(_("New version of legal terms"), "scale", _its_number),
    "terms.changed": Kind(_("Legal terms named or placed anew"), "pencil"),
    "terms.archived": Kind(_("Legal terms archived"), "archive"),
    "terms.restored": Kind(_("Legal terms in use again"), "archive-restore"),
}


def _documents(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    documents = TermsDocument.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(document.name, reverse("terms:detail", args=[school.slug, document.token]))
        for event in events
        if event.subject_id and (document := documents.get(event.subject_id))
    }


def _offers(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    offers = Offer.objects.in_bulk({event.subject_id for event in events if event.subject_id})
    return {
        event.pk: Subject(offer.title, reverse("offers:detail", args=[school.slug, offer.token]))
        for event in events
        if event.subject_id and (offer := offers.get(event.subject_id))
    }
