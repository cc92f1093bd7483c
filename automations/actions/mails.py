"""The step that mails the contact."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from automations import reasons
from automations.actions.registry import Action, Outcome, StepFailed
from automations.models import Run, RunStep, Step
from automations.placeholders import NAMES, known_at, mail_values_of
from contacts.mailing.news import queue_news, queue_notice
from contacts.models import Contact
from kwiga import clock
from offers.placeholders import render, render_text, unknown_names
from schools.models import School
from schools.sites import hosts_kept


class MailAction(Action):
    """Queues the mail under the key of the step, so that it goes out once; waits where it may not be sent yet."""

    def perform(self, run: Run, step: Step, run_step: RunStep) -> Outcome:
        """Queue it. News to who wants none are skipped, and the run ends (K16.5). Raises StepFailed."""
        queue = queue_news if step.settings.get("is_news", True) else queue_notice
        with hosts_kept():
            subject, body = written(run, step.settings)
            verdict = queue(
                contact=run.contact,
                subject=subject,
                body=body,
                dedupe_key=f"run:{run.pk}:{step.position}",
                at=clock.now(),
            )
        if verdict.state == "later":
            return Outcome(RunStep.State.WAITING, verdict.reason or reasons.LATER, wait_until=verdict.until)
        if verdict.state == "skipped":
            return Outcome(RunStep.State.SKIPPED, verdict.reason)
        return Outcome()

    def problems(self, step: Step) -> Iterable[str]:
        """Something is written, in words that are known at this place."""
        texts = step.settings.get("texts") or {}
        if not any(_is_whole(text) for text in texts.values()):
            yield _("Write the subject and the text of the mail.")
        known = known_at(step.version, step.position)
        for name in dict.fromkeys(each for text in texts.values() for each in _unknown(text, known)):
            words = _("“%(name)s” says nothing here.") if name in NAMES else _("“%(name)s” is not a known word.")
            yield words % {"name": name}

    def sentence(self, step: Step) -> str:
        """Its subject."""
        texts = step.settings.get("texts") or {}
        language = translation.get_language() or ""
        whole: dict[str, str] = next((each for each in texts.values() if _is_whole(each)), {})
        text = texts.get(language) or whole
        return _("Send the mail “%(subject)s”") % {"subject": text.get("subject", "")}


def written(run: Run, settings: dict[str, Any]) -> tuple[str, str]:
    """Subject and body as this contact gets them, in their language and the school's zone. Raises StepFailed."""
    school = run.school
    language, text = _text_for(run.contact, school, settings.get("texts") or {})
    with translation.override(language), timezone.override(school.time_zone):
        values = mail_values_of(run)
        return render(text["subject"], values, known=NAMES), render_text(text["body"], values, known=NAMES)


def _text_for(contact: Contact, school: School, texts: dict[str, dict[str, str]]) -> tuple[str, dict[str, str]]:
    """The contact's language, else the school's, else any that is written."""
    whole = {language: text for language, text in texts.items() if _is_whole(text)}
    for language in (contact.language, school.language, *whole):
        if language in whole:
            return language, whole[language]
    raise StepFailed(reasons.NO_TEXT)


def _is_whole(text: dict[str, str]) -> bool:
    return bool(text.get("subject", "").strip() and text.get("body", "").strip())


def _unknown(text: dict[str, str], known: set[str]) -> list[str]:
    return [name for part in text.values() for name in unknown_names(part, frozenset(known))]
