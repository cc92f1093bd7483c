"""Telegram's bot interface, on loopback, and a channel of the school."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from automations.models import TelegramChannel
from automations.telegram.channels import ChannelFacts, add_channel
from automations.telegram.events import EVENTS
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.support.receiver import Telegram, receiver

TOKEN = "12345678:AAHrealLookingTokenOfABotForTests_0-1"


@pytest.fixture
def telegram(settings: Settings) -> Iterator[Telegram]:
    with receiver() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        settings.TELEGRAM_API_BASE = server.url
        yield Telegram(server, TOKEN)


@pytest.fixture
def channel(school: School) -> TelegramChannel:
    """A chat that is told everything."""
    facts = ChannelFacts(name="Sales", chat_id="-1001", bot_token=TOKEN, events=list(EVENTS), names_people=True)
    with school_scope(school):
        return add_channel(facts=facts, actor=None)
