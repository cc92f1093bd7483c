"""A link between two rows of one school has the school in its key (trust 3.2): a neighbor's row is refused."""

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, connections, models
from django.test.utils import isolate_apps

from offers.models import Offer
from schools.models import School
from schools.tenancy.constraints import TenantKey
from schools.tenancy.models import TenantForeignKey, TenantModel
from schools.tenancy.scope import school_scope
from tests.factories.offers import OfferFactory

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def note_model(*keys: TenantKey) -> type[models.Model]:
    class Note(TenantModel):
        # By class, because the name means nothing to the isolated registry of apps.
        school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)
        offer = TenantForeignKey(Offer, on_delete=models.PROTECT, related_name="+")

        class Meta(TenantModel.Meta):
            app_label = "offers"
            constraints = [*TenantModel.Meta.constraints, *keys]

    return Note


@pytest.fixture
def note(request) -> Iterator[type[models.Model]]:
    """A table of notes on offers, made as a migration makes it."""
    with isolate_apps("offers"):
        model = note_model(*request.param)
        with connections["owner"].schema_editor() as editor:
            editor.create_model(model)
        yield model
        with connections["owner"].schema_editor() as editor:
            editor.delete_model(model)


@pytest.mark.parametrize("note", [[TenantKey(field="offer")]], indirect=True)
def test_link_to_own_offer_is_kept_and_to_the_neighbors_refused(note, school, other_school):
    mine, theirs = OfferFactory(school=school), OfferFactory(school=other_school)
    with school_scope(school):
        note(school_id=school.pk, offer_id=mine.pk).save(force_insert=True)
    with pytest.raises(IntegrityError), school_scope(school):
        note(school_id=school.pk, offer_id=theirs.pk).save(force_insert=True)


@pytest.mark.parametrize("note", [[]], indirect=True)
def test_without_the_key_the_neighbors_offer_is_taken(note, school, other_school):
    """The control: the policies alone let it through."""
    theirs = OfferFactory(school=other_school)
    with school_scope(school):
        note(school_id=school.pk, offer_id=theirs.pk).save(force_insert=True)
