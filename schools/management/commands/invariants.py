"""`manage.py invariants`: look at every rule of `<app>/invariants/*.sql` as role ops; status 1 when one is broken."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from schools.invariants import Finding, check_invariants

_ROWS_SHOWN = 5


class Command(BaseCommand):
    help = "Check what must be true of the data of all schools."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("names", nargs="*", metavar="name", help="only these rules (the files' names)")

    def handle(self, *args: Any, **options: Any) -> None:
        if "ops" not in connections:
            raise CommandError("Invariants are looked at as the role that may read every school: set OPS_DATABASE_URL.")
        try:
            findings = check_invariants(options["names"])
        except LookupError as error:
            raise CommandError(f"No rule has the name {error.args[0]!r}.") from error
        broken = [finding for finding in findings if finding.rows]
        for finding in findings:
            self._show(finding)
        self.stdout.write(f"{len(findings) - len(broken)} of {len(findings)} rules hold.")
        if broken:
            sys.exit(1)

    def _show(self, finding: Finding) -> None:
        rule, rows = finding.invariant, finding.rows
        verdict = self.style.ERROR("broken") if rows else self.style.SUCCESS("ok    ")
        self.stdout.write(f"{verdict}  {len(rows):>6}  {rule.app:<10}  {rule.name:<32}  {rule.sentence}")
        for row in rows[:_ROWS_SHOWN]:
            self.stdout.write(f"{'':16}  {' '.join(map(str, row))}")
        if len(rows) > _ROWS_SHOWN:
            self.stdout.write(f"{'':16}  … and {len(rows) - _ROWS_SHOWN} more")
