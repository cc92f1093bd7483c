"""Every text of every table is said to be somebody's (trust D8), so that no new one is forgotten by an erasure."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from contacts.holdings import Whose, classified, holdings
from contacts.models import Contact

TEXTS = (models.CharField, models.TextField, models.JSONField, models.GenericIPAddressField)
# Views of the row history that the product does not use; they hold no rows of their own.
VIEWS = ("pghistory.Events", "pghistory.MiddlewareEvents")


def tables() -> list[type[models.Model]]:
    """All tables but those that keep the history of another: they have its columns, and so its classes."""
    found = [model for model in apps.get_models(include_auto_created=True) if model._meta.label not in VIEWS]
    return [model for model in found if not hasattr(model, "pgh_tracked_model")]


def histories() -> Iterator[type[models.Model]]:
    yield from (model for model in apps.get_models() if hasattr(model, "pgh_tracked_model"))


def speaking(model: type[models.Model]) -> set[str]:
    """The columns that hold words, and the links to a contact."""
    fields = model._meta.concrete_fields
    words = {field.name for field in fields if isinstance(field, TEXTS) and not field.is_relation}
    return words | {field.name for field in fields if field.related_model is Contact}


@pytest.mark.spec("D8")
@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.label)
def test_every_text_is_classified(model):
    known = classified().get(model._meta.label_lower, {})
    has_texts = speaking(model)
    assert set(known) - has_texts == set(), "These columns are gone or hold no text."
    assert has_texts - set(known) == set(), "Say whose these are in <app>/holdings.py, and let an erasure find them."


@pytest.mark.spec("D8")
def test_whoever_links_to_a_contact_says_so():
    linked = {
        model._meta.label for model in tables() if Contact in {f.related_model for f in model._meta.concrete_fields}
    }
    assert linked  # otherwise the next line says nothing
    for label in linked:
        links = [f.name for f in apps.get_model(label)._meta.concrete_fields if f.related_model is Contact]
        assert {classified()[label.lower()][name] for name in links} == {Whose.PERSON}


def test_histories_add_no_texts_of_their_own():
    for history in histories():
        own = speaking(history) - {"pgh_label", "pgh_context", "pgh_obj"}
        assert own <= speaking(history.pgh_tracked_model), history  # type: ignore[attr-defined]


def test_each_app_that_knows_contacts_has_a_holding():
    apps_with_links = {
        model._meta.app_label for model in tables() if Contact in {f.related_model for f in model._meta.concrete_fields}
    }
    assert apps_with_links == {holding.key for holding in holdings()}
