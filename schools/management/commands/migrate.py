"""`manage.py migrate` as the owner: the only login that may change the schema."""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections


class Command(Migrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Ask for the owner's login before the system checks look for it."""
        if options["database"] not in connections:
            raise CommandError("Migrations run as the owner of the database: set DATABASE_URL.")
        return super().execute(*args, **options)
