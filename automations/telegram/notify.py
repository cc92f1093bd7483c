"""The step that tells the team: by mail, or in a Telegram channel."""

from collections.abc import Iterable

from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations import reasons
from automations.actions import Action, Outcome
from automations.models import Run, RunStep, Step, TelegramChannel
from automations.placeholders import NAMES, known_at
from automations.telegram.sending import say
from automations.values import values_for_school
from automations.webhooks.checks import unknown_word
from kwiga.sites import root_url
from offers.placeholders import render, unknown_names
from schools.mail import queue_mail
from schools.models import Member, School
from schools.roles import Role

CHANNEL_CLOSED = "channel_closed"
MAIL, TELEGRAM = "mail", "telegram"
reasons.register(CHANNEL_CLOSED, _("The channel in Telegram is off or broken."))


class NotifyAction(Action):
    """Says the step's text to the team. What a contact wrote stands in it as it is: neither way reads markup."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Queue the message. A channel that is off or broken stops no run: the step says so, and the next follows."""
        text = render(step.settings.get("text", ""), values_for_school(run), known=NAMES).strip()
        key = f"run:{run.pk}:{run_step.position}"
        if step.settings.get("by") == TELEGRAM:
            return Outcome() if _say(step, text, key) else Outcome(reason=CHANNEL_CLOSED)
        _mail(run, text, key)
        return Outcome()

    def problems(self, step: Step) -> Iterable[str]:
        """A text has to be there, and the channel too."""
        text = step.settings.get("text", "")
        if not text.strip():
            yield gettext("Write what the team is told.")
        for name in unknown_names(text, frozenset(known_at(step.version, step.position))):
            yield unknown_word(name)
        if step.settings.get("by") == TELEGRAM and not _channel(step):
            yield gettext("Choose a channel in Telegram.")

    def sentence(self, step: Step) -> str:
        """Who is told, and what."""
        words = {"text": Truncator(step.settings.get("text", "")).chars(80)}
        if step.settings.get("by") != TELEGRAM:
            return gettext("Tell the team by mail: “%(text)s”") % words
        channel = _channel(step)
        name = channel.name if channel else gettext("a channel that was removed")
        return gettext("Tell %(channel)s in Telegram: “%(text)s”") % {"channel": name, **words}


def staff_addresses(school: School) -> list[str]:
    """Who reads what the team is told by mail: the owners and admins."""
    bosses = Member.objects.filter(school=school, role__in=[Role.OWNER, Role.ADMIN])
    return list(bosses.order_by("pk").values_list("user__email", flat=True))


def _say(step: Step, text: str, key: str) -> bool:
    channel = _channel(step)
    return channel is not None and say(channel=channel, text=text, dedupe_key=key)


def _mail(run: Run, text: str, key: str) -> None:
    school = School.objects.get(pk=run.school_id)
    context = {"text": text, "automation": run.automation.name, "link": root_url("automations:list", school.slug)}
    for number, address in enumerate(staff_addresses(school)):
        queue_mail(
            template="staff_notice",
            to=address,
            language=school.language,
            context=context,
            dedupe_key=f"{key}:{number}",
        )


def _channel(step: Step) -> TelegramChannel | None:
    return TelegramChannel.objects.filter(token=step.settings.get("channel", "")).first()
