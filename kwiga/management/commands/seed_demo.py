"""`manage.py seed_demo`: the sample school, and a second one beside it so that isolation can be seen.

Everything goes through the services that the pages use, at set instants, so two runs make the same store. Running it
again changes nothing but the passwords.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kwiga import clock
from kwiga.demo import offers, schools
from schools.roles import Role

OPENED = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


class Command(BaseCommand):
    help = "Make the demo schools, unless they are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", default="sample-school-demo", help="what the demo's people sign in with")

    def handle(self, *args: Any, **options: Any) -> None:
        with clock.at(OPENED):
            owner = schools.make_person("owner@sampleschool.test", "Olena Sample", options["password"])
            sample = schools.make_school(
                owner,
                slug="sampleschool",
                name="Sample School",
                language="en",
                legal_name="Sample School LLC",
                address="1 Khreshchatyk Street\nKyiv 01001",
            )
            if host := schools.fallback_host():
                schools.add_host(sample, host)
            for role in (Role.SALES, Role.TEACHER):
                user = schools.make_person(f"{role}@sampleschool.test", f"{role.label} of Sample", options["password"])
                schools.add_teammate(sample, user, role)
        with clock.at(OPENED + timedelta(days=1)):
            offers.make_offers(sample, owner, offers.SAMPLE)
        with clock.at(OPENED + timedelta(days=2)):
            stranger = schools.make_person("owner@otherschool.test", "Ostap Other", options["password"])
            other = schools.make_school(
                stranger,
                slug="otherschool",
                name="Other School",
                language="uk",
                legal_name="Other School LLC",
                address="8 Rynok Square\nLviv 79000",
            )
            offers.make_offers(other, stranger, offers.OTHER)
        self.stdout.write("The demo schools are ready.")
