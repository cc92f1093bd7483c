"""Settings > Connections: the secret shown once, the log of calls, chats and their test button."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from automations.models import Automation, IncomingHook, Run, RunStep, TelegramChannel, WebhookDelivery
from automations.webhooks.send import dedupe_key
from kwiga import clock
from schools.models import Event, OutboxRow, School, Secret, User
from schools.services.secrets import reveal_secret
from schools.tenancy.scope import school_scope
from tests.factories.world import fill
from tests.support.receiver import Telegram, receiver

Staff = Callable[[User], Client]
TOKEN = "12345678:AAHrealLookingTokenOfABotForTests_0-1"


@pytest.fixture
def telegram(settings: Settings) -> Iterator[Telegram]:
    with receiver() as server:
        settings.OUTBOUND_ALLOW = [server.host]
        settings.TELEGRAM_API_BASE = server.url
        yield Telegram(server, TOKEN)


def at(school: School, name: str, *args: object) -> str:
    return reverse(f"connections:{name}", args=[school.slug, *args])


def connect(client: Client, school: School, **said: Any) -> TelegramChannel:
    typed = {"name": "Sales", "bot_token": TOKEN, "chat_id": "-1001", "events": ["order.paid"], "is_on": "on", **said}
    response = client.post(at(school, "channel_new"), typed)
    assert response.status_code == 302, response.context["form"].errors
    with school_scope(school):
        return TelegramChannel.objects.get()


def only_channel(school: School) -> TelegramChannel:
    with school_scope(school):
        return TelegramChannel.objects.get()


def test_the_signing_secret_is_shown_once(school: School, owner: User, staff: Staff) -> None:
    client = staff(owner)
    page = client.post(at(school, "secret"))
    (secret,) = set(re.findall(r"whsec_[A-Za-z0-9+/=]+", page.text))
    assert "no-store" in page["Cache-Control"]
    with school_scope(school):
        assert reveal_secret(name="webhooks:signing") == secret
        assert Event.objects.filter(kind="webhooks.secret_rotated").count() == 1
    later = client.get(at(school, "list")).text
    assert secret not in later and f"ends with {secret[-4:]}" in later
    second = client.post(at(school, "secret")).text
    assert secret not in second


@pytest.mark.spec("K34.1")
def test_the_test_button_posts_to_the_chat(school: School, owner: User, staff: Staff, telegram: Telegram) -> None:
    client = staff(owner)
    channel = connect(client, school)
    response = client.post(at(school, "channel_trial", channel.token), follow=True)
    assert "Look into the chat" in response.text
    (posted,) = telegram.posted
    assert posted["chat_id"] == "-1001" and "Green School" in posted["text"]


def test_a_test_that_fails_marks_the_channel_and_one_that_works_mends_it(
    school: School, owner: User, staff: Staff, telegram: Telegram
) -> None:
    client = staff(owner)
    channel = connect(client, school)
    telegram.gone["-1001"] = "Forbidden: bot is not a member"
    response = client.post(at(school, "channel_trial", channel.token), follow=True)
    assert "Telegram refuses: Forbidden: bot is not a member" in response.text
    assert "The channel is broken" in response.text
    assert only_channel(school).broken_at
    assert "Broken" in client.get(at(school, "list")).text
    telegram.gone.clear()
    client.post(at(school, "channel_trial", channel.token))
    assert only_channel(school).broken_at is None


def test_a_busy_or_silent_telegram_is_told_apart(
    school: School, owner: User, staff: Staff, telegram: Telegram, settings: Settings
) -> None:
    client = staff(owner)
    channel = connect(client, school)
    telegram.pauses = [17]
    busy = client.post(at(school, "channel_trial", channel.token), follow=True)
    assert "wait 17 seconds" in busy.text
    settings.TELEGRAM_API_BASE = "http://127.0.0.1:9"
    silent = client.post(at(school, "channel_trial", channel.token), follow=True)
    assert "does not answer" in silent.text
    assert only_channel(school).broken_at is None


def test_the_token_of_a_bot_is_written_and_never_read(school: School, owner: User, staff: Staff) -> None:
    client = staff(owner)
    channel = connect(client, school)
    page = client.get(at(school, "channel", channel.token)).text
    assert TOKEN not in page and f"ends with {TOKEN[-4:]}" in page
    with school_scope(school):
        assert TOKEN not in str(list(Secret.objects.values())) + str(list(Event.objects.values()))
    kept = {"name": "Sales team", "bot_token": "", "chat_id": "@sales_of_school", "names_people": "on"}
    assert client.post(at(school, "channel", channel.token), kept).status_code == 302
    changed = only_channel(school)
    assert (changed.name, changed.chat_id) == ("Sales team", "@sales_of_school")
    assert (changed.is_on, changed.events, changed.names_people) == (False, [], True)
    with school_scope(school):
        assert reveal_secret(name=f"telegram:{channel.token}:bot") == TOKEN
    client.post(at(school, "channel_remove", channel.token))
    with school_scope(school):
        assert not TelegramChannel.objects.exists() and not Secret.objects.exists()


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("bot_token", ""),
        ("bot_token", "abc"),
        ("bot_token", "12345678:short"),
        ("bot_token", f"{TOKEN}/../x"),
        ("chat_id", ""),
        ("chat_id", "sales"),
        ("chat_id", "-100\n1"),
        ("name", ""),
        ("events", ["no.such"]),
    ],
)
def test_a_channel_that_cannot_work_is_not_connected(
    field: str, text: Any, school: School, owner: User, staff: Staff
) -> None:
    typed = {"name": "Sales", "bot_token": TOKEN, "chat_id": "-1001", field: text}
    response = staff(owner).post(at(school, "channel_new"), typed)
    assert response.status_code == 200 and field in response.context["form"].errors
    with school_scope(school):
        assert not TelegramChannel.objects.exists() and not Secret.objects.exists()


@pytest.fixture
def failed(school: School) -> WebhookDelivery:
    """A call that was given up."""
    fill(school)
    with school_scope(school):
        delivery = WebhookDelivery.objects.get()
        WebhookDelivery.objects.update(
            state="failed", attempts=5, status_code=500, answer="<b>broken</b>", duration_ms=120, ended_at=clock.now()
        )
        OutboxRow.objects.create(
            school=school,
            kind="webhook",
            dedupe_key=dedupe_key(delivery),
            payload={"delivery": delivery.pk},
            attempts=5,
            dead_at=clock.now(),
            last_error="WebhookRefused 500",
        )
        return delivery


@pytest.mark.spec("K05.2")
def test_the_log_shows_what_came_back_and_tries_again(
    school: School, failed: WebhookDelivery, owner: User, staff: Staff
) -> None:
    client = staff(owner)
    page = client.get(at(school, "deliveries")).text
    assert "Not delivered" in page and "500" in page and "&lt;b&gt;broken&lt;/b&gt;" in page and "120 ms" in page
    assert "https://example.test/hook" in page
    client.post(at(school, "delivery_retry", failed.pk))
    with school_scope(school):
        row = OutboxRow.objects.get(kind="webhook")
        assert (row.dead_at, row.attempts) == (None, 0)
        assert WebhookDelivery.objects.get().state == "waiting"
    assert "Retry" not in client.get(at(school, "deliveries") + "?state=waiting").content.decode().split("<tbody")[1]
    again = client.post(at(school, "delivery_retry", failed.pk), follow=True)
    assert "not among the failed ones" in again.text


@pytest.mark.spec("K05.2")
def test_the_page_of_a_run_shows_its_call(school: School, failed: WebhookDelivery, owner: User, staff: Staff) -> None:
    with school_scope(school):
        run = Run.objects.select_related("version").get()
        run.version.steps.update(kind="webhook", settings={"url": "https://example.test/hook"})
    page = staff(owner).get(reverse("automations:run", args=[school.slug, run.token])).text
    assert "Not delivered" in page and "500" in page and "&lt;b&gt;broken&lt;/b&gt;" in page


def test_the_log_is_narrowed_by_state(school: School, failed: WebhookDelivery, owner: User, staff: Staff) -> None:
    client = staff(owner)
    assert failed.webhook_id in client.get(at(school, "deliveries") + "?state=failed").text
    assert failed.webhook_id not in client.get(at(school, "deliveries") + "?state=sent").text
    assert failed.webhook_id in client.get(at(school, "deliveries") + "?state=nonsense").text


def more_of_each(school: School) -> None:
    """Another hook, channel and call."""
    with school_scope(school):
        IncomingHook.objects.create(school=school, name="More")
        TelegramChannel.objects.create(school=school, name="More", chat_id="-2")
        run = Run.objects.select_related("automation", "version").first()
        assert run is not None
        automation = Automation.objects.create(school=school, name="More")
        other = Run.objects.create(
            school=school,
            automation=automation,
            version=run.version,
            contact_id=run.contact_id,
            event_id=run.event_id,
            occurrence=f"more:{automation.pk}",
            state=Run.State.DONE,
            finished_at=clock.now(),
        )
        step = RunStep.objects.create(school=school, run=other, position=0, kind="webhook", state="done")
        WebhookDelivery.objects.create(school=school, run_step=step, webhook_id=f"m{step.pk}", url="https://a.test/")


@pytest.mark.parametrize("name", ["list", "deliveries"])
def test_pages_ask_as_often_for_many_as_for_one(
    name: str, school: School, owner: User, staff: Staff, django_assert_num_queries: Any
) -> None:
    fill(school)
    client = staff(owner)
    client.get(at(school, name))
    with CaptureQueriesContext(connection) as one:
        client.get(at(school, name))
    more_of_each(school)
    more_of_each(school)
    with django_assert_num_queries(len(one)):
        client.get(at(school, name))


def test_what_happened_is_read_on_the_activity_page(school: School, owner: User, staff: Staff) -> None:
    client = staff(owner)
    channel = connect(client, school)
    client.post(at(school, "secret"))
    client.post(at(school, "hook_new"), {"name": "From the bot"})
    client.post(at(school, "channel_remove", channel.token))
    page = client.get(reverse("schools:activity", args=[school.slug]) + "?topic=connections").text
    for words in ("Telegram channel connected", "Telegram channel removed", "Signing secret", "From the bot"):
        assert words in page
