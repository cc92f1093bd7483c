"""A browser that is about to sign in, and a receiver of webhooks that the operator vouches for."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from tests.support.receiver import Receiver, receiver


@pytest.fixture
def guest(contact, visitor) -> Client:
    """A visitor of the school that knows `contact`."""
    return visitor(contact.school)


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    with receiver() as listening:
        settings.OUTBOUND_ALLOW = [listening.host]
        yield listening
