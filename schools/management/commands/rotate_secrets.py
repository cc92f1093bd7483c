"""`manage.py rotate_secrets`: seal again, under the first key of SECRETS_KEYS, what older keys hold."""

from typing import Any

from schools.mail.sealing import rotate_waiting_mail
from schools.management.school_command import SchoolCommand
from schools.models import School
from schools.services.secrets import rotate_others, rotate_secrets


class Command(SchoolCommand):
    help = "Encrypt the secrets of schools under the first key of SECRETS_KEYS."

    def handle_school(self, school: School, options: dict[str, Any]) -> None:
        self.stdout.write(f"{school.slug}: {rotate_secrets() + rotate_waiting_mail() + rotate_others()} rotated")
