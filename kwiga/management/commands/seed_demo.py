"""`manage.py seed_demo`: the sample school with its past, and a second one beside it so that isolation can be seen.

Everything goes through the services that the pages use, at set instants of the hundred days before today, so two runs
on one day make the same store. Running it again changes nothing but the passwords.
"""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kwiga import clock
from kwiga.demo import other, sample, schools
from schools.models import School, User
from schools.roles import Role


class Command(BaseCommand):
    help = "Make the demo schools, unless they are there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--password", default="sample-school-demo", help="what the demo's people sign in with")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        with clock.at(today - timedelta(days=100)):
            owner, school = self._sample(options["password"])
            teacher = self._teammates(school, options["password"])
        sample.fill_sample(school, owner=owner, teacher=teacher, today=today)
        with clock.at(today - timedelta(days=98)):
            stranger = schools.make_person("owner@otherschool.test", "Ostap Other", options["password"])
            second = schools.make_school(stranger, slug="otherschool", facts=schools.OTHER)
            other.fill_other(second, stranger)
        self.stdout.write("The demo schools are ready.")

    def _sample(self, password: str) -> tuple[User, School]:
        owner = schools.make_person("owner@sampleschool.test", "Olena Sample", password)
        school = schools.make_school(owner, slug="sampleschool", facts=schools.SAMPLE)
        if host := schools.fallback_host():
            schools.add_host(school, host)
        return owner, school

    def _teammates(self, school: School, password: str) -> User:
        """One of sales and one who teaches; answers the teacher."""
        for role in (Role.SALES, Role.TEACHER):
            user = schools.make_person(f"{role}@sampleschool.test", f"{role.label} of Sample", password)
            schools.add_teammate(school, user, role)
        return user
