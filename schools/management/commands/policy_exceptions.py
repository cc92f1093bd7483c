"""`manage.py policy_exceptions`: write pgrls.toml anew, after a model came, went or changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from schools.tenancy.exceptions import pgrls_toml


class Command(BaseCommand):
    help = "Write what the policy linter may find into pgrls.toml."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.ROOT / "pgrls.toml").write_text(pgrls_toml())
