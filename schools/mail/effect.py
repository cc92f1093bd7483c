"""The effect that sends a mail: rendered in the scope, sent with none open, wiped when it is out."""

from django.utils.translation import gettext_lazy as _

from kwiga import clock
from schools.mail.letters import Letter, write_letter
from schools.mail.sealing import unseal
from schools.mail.sender import send
from schools.models import OutboxRow, School
from schools.outbox.effects import ExternalEffect


class MailEffect(ExternalEffect[Letter, str]):
    """At least once: a process killed between the server's answer and the record sends the same Message-ID again."""

    label = _("Mail")

    def prepare(self, row: OutboxRow) -> Letter:
        return write_letter(
            school=School.objects.get(pk=row.school_id),
            template=row.payload["template"],
            order=unseal(row.payload["sealed"], row.dedupe_key),
            dedupe_key=row.dedupe_key,
            at=clock.now(),
        )

    def perform(self, prepared: Letter) -> str:
        send(prepared)
        return prepared.message_id

    def record(self, row: OutboxRow, outcome: str) -> None:
        row.payload = {"template": row.payload["template"], "message_id": outcome}
