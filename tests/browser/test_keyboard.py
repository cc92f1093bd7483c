"""The jobs of a school's staff, done with the keyboard alone."""

import re

import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from schools.models import School, User
from tests.factories.orders import ConnectionFactory, sold_offer
from tests.factories.schools import MemberFactory, SchoolFactory

PASSWORD = "correct horse battery"


class Keyboard:
    """Hands that know Tab, Enter, Escape, arrows and letters, and never touch a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, target: Locator) -> None:
        """Press Tab until the focus is on the target."""
        for _ in range(60):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def type(self, label: str, text: str) -> None:
        self.reach(self.page.get_by_label(label, exact=True))
        self.page.keyboard.type(text)

    def press(self, role: str, name: str) -> None:
        """Reach a button or link by its name and press Enter."""
        self.reach(self.page.get_by_role(role, name=name, exact=True).first)  # type: ignore[arg-type]
        self.page.keyboard.press("Enter")


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    return Keyboard(page)


def code_in_last_mail() -> str:
    found = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", mail.outbox[-1].body, re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found.group(1)


def test_sign_up_and_create_a_school(page, root, keyboard):
    page.goto(f"{root}/")
    keyboard.press("link", "Create your school")
    expect(page).to_have_url(re.compile("/accounts/signup/"))
    keyboard.type("Email", "founder@example.test")
    keyboard.type("Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("confirm-email"))
    keyboard.type("Code", code_in_last_mail())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/schools/new/"))
    keyboard.type("Name of the school", "Keyboard School")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/keyboard-school/$"))
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_sign_in(page, root, keyboard, school, owner):
    page.goto(f"{root}/green/")
    keyboard.type("Email", owner.email)
    keyboard.type("Password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{root}/green/")


def test_switch_to_another_school(page, root, keyboard, school, owner, sign_in):
    second: School = SchoolFactory(slug="blue", name="Blue School")
    MemberFactory(school=second, user=owner)
    sign_in(owner)
    page.goto(f"{root}/green/")
    keyboard.reach(page.locator("a.switcher"))
    page.keyboard.press("Enter")
    keyboard.reach(page.get_by_role("link", name=re.compile("Blue School")))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{root}/blue/")


def test_switch_the_language_without_losing_the_page(page, root, keyboard, school, owner: User, sign_in):
    sign_in(owner)
    page.goto(f"{root}/green/offers/?status=draft")
    keyboard.press("button", "Language: English")
    keyboard.press("button", "Українська")
    expect(page).to_have_url(f"{root}/green/offers/?status=draft")
    expect(page.locator("html")).to_have_attribute("lang", "uk")


def test_form_with_an_error_says_where_and_keeps_what_was_typed(page, root, keyboard, school, owner, sign_in):
    sign_in(owner)
    page.goto(f"{root}/green/offers/new/")
    keyboard.type("Title", "Yoga")
    keyboard.type("Price", "much")
    page.keyboard.press("Enter")
    price = page.get_by_label("Price", exact=True)
    expect(price).to_have_attribute("aria-invalid", "true")
    expect(price).to_have_value("much")
    expect(page.get_by_label("Title", exact=True)).to_have_value("Yoga")
    described = page.locator(f"[id='{price.get_attribute('aria-describedby').split()[-1]}']")
    expect(described).to_contain_text("Enter an amount")
    keyboard.reach(price)
    page.keyboard.press("Control+a")
    page.keyboard.type("1200")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Yoga")).to_be_visible()


def test_create_a_coupon_and_share_its_link(page, context, root, site, keyboard, school, owner, sign_in):
    site(school)
    ConnectionFactory(school=school, is_test=True)
    sold_offer(school, title="English for work", price_minor=120_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(owner)
    page.goto(f"{root}/green/coupons/")
    keyboard.press("link", "Create a coupon")
    keyboard.reach(page.get_by_label("Coupon Name", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type("POSTER")
    keyboard.type("Discount Size", "25")
    keyboard.press("button", "Create the coupon")
    expect(page.get_by_role("heading", name="POSTER")).to_be_visible()
    keyboard.press("button", "Copy")
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("?coupon=POSTER")
    page.goto(link)
    expect(page.get_by_text("POSTER applied: −25%")).to_be_visible()
