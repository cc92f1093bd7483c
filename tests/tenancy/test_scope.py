"""`school_scope`: loud outside, one school inside, the outer one again behind it."""

import pytest
from django.db import ProgrammingError, connection, transaction

from kwiga import clock
from offers.models import Offer
from schools.models import School
from schools.tenancy.scope import ScopeError, refuse_in_scope, school_scope
from tests.factories.offers import OfferFactory

OUTSIDE = {
    "all": lambda: list(Offer.objects.all()),
    "get": lambda: Offer.objects.get(pk=1),
    "exists": lambda: Offer.objects.exists(),
    "exclude exists": lambda: Offer.objects.exclude(pk=1).exists(),
    "count": lambda: Offer.objects.count(),
    "create": lambda: Offer.objects.create(school_id=1, title="x", price_minor=1, currency="UAH"),
    "bulk_create": lambda: Offer.objects.bulk_create([Offer(school_id=1, title="x", price_minor=1, currency="UAH")]),
    "update": lambda: Offer.objects.update(title="x"),
    "delete": lambda: Offer.objects.filter(pk=1).delete(),
    "save": lambda: Offer(pk=1, school_id=1, title="x", price_minor=1, currency="UAH").save(force_update=True),
    "refresh": lambda: Offer(pk=1).refresh_from_db(),
}


def school_set_in_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('app.school_id', true), '')")
        return cursor.fetchone()[0]


@pytest.mark.parametrize("query", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_query_outside_a_scope_raises(db, query):
    with pytest.raises(ScopeError):
        query()


def test_scope_finds_own_rows_and_not_the_neighbors(school, other_school):
    mine, theirs = OfferFactory(school=school), OfferFactory(school=other_school)

    with school_scope(school):
        assert list(Offer.objects.all()) == [mine]
        assert not Offer.objects.filter(pk=theirs.pk).exists()


def test_inner_scope_ends_with_the_outer_school_set_again(school, other_school):
    with school_scope(school):
        with school_scope(other_school):
            assert school_set_in_the_database() == str(other_school.pk)
        assert school_set_in_the_database() == str(school.pk)
    assert school_set_in_the_database() == ""


def test_failed_inner_scope_ends_with_the_outer_school_set_again(school, other_school):
    with school_scope(school):
        with pytest.raises(LookupError), school_scope(other_school):
            raise LookupError
        assert school_set_in_the_database() == str(school.pk)


def test_row_for_another_school_is_refused_by_the_database(school, other_school):
    with school_scope(school), pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Offer.objects.create(school=other_school, title="x", price_minor=1, currency="UAH")


def test_foreign_row_is_not_updated(school, other_school):
    theirs = OfferFactory(school=other_school, title="Theirs")
    with school_scope(school), connection.cursor() as cursor:
        cursor.execute("UPDATE offers_offer SET title = 'Mine' WHERE id = %s", [theirs.pk])
        assert cursor.rowcount == 0


def test_school_with_rows_cannot_be_deleted_unseen(school):
    """Outside a scope row security hides the rows that protect their school; the scoped base manager says so."""
    OfferFactory(school=school)
    with pytest.raises(ScopeError):
        School.objects.get(pk=school.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_scope_leaves_nothing_set_on_the_connection(school):
    with school_scope(school):
        pass
    assert school_set_in_the_database() == ""


def test_clock_stands_still_within_a_scope(school, other_school):
    with school_scope(school):
        begun = clock.now()
        with school_scope(other_school):
            assert clock.now() == begun


def test_clock_can_be_set(school):
    instant = clock.now().replace(year=2030)
    with clock.at(instant), school_scope(school):
        assert OfferFactory(school=school).created_at == instant


def test_conversation_inside_a_scope_is_refused(school):
    refuse_in_scope("Mail")
    with school_scope(school), pytest.raises(ScopeError):
        refuse_in_scope("Mail")
