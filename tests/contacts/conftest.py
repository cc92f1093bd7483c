"""A browser that is about to sign in."""

import pytest
from django.test import Client


@pytest.fixture
def guest(contact, visitor) -> Client:
    """A visitor of the school that knows `contact`."""
    return visitor(contact.school)
