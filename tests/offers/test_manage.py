"""Offers in the dashboard."""

import pytest

from offers.models import Offer
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory, PublishedOfferFactory, whole_course

GOOD = {"title": "Yoga", "description": "Mornings", "price": "1 200,50", "currency": "UAH"}


def only_offer(school) -> Offer:
    with school_scope(school):
        return Offer.objects.get()


def test_owner_makes_an_offer(school, owner, staff):
    response = staff(owner).post("/green/offers/new/", GOOD)
    offer = only_offer(school)
    assert (response.status_code, response.url) == (302, f"/green/offers/{offer.token}/")
    assert (offer.title, offer.price_minor, offer.currency, offer.status) == ("Yoga", 120_050, "UAH", "draft")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "This field is required"),
        ({"price": ""}, "This field is required"),
        ({"price": "much"}, "Enter an amount"),
        ({"price": "-1"}, "Enter an amount"),
        ({"price": "1.234"}, "UAH has 2 decimals"),
        ({"price": "10.5", "currency": "JPY"}, "JPY has 0 decimals"),
        ({"price": "9" * 20}, "Enter an amount"),
        ({"price": "NaN"}, "Enter an amount"),
        ({"price": "1e5"}, "Enter an amount"),
        ({"price": "Infinity"}, "Enter an amount"),
        ({"currency": "ZZZ"}, "not one of the available choices"),
        ({"title": "x" * 161}, "at most 160 characters"),
        ({"title": "a\x00b"}, "Null characters"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(school, owner, staff, change, sentence):
    response = staff(owner).post("/green/offers/new/", GOOD | change)
    assert response.status_code == 200
    assert sentence in response.text
    assert "Mornings" in response.text
    with school_scope(school):
        assert not Offer.objects.exists()


def test_edit_shows_and_saves_what_the_offer_says(school, owner, staff):
    offer = OfferFactory(school=school, title="Before", price_minor=150_000)
    client = staff(owner)
    assert 'value="1500.00"' in client.get(f"/green/offers/{offer.token}/edit/").text
    client.post(f"/green/offers/{offer.token}/edit/", GOOD)
    assert only_offer(school).title == "Yoga"


@pytest.mark.parametrize(
    ("path", "status"),
    [("publication", "published"), ("archive", "archived"), ("restoration", "draft"), ("withdrawal", "draft")],
)
def test_moves(school, owner, staff, path, status):
    offer = OfferFactory(school=school, price_minor=0, items=(whole_course(school),))
    response = staff(owner).post(f"/green/offers/{offer.token}/{path}/")
    assert response.status_code == 302
    assert only_offer(school).status == status


def test_teammate_sees_offers_and_changes_none(school, teammate, staff):
    offer = OfferFactory(school=school)
    client = staff(teammate)
    assert client.get("/green/offers/").status_code == 200
    assert "Publish" not in client.get(f"/green/offers/{offer.token}/").text
    assert client.post(f"/green/offers/{offer.token}/publication/").status_code == 403
    assert client.post("/green/offers/new/", GOOD).status_code == 403
    assert only_offer(school).status == "draft"


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_as_many_queries_for_three_offers_as_for_one(school, owner, staff, count, django_assert_num_queries):
    for _ in range(count):
        OfferFactory(school=school)
    client = staff(owner)
    client.get("/green/offers/")
    # session, user, school; savepoint, scope, member, the list, the categories, release, scope back
    with django_assert_num_queries(10):
        assert client.get("/green/offers/").text.count("row-link") == count


def test_list_pages_by_keyset_both_ways(school, owner, staff, monkeypatch):
    monkeypatch.setattr("kwiga.paging.page_of.__defaults__", (2,))
    for number in range(5):
        OfferFactory(school=school, title=f"Offer {number}")
    client = staff(owner)
    shown, address = [], "/green/offers/"
    while address:
        page = client.get(address).context["page"]
        shown.append([offer.title for offer in page.rows])
        address = page.next and f"/green/offers/{page.next}"
        last = page
    assert shown == [["Offer 4", "Offer 3"], ["Offer 2", "Offer 1"], ["Offer 0"]]
    back = client.get(f"/green/offers/{last.previous}").context["page"]
    assert [offer.title for offer in back.rows] == ["Offer 2", "Offer 1"]


@pytest.mark.parametrize("cursor", ["x", "1-", "-1", "9" * 40, "1-2-3", f"{2**62}-1", "0-99999999999999999999999"])
def test_cursor_without_sense_is_no_error(school, owner, staff, cursor):
    OfferFactory(school=school)
    assert staff(owner).get("/green/offers/", {"after": cursor}).status_code == 200
    assert staff(owner).get("/green/offers/", {"before": cursor}).status_code == 200


def test_filter_by_status(school, owner, staff):
    OfferFactory(school=school, title="Draft one")
    PublishedOfferFactory(school=school, title="Public one")
    page = staff(owner).get("/green/offers/?status=published").text
    assert "Public one" in page and "Draft one" not in page


def test_offer_of_another_school_is_not_found(school, owner, other_school, staff):
    theirs = OfferFactory(school=other_school)
    assert staff(owner).get(f"/green/offers/{theirs.token}/").status_code == 404
    assert staff(owner).get(f"/red/offers/{theirs.token}/").status_code == 404
