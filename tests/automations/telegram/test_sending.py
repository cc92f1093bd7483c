"""Sentences for a chat: in bursts, in order, at Telegram's pace, and none twice."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from automations.models import TelegramChannel, TelegramMessage
from automations.telegram import say
from automations.telegram.channels import ChannelFacts, add_channel, change_channel, remove_channel
from automations.telegram.client import clipped, length_of
from automations.telegram.sending import PACE
from kwiga import clock
from schools.models import OutboxRow, School, Secret
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.automations.telegram.conftest import TOKEN
from tests.support.receiver import Reply, Telegram

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "relay"])


def tell(channel: TelegramChannel, *texts: str, start: int = 0) -> None:
    with school_scope(channel.school_id):
        for number, text in enumerate(texts, start):
            say(channel=channel, text=text, dedupe_key=f"test:{number}")


def messages(school: School, **conditions: Any) -> list[TelegramMessage]:
    with school_scope(school):
        return list(TelegramMessage.objects.filter(**conditions).order_by("pk"))


def state_of(channel: TelegramChannel) -> TelegramChannel:
    with school_scope(channel.school_id):
        return TelegramChannel.objects.get(pk=channel.pk)


def drain_on(seconds: int, step: int = 1) -> None:
    """A worker that looks every `step` seconds, for so long."""
    began = clock.now()
    for second in range(0, seconds + 1, step):
        with clock.at(began + timedelta(seconds=second)):
            drain()


def test_a_sentence_goes_out_and_its_text_is_wiped(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    tell(channel, "Order 1 is paid")
    (waiting,) = messages(school)
    assert "paid" not in waiting.text  # sealed
    drain()
    (posted,) = telegram.posted
    assert (posted["chat_id"], posted["text"]) == ("-1001", "Order 1 is paid")
    (sent,) = messages(school)
    assert sent.text == "" and sent.sent_at and sent.dropped_at is None


def test_the_same_sentence_is_said_once(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    tell(channel, "Hello")
    tell(channel, "Hello")
    drain()
    tell(channel, "Hello")
    drain_on(6)
    assert len(telegram.posted) == 1


@pytest.mark.spec("K34.4")
def test_a_hundred_sales_in_a_minute_are_told_at_the_pace_of_the_chat(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    posted_at: list[int] = []
    texts = [f"Order {number} is paid: {'a long title of a course ' * 6}" for number in range(100)]
    began = clock.now()
    for second in range(71):
        with clock.at(began + timedelta(seconds=second)):
            if second < 50:
                tell(channel, *texts[2 * second : 2 * second + 2], start=2 * second)
            drain()
        posted_at += [second] * (len(telegram.posted) - len(posted_at))
    said = [line for posted in telegram.posted for line in posted["text"].split("\n\n")]
    assert said == [text.strip() for text in texts]  # all of them, once, in order
    assert all(length_of(posted["text"]) <= 4096 for posted in telegram.posted)
    assert sum(second < 60 for second in posted_at) <= 20
    assert all(later - earlier >= PACE.seconds for earlier, later in pairwise(posted_at))
    assert not messages(school, sent_at=None)


def test_a_burst_is_one_message(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    tell(channel, "one", "two", "three")
    drain()
    assert [posted["text"] for posted in telegram.posted] == ["one\n\ntwo\n\nthree"]


def test_what_comes_while_a_message_is_on_its_way_follows(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    tell(channel, "one")
    drain()
    tell(channel, "two", start=1)
    drain()
    assert len(telegram.posted) == 1  # not yet: three seconds lie between
    with clock.at(clock.now() + PACE):
        drain()
    assert [posted["text"] for posted in telegram.posted] == ["one", "two"]


def test_on_429_it_waits_as_long_as_telegram_says(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    telegram.pauses = [40, 7]
    tell(channel, "Hello")
    began = clock.now()
    with clock.at(began):
        drain()
    for second in (5, 39):
        with clock.at(began + timedelta(seconds=second)):
            drain()
    assert len(telegram.server.heard) == 1
    for second in (41, 45, 49):
        with clock.at(began + timedelta(seconds=second)):
            drain()
    assert len(telegram.server.heard) == 3
    assert [posted["text"] for posted in telegram.posted] == ["Hello"]
    with school_scope(school):
        assert OutboxRow.objects.get(kind="telegram").attempts == 1  # waiting used none up


@pytest.mark.spec("K34.3")
def test_a_bot_that_was_removed_breaks_the_channel_and_nothing_else(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    telegram.gone["-1001"] = "Forbidden: bot was kicked from the channel chat"
    tell(channel, "one", "two")
    drain()
    broken = state_of(channel)
    assert broken.broken_at and broken.last_error == "Forbidden: bot was kicked from the channel chat"
    assert [(each.text, bool(each.dropped_at)) for each in messages(school)] == [("", True), ("", True)]
    with school_scope(school):
        assert say(channel=channel, text="three", dedupe_key="test:3") is False
        assert not OutboxRow.objects.filter(done_at=None, kind="telegram").exists()
    assert len(messages(school)) == 2


def test_a_mended_channel_is_told_what_comes_next(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    telegram.gone["-1001"] = "Forbidden"
    tell(channel, "lost")
    drain()
    telegram.gone.clear()
    facts = ChannelFacts(name="Sales", chat_id="-1001")
    with school_scope(school):
        change_channel(channel=channel, facts=facts, actor=None)
    tell(channel, "heard", start=1)
    drain_on(18, step=3)
    assert [posted["text"] for posted in telegram.posted] == ["heard"]


def test_a_wrong_token_breaks_the_channel(school: School, telegram: Telegram) -> None:
    facts = ChannelFacts(name="Wrong", chat_id="-1001", bot_token=TOKEN.replace("1", "2"))
    with school_scope(school):
        channel = add_channel(facts=facts, actor=None)
    tell(channel, "Hello")
    drain()
    assert state_of(channel).last_error == "Not Found"


def test_telegram_away_is_waited_for(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    answer = telegram.server.answer
    telegram.server.answer = lambda heard: Reply(502, b"<html>")
    tell(channel, "Hello")
    drain()
    assert state_of(channel).broken_at is None
    telegram.server.answer = answer
    drain_on(120, step=30)
    assert [posted["text"] for posted in telegram.posted] == ["Hello"]


def test_telegram_out_of_reach_uses_up_no_attempt(
    school: School, channel: TelegramChannel, telegram: Telegram, settings: Any
) -> None:
    base, settings.TELEGRAM_API_BASE = settings.TELEGRAM_API_BASE, "http://127.0.0.1:9"
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, "127.0.0.1:9"]
    tell(channel, "Hello")
    drain_on(1_200, step=60)
    assert state_of(channel).broken_at is None
    settings.TELEGRAM_API_BASE = base
    with clock.at(clock.now() + timedelta(minutes=30)):
        drain()
    assert [posted["text"] for posted in telegram.posted] == ["Hello"]


def test_a_telegram_that_fails_for_long_breaks_the_channel(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    telegram.server.answer = lambda heard: Reply(500)
    tell(channel, "Hello")
    drain_on(1_800, step=60)
    assert state_of(channel).last_error == "TelegramRefused 500"
    with school_scope(school):
        assert OutboxRow.objects.get(kind="telegram").done_at


def test_two_channels_of_one_chat_share_its_pace(school: School, channel: TelegramChannel, telegram: Telegram) -> None:
    with school_scope(school):
        other = add_channel(facts=ChannelFacts(name="Same chat", chat_id="-1001", bot_token=TOKEN), actor=None)
    tell(channel, "one")
    tell(other, "two")
    began = clock.now()
    with clock.at(began):
        drain()
    assert len(telegram.posted) == 1
    with clock.at(began + PACE):
        drain()
    assert sorted(posted["text"] for posted in telegram.posted) == ["one", "two"]


def test_a_channel_that_is_switched_off_lets_go_of_what_waits(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    tell(channel, "Hello")
    with school_scope(school):
        change_channel(channel=channel, facts=ChannelFacts(name="S", chat_id="-1001", is_on=False), actor=None)
    drain()
    assert telegram.server.heard == []
    assert messages(school)[0].dropped_at and messages(school)[0].text == ""


def test_a_removed_channel_takes_its_token_and_messages_along(
    school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    tell(channel, "Hello")
    with school_scope(school):
        remove_channel(channel=channel, actor=None)
        assert not Secret.objects.exists() and not TelegramMessage.objects.exists()
    drain()
    assert telegram.server.heard == []


@pytest.mark.spec("K34.5")
@pytest.mark.parametrize("name", ["<b>Anna</b>", "Anna_Maria_*x*", "[link](https://evil.test)", "`code`", "&amp; <"])
def test_a_name_is_read_as_it_was_written(
    name: str, school: School, channel: TelegramChannel, telegram: Telegram
) -> None:
    tell(channel, f"Order of {name}")
    drain()
    (posted,) = telegram.posted
    assert posted["text"] == f"Order of {name}"
    assert "parse_mode" not in posted and "entities" not in posted


def test_long_texts_are_cut_as_telegram_counts() -> None:
    foxes = "🦊" * 3_000  # two units each
    assert length_of(clipped(foxes, 4096)) <= 4096
    assert clipped(foxes, 4096).endswith("🦊…")
    assert clipped("short", 4096) == "short"
