"""The base of management commands that work on schools."""

from abc import ABC, abstractmethod
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from schools.models import School
from schools.tenancy.scope import school_scope


class SchoolCommand(ABC, BaseCommand):
    """Asks for `--school SLUG` or `--all-schools`, and calls `handle_school` once each, in a scope of its own.

    A school whose turn has ended stays done when a later one fails.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--school", metavar="SLUG", help="the one school to work on")
        which.add_argument("--all-schools", action="store_true", help="every school, one transaction each")

    def handle(self, *args: Any, **options: Any) -> None:
        for school in self._schools(options["school"]):
            with school_scope(school):
                self.handle_school(school, options)

    @abstractmethod
    def handle_school(self, school: School, options: dict[str, Any]) -> None:
        """The work on one school, inside its scope."""

    def _schools(self, slug: str | None) -> list[School]:
        schools = list(School.objects.filter(slug=slug) if slug else School.objects.order_by("pk"))
        if slug and not schools:
            raise CommandError(f"No school has the address {slug!r}.")
        return schools
