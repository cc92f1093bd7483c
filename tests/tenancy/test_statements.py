"""Queries whose SQL is written once: they answer like Django's own, each time for the values at hand."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from offers.models import Offer
from schools.tenancy.scope import ScopeError, school_scope
from schools.tenancy.statements import Given, Statement
from tests.factories.offers import OfferFactory
from tests.factories.schools import SchoolFactory


def _by_token() -> Statement:
    return Statement(lambda: Offer.objects.select_related("cover").filter(token=Given("token")))


def test_each_question_gets_its_own_answer(school):
    statement = _by_token()
    offers = [OfferFactory(school=school, title=title) for title in ("First", "Second")]
    with school_scope(school):
        for offer in offers:
            found = statement.first(token=offer.token)
            assert found == offer and found.title == offer.title and found.cover is None
        assert statement.first(token="nobody's") is None


def test_the_school_is_the_one_of_the_open_scope(school):
    statement, other = _by_token(), SchoolFactory()
    own, foreign = OfferFactory(school=school), OfferFactory(school=other)
    with school_scope(school):
        assert statement.all(token=own.token) == [own] and statement.all(token=foreign.token) == []
    with school_scope(other):
        assert statement.all(token=foreign.token) == [foreign] and statement.all(token=own.token) == []


def test_the_sql_names_the_school_itself(school, django_assert_num_queries):
    statement = _by_token()
    with school_scope(school), django_assert_num_queries(1) as seen:
        statement.all(token="x")
    assert f'"offers_offer"."school_id" = ({school.pk})' in seen.captured_queries[0]["sql"]


def test_what_is_said_at_the_end_closes_the_sql(school, django_assert_num_queries):
    statement, offer = (
        Statement(_by_token()._compose, ending="FOR KEY SHARE OF offers_offer"),
        OfferFactory(school=school),
    )
    with school_scope(school), django_assert_num_queries(1) as seen:
        assert statement.first(token=offer.token) == offer
    assert seen.captured_queries[0]["sql"].endswith(" FOR KEY SHARE OF offers_offer")


def test_outside_a_scope_there_is_no_answer(school):
    statement = _by_token()
    with school_scope(school):
        statement.all(token="x")
    with pytest.raises(ScopeError):
        statement.all(token="x")


@pytest.mark.django_db(transaction=True)
def test_threads_ask_through_their_own_connections(school):
    statement = _by_token()
    offers = [OfferFactory(school=school) for _ in range(4)]

    def ask(offer: Offer) -> list[bool]:
        try:
            with school_scope(school):
                return [statement.first(token=offer.token) == offer for _ in range(20)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert all(all(answers) for answers in pool.map(ask, offers))
