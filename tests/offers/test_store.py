"""What buyers see on the school's own host."""

import pytest

from offers import services
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory, PublishedOfferFactory


def test_public_page_shows_title_and_price(school, visitor):
    offer = PublishedOfferFactory(school=school, title="English for work", token="TnHG7QjEFukO", price_minor=120_000)
    page = visitor(school).get(f"/o/{offer.token}")
    assert page.status_code == 200
    assert "English for work" in page.text
    assert "UAH\N{NO-BREAK SPACE}1,200" in page.text


@pytest.mark.parametrize(
    "query", ["?coupon=SPRING", "?coupon=", "?coupon=%3Cscript%3Ealert(1)%3C/script%3E", "?coupon=" + "x" * 3_000]
)
def test_code_in_the_link_never_hinders_anybody(school, visitor, query):
    offer = PublishedOfferFactory(school=school)
    page = visitor(school).get(f"/o/{offer.token}{query}")
    assert page.status_code == 200
    assert "alert(1)" not in page.text.replace("%3Cscript%3Ealert(1)%3C/script%3E", "")


def test_draft_and_archived_offers_are_gone_and_unknown_ones_not_found(school, visitor):
    draft = OfferFactory(school=school)
    archived = PublishedOfferFactory(school=school)
    with school_scope(school):
        services.archive_offer(offer=archived, actor=None)
    assert visitor(school).get(f"/o/{draft.token}").status_code == 410
    assert visitor(school).get(f"/o/{archived.token}").status_code == 410
    assert visitor(school).get("/o/NoSuchOffer1").status_code == 404


def test_store_lists_published_offers_only(school, other_school, visitor):
    PublishedOfferFactory(school=school, title="On sale")
    OfferFactory(school=school, title="Still a draft")
    PublishedOfferFactory(school=other_school, title="Next door")
    page = visitor(school).get("/")
    assert "On sale" in page.text
    assert "Still a draft" not in page.text and "Next door" not in page.text


def test_empty_store_says_so(school, visitor):
    assert "Nothing is on sale yet" in visitor(school).get("/").text


@pytest.mark.parametrize("count", [1, 3])
def test_store_takes_as_many_queries_for_three_offers_as_for_one(school, visitor, count, django_assert_num_queries):
    for _ in range(count):
        PublishedOfferFactory(school=school)
    client = visitor(school)
    with django_assert_num_queries(6):  # host; savepoint, scope, the list, release, scope back
        assert client.get("/").text.count("offer-card") == count


def test_title_of_a_school_cannot_run_as_code(school, visitor):
    offer = PublishedOfferFactory(
        school=school, title="<script>alert(1)</script>", description="<img src=x onerror=alert(1)>"
    )
    text = visitor(school).get(f"/o/{offer.token}").text
    assert "<script>alert(1)" not in text and "<img src=x" not in text
    assert "&lt;script&gt;alert(1)" in text
