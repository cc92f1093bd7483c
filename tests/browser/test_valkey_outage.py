"""Valkey is the messenger, not the memory: with it dead every page works, and the work resumes when it is back."""

import re

import pytest
from playwright.sync_api import Page, expect

from kwiga.local.processes import wait_until
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.offers import PublishedOfferFactory
from tests.support.stack import Stack, stack_on


@pytest.fixture
def stack(database_name: str, transactional_db: None):
    with stack_on(database_name) as stack:
        stack.start_all()
        yield stack


def code_in(mail: str) -> str:
    """The code a person reads in the mail that confirms an address."""
    found = re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail, re.MULTILINE)
    assert found, mail
    return found.group(1)


def sign_up(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.root}/accounts/signup/")
    page.get_by_label("Email").fill("founder@example.test")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("Code").fill(code_in(stack.mails("platform")[-1]))
    page.get_by_role("button", name="Confirm").click()


def create_school(page: Page, stack: Stack) -> School:
    page.goto(f"{stack.root}/schools/new/")
    page.get_by_label("Name of the school").fill("Outage School")
    page.get_by_label("Address").fill("outage")
    page.get_by_role("button", name="Create the school").click()
    expect(page).to_have_url(f"{stack.root}/outage/")
    return School.objects.get(slug="outage")


def invite(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.root}/outage/settings/team/")
    page.get_by_label("Email").fill("teammate@example.test")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("teammate@example.test").first).to_be_visible()


@pytest.mark.spec("F4")
@pytest.mark.prove
@pytest.mark.timeout(180)
def test_everything_works_without_valkey_and_mail_goes_out_once_afterwards(page, stack):
    stack.kill("valkey")

    sign_up(page, stack)
    school = create_school(page, stack)
    invite(page, stack)
    offer = PublishedOfferFactory(school=school, title="Sold in the dark")
    page.goto(f"{stack.root.replace('localhost', 'outage.localhost')}/o/{offer.token}")
    expect(page.get_by_role("heading", name="Sold in the dark")).to_be_visible()
    page.goto(f"{stack.root}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{stack.root}/accounts/login/")
    page.get_by_label("Email").fill("founder@example.test")
    page.get_by_label("Password", exact=True).fill("correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(f"{stack.root}/outage/")
    assert stack.mails(str(school.pk)) == []

    stack.start_valkey()
    assert wait_until(lambda: len(stack.mails(str(school.pk))) > 0, 60), stack.log("worker")[-3000:]
    assert wait_until(lambda: _drained(school), 30)
    assert len(stack.mails(str(school.pk))) == 1


def _drained(school: School) -> bool:
    from schools.models import OutboxRow

    with school_scope(school):
        return not OutboxRow.objects.filter(done_at=None).exists()
