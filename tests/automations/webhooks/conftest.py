"""A receiver that the operator vouches for."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.support.receiver import Receiver, receiver


@pytest.fixture
def server(settings: Settings) -> Iterator[Receiver]:
    with receiver() as listening:
        settings.OUTBOUND_ALLOW = [listening.host]
        yield listening
