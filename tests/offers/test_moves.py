"""What can be done with an offer in the dashboard, and what its page and the list say."""

import pytest

from tests.factories.offers import OfferFactory, PublishedOfferFactory, whole_course
from tests.support.offer_pages import only_offer


def test_a_copy_opens_in_the_form(school, owner, staff):
    offer = OfferFactory(school=school, title="Yoga")
    response = staff(owner).post(f"/green/offers/{offer.token}/copy/", follow=True)
    assert "Copy of Yoga" in response.text and offer.token not in response.redirect_chain[0][0]


def test_a_draft_is_deleted_and_an_offer_on_sale_is_not(school, owner, staff):
    client = staff(owner)
    draft, on_sale = OfferFactory(school=school, title="Gone"), PublishedOfferFactory(school=school, title="Stays")
    assert "Delete “Gone”?" in client.get(f"/green/offers/{draft.token}/deletion/").text
    assert "“Gone” is deleted." in client.post(f"/green/offers/{draft.token}/deletion/", follow=True).text
    assert "Only a draft can be deleted." in client.post(f"/green/offers/{on_sale.token}/deletion/", follow=True).text
    assert only_offer(school).title == "Stays"


@pytest.mark.spec("K22.1: the team sees a draft by a link of its own")
def test_a_draft_says_what_is_missing_and_links_to_a_preview(school, owner, staff, visitor):
    offer = OfferFactory(school=school, price_minor=0)
    page = staff(owner).get(f"/green/offers/{offer.token}/")
    assert "opens nothing yet" in page.text and f"/green/offers/{offer.token}/edit/#section-opens" in page.text
    path = page.context["preview"].removeprefix("http://green.localhost:8000")
    assert visitor(school).get(path).status_code == 200
    assert visitor(school).get(f"/o/{offer.token}").status_code == 404


def test_the_page_of_an_offer_on_sale_has_its_address_and_no_preview(school, owner, staff):
    offer = PublishedOfferFactory(school=school, items=(whole_course(school),))
    page = staff(owner).get(f"/green/offers/{offer.token}/")
    assert f"http://green.localhost:8000/o/{offer.token}" in page.text
    assert page.context["preview"] == "" and page.context["problems"] == []


def test_offers_are_searched_and_filtered(school, owner, staff):
    OfferFactory(school=school, title="Morning yoga", category="Body")
    OfferFactory(school=school, title="Evening yoga", category="Mind")
    PublishedOfferFactory(school=school, title="Piano", category="Mind")
    client = staff(owner)

    def titles(query: str) -> set[str]:
        return {offer.title for offer in client.get(f"/green/offers/?{query}").context["page"].rows}

    assert titles("q=YOGA") == {"Morning yoga", "Evening yoga"}
    assert titles("q=yoga+even") == {"Evening yoga"}
    assert titles("category=Mind&status=published") == {"Piano"}
    assert titles("category=Mind&q=yog") == {"Evening yoga"}
    assert titles("q=%00yoga%00") == {"Morning yoga", "Evening yoga"}
    assert "Nothing fits the search" in client.get("/green/offers/?q=nothing").text
