"""The effect that sends a mail: rendered in the scope, sent with none open, wiped when it is out."""

from django.utils.translation import gettext_lazy as _

from kwiga import clock
from schools.mail.followers import followers
from schools.mail.letters import Letter, write_letter
from schools.mail.sealing import unseal
from schools.mail.sender import send
from schools.models import OutboxRow, School
from schools.outbox.effects import ExternalEffect, Refusal


class MailEffect(ExternalEffect[Letter, str]):
    """At least once: a process killed between the server's answer and the record sends the same Message-ID again."""

    label = _("Mail")

    def prepare(self, row: OutboxRow) -> Letter | None:
        school, template, at = School.objects.get(pk=row.school_id), row.payload["template"], clock.now()
        if not all(follower.is_wanted(school, template, row.dedupe_key, at) for follower in followers()):
            row.payload = {"template": template}
            return None
        order = unseal(row.payload["sealed"], row.dedupe_key)
        return write_letter(school=school, template=template, order=order, dedupe_key=row.dedupe_key, at=at)

    def perform(self, prepared: Letter) -> str:
        send(prepared)
        return prepared.message_id

    def record(self, row: OutboxRow, outcome: str) -> None:
        row.payload = {"template": row.payload["template"], "message_id": outcome}
        for follower in followers():
            follower.sent(row.dedupe_key)

    def gave_up(self, row: OutboxRow, error: Exception | None) -> bool:
        if not isinstance(error, Refusal):
            for follower in followers():
                follower.failed(row.dedupe_key)
            return False
        address = unseal(row.payload["sealed"], row.dedupe_key).to
        answers = [follower.refused(row.dedupe_key, address) for follower in followers()]
        if any(answers):
            row.payload = {"template": row.payload["template"]}
        return any(answers)
