"""An offer copied, archived, deleted."""

from dataclasses import replace
from typing import Any

import pytest

from courses.models import Course
from courses.selectors import owned_course_ids
from kwiga import clock
from offers import services
from offers.models import Offer, OfferItem
from offers.selectors import items_of, questions_of
from offers.services import OfferRefused, terms_in
from orders.errors import NotOnSale
from orders.services.placing import place_order
from schools import search
from schools.models import Event, School
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory
from tests.factories.orders import PaidOrderFactory, PlacedOrderFactory, checkout_of, sold_offer
from tests.support.offer_terms import everything, without_ids


@pytest.mark.spec("K22.4: an archived offer takes no orders, and who bought keeps access")
def test_an_archived_offer_sells_nothing_and_takes_nothing_away(school: School) -> None:
    order = PaidOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        offer = Offer.objects.get(pk=order.offer_id)
        late = checkout_of(offer, email="late@example.test")
        services.archive_offer(offer=offer, actor=None)
    with pytest.raises(NotOnSale), school_scope(school):
        place_order(checkout=late)
    with school_scope(school):
        assert owned_course_ids(order.contact, clock.now()) == {item.course_id for item in items_of(offer)}


@pytest.mark.spec("K11.4: a copy has no orders, another address and no promo")
def test_a_copy_says_the_same_under_another_address(school: School, owner: Any) -> None:
    with school_scope(school):
        offer = services.create_offer(terms=everything(school), actor=None)
        Offer.objects.filter(pk=offer.pk).update(status="published", seats_taken=4)
        fresh = services.copy_offer(offer=offer, actor=owner)
        expected = replace(
            terms_in(offer),
            title="Copy of Yoga",
            promo_price_minor=None,
            promo_starts_at=None,
            promo_ends_at=None,
        )
        assert without_ids(terms_in(fresh)) == without_ids(expected)
        assert {row.pk for row in questions_of(fresh)}.isdisjoint({row.pk for row in questions_of(offer)})
        assert fresh.token != offer.token
        assert (fresh.status, fresh.seats_taken) == ("draft", 0)
        assert Event.objects.filter(kind="offer.copied", data={"from": offer.pk}).count() == 1


@pytest.mark.spec("K11.4: a copy has no orders, another address and no promo")
def test_a_copy_has_no_orders(school: School) -> None:
    order = PlacedOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        assert order.offer is not None
        fresh = services.copy_offer(offer=order.offer, actor=None)
        assert (order.offer.orders.count(), fresh.orders.count()) == (1, 0)


def test_a_copy_of_a_long_title_fits(scope: School) -> None:
    assert len(services.copy_offer(offer=OfferFactory(school=scope, title="x" * 160), actor=None).title) == 160


def test_an_offer_with_orders_is_archived_and_never_deleted(school: School) -> None:
    order = PlacedOrderFactory(offer=sold_offer(school))
    with school_scope(school):
        offer = order.offer
        assert offer is not None
        with pytest.raises(OfferRefused, match="Only a draft"):
            services.delete_offer(offer=offer, actor=None)
        services.unpublish_offer(offer=offer, actor=None)
        with pytest.raises(OfferRefused, match="has orders"):
            services.delete_offer(offer=offer, actor=None)
        assert Offer.objects.filter(pk=offer.pk).exists()
        assert items_of(offer)
        services.archive_offer(offer=offer, actor=None)


def test_a_draft_without_orders_is_deleted_with_all_of_it(scope: School) -> None:
    offer = services.create_offer(terms=everything(scope), actor=None)
    services.delete_offer(offer=offer, actor=None)
    assert not Offer.objects.exists() and not OfferItem.objects.exists()
    assert Course.objects.exists()
    assert not any(hits.exists() for hits in search.found("offer", "yoga"))
    assert Event.objects.get(kind="offer.deleted").data["title"] == "Yoga"
