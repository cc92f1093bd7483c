"""Races are run once in bin/test and many times in bin/prove (PROVE_SEEDS), each time by another chance."""

import os
import random

import pytest
from django.db.models import QuerySet

from tests.support.paper_bank import PaperBank, open_for_business

SEEDS = range(int(os.environ.get("PROVE_SEEDS", "1")))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every race a seed, but for those that have one of their own."""
    if metafunc.definition.get_closest_marker("prove") and "stage" not in metafunc.fixturenames:
        metafunc.fixturenames.append("seed")
        metafunc.parametrize("seed", SEEDS, indirect=True)


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The number of this run; chance is set by it."""
    number: int = request.param
    random.seed(number)
    return number


@pytest.fixture
def no_locks(monkeypatch):
    """The fence taken down: rows are read without being locked."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, *args, **kwargs: rows)


@pytest.fixture
def bank():
    with open_for_business(PaperBank()) as bank:
        yield bank
