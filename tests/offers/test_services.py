"""The verbs of offers."""

import pytest

from offers import services
from offers.models import Offer
from offers.services import OfferRefused, OfferTerms
from schools.models import Event, OutboxRow
from tests.factories.offers import OfferFactory, whole_course

TERMS = OfferTerms(title="Yoga", description="Mornings", price_minor=120_000, currency="UAH")


def test_create_offer_makes_a_draft_with_an_address_and_tells_the_journal(scope, owner):
    offer = services.create_offer(terms=TERMS, actor=owner)

    assert (offer.status, offer.title, offer.price_minor, len(offer.token)) == ("draft", "Yoga", 120_000, 12)
    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject_kind, event.subject_id) == (
        "offer.created",
        owner,
        "offer",
        offer.pk,
    )
    assert OutboxRow.objects.get().payload == {"event": event.pk}


MOVES = {
    ("draft", "publish"): "published",
    ("draft", "archive"): "archived",
    ("draft", "unpublish"): "draft",
    ("draft", "restore"): "draft",
    ("published", "publish"): "published",
    ("published", "unpublish"): "draft",
    ("published", "archive"): "archived",
    ("published", "restore"): None,
    ("archived", "restore"): "draft",
    ("archived", "archive"): "archived",
    ("archived", "publish"): None,
    ("archived", "unpublish"): None,
}


@pytest.mark.parametrize(("start", "verb"), MOVES, ids=lambda value: value)
def test_every_move_from_every_state(scope, school, start, verb):
    offer = OfferFactory(school=school, price_minor=0, items=(whole_course(school),))
    Offer.objects.filter(pk=offer.pk).update(status=start)
    move, target = getattr(services, f"{verb}_offer"), MOVES[start, verb]

    if target is None:
        with pytest.raises(OfferRefused):
            move(offer=offer, actor=None)
    else:
        assert move(offer=offer, actor=None).status == target
    offer.refresh_from_db()
    assert offer.status == (target or start)


def test_move_made_twice_is_told_once(scope, school):
    offer = OfferFactory(school=school, price_minor=0, items=(whole_course(school),))
    services.publish_offer(offer=offer, actor=None)
    services.publish_offer(offer=offer, actor=None)
    assert Event.objects.filter(kind="offer.published").count() == 1


def test_archived_offer_keeps_its_terms(scope, school):
    offer = OfferFactory(school=school, title="Before")
    services.archive_offer(offer=offer, actor=None)
    with pytest.raises(OfferRefused):
        services.change_offer(offer=offer, terms=TERMS, actor=None)
    offer.refresh_from_db()
    assert offer.title == "Before"


def test_history_keeps_every_version(scope, school):
    offer = OfferFactory(school=school, title="Before")
    services.change_offer(offer=offer, terms=TERMS, actor=None)
    titles = offer.history.order_by("pgh_id").values_list("title", flat=True)
    assert list(titles) == ["Before", "Yoga"]
