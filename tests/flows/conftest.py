"""The product's own processes with a school in them, and a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import BrowserContext
from pytest_django import Settings

from courses.models import Course
from offers.models import Offer
from offers.services import ItemTerms
from orders.services.connections import connect
from schools.models import Member, School, User
from schools.roles import Role
from schools.tenancy.scope import school_scope
from tests.browser.conftest import base_url, browser_type_launch_args
from tests.factories.courses import CourseFactory
from tests.factories.offers import PublishedOfferFactory
from tests.factories.schools import SchoolFactory
from tests.support.people import signed_in
from tests.support.stack import Stack, stack_on

__all__ = ["base_url", "browser_type_launch_args"]

HERE = Path(__file__).parent
MAIN = "TnHG7QjEFukO"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside the browser tests, in their process: each of these keeps a whole machine busy."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.django_db(transaction=True, databases=["default", "relay", "ops"]))


@dataclass
class Store:
    """A running school with one course of two lessons, and the offer that sells it."""

    stack: Stack
    school: School
    course: Course
    offer: Offer

    @property
    def site(self) -> str:
        return self.stack.root.replace("localhost", f"{self.school.slug}.localhost")

    @property
    def host(self) -> str:
        return f"{self.school.slug}.localhost"

    @property
    def dashboard(self) -> str:
        return f"{self.stack.root}/{self.school.slug}"

    @property
    def owner(self) -> User:
        with school_scope(self.school):
            return Member.objects.get(school=self.school, role=Role.OWNER).user

    def mails_to(self, email: str) -> list[str]:
        """What the school has written to that address, oldest first."""
        return [mail for mail in self.stack.mails(str(self.school.pk)) if f"To: {email}\n" in mail]

    def sign_in_owner(self, context: BrowserContext) -> None:
        """Give the browser the owner's session on the dashboard."""
        value = signed_in(self.owner).cookies[django_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": django_settings.SESSION_COOKIE_NAME, "value": value, "url": self.stack.root}])


@pytest.fixture
def store(database_name: str, transactional_db: None, settings: Settings) -> Iterator[Store]:
    """Web, worker, beat, Valkey and the Test bank, with the school that sells through it."""
    with stack_on(database_name) as stack:
        settings.TEST_BANK_URL = stack.environment["TEST_BANK_URL"]
        school = SchoolFactory(slug="sampleschool", name="Sample School", contact_email="hello@sampleschool.test")
        course = CourseFactory(school=school, title="English for work", modules=(2,))
        with school_scope(school):
            connect(provider="test_bank", title="Card", options={"entry": "link", "return_by": "get"}, actor=None)
        offer = PublishedOfferFactory(
            school=school,
            token=MAIN,
            title="English for work",
            items=(ItemTerms(course_id=course.pk),),
            price_minor=120_000,
        )
        stack.start_all()
        yield Store(stack, school, course, offer)
