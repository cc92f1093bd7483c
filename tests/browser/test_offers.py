"""The form of an offer and its mails in a browser: what is typed shows at once, and nothing needs a mouse."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from offers import services
from offers.models import Offer
from schools.tenancy.scope import school_scope
from tests.browser.accessibility import severe
from tests.factories.courses import CourseFactory
from tests.factories.offers import OfferFactory

TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter(one => one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture
def offer(school: Any) -> Offer:
    CourseFactory(school=school, title="Piano")
    CourseFactory(school=school, title="Voice")
    with school_scope(school):
        texts = (services.DocumentTexts(language="en", title="Offer", body="<p>Text</p>"),)
        services.create_document(name="Public offer", is_in_footer=True, texts=texts, actor=None)
    return OfferFactory(school=school, title="Yoga")


@pytest.fixture
def staff_page(page: Page, sign_in: Any, owner: Any) -> Page:
    """A browser in which the owner is signed in."""
    sign_in(owner)
    return page


def test_the_look_follows_what_is_typed(staff_page: Page, root: str, offer: Offer) -> None:
    page = staff_page
    page.goto(f"{root}/green/offers/{offer.token}/edit/")
    look = page.locator("#offer-look")
    expect(look).to_contain_text("It opens nothing yet.")
    page.get_by_label("Title", exact=True).fill("Gentle yoga")
    page.get_by_text("Piano", exact=True).click()
    page.get_by_label("The whole course").first.check()
    expect(look).to_contain_text("Gentle yoga")
    expect(look).to_contain_text("It opens: Piano.")
    page.get_by_label("Seats").fill("12")
    expect(look).to_contain_text("It has 12 seats; 0 are taken.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gentle yoga")
    expect(page.get_by_text("It opens: Piano.")).to_be_visible()


def test_own_words_show_beside_as_the_mail_that_goes_out(staff_page: Page, root: str, offer: Offer) -> None:
    page = staff_page
    page.goto(f"{root}/green/offers/{offer.token}/mails/")
    card = page.locator(".card").first
    subject = card.get_by_label("Subject")
    expect(subject).to_be_hidden()
    card.get_by_label("Own text").check()
    subject.fill("Welcome, {{ contact.name }}")
    card.locator("textarea").fill("Start: {{ access_link }}")
    letter = page.locator("#letter-purchased")
    expect(letter).to_contain_text("Welcome, Olena Kovalenko")
    expect(letter).to_contain_text(re.compile(r"Start: http://green\.localhost:\d+/me/"))
    card.get_by_label("No mail").check()
    expect(letter).to_contain_text("No mail is sent.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_of_offers_are_accessible(staff_page: Page, root: str, offer: Offer, theme: str) -> None:
    page = staff_page
    page.context.add_cookies([{"name": "theme", "value": theme, "url": root}])
    faults: list[str] = []
    for path in ("offers/", f"offers/{offer.token}/", f"offers/{offer.token}/edit/", f"offers/{offer.token}/mails/",
                 "terms/", "terms/new/"):  # fmt: skip
        page.goto(f"{root}/green/{path}")
        faults += severe(page)
    assert faults == []


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_of_offers_is_wider_than_the_screen(staff_page: Page, root: str, offer: Offer, width: int) -> None:
    page = staff_page
    page.set_viewport_size({"width": width, "height": 900})
    for path in ("offers/", f"offers/{offer.token}/", f"offers/{offer.token}/edit/", f"offers/{offer.token}/mails/",
                 "terms/", "terms/new/"):  # fmt: skip
        page.goto(f"{root}/green/{path}")
        assert page.evaluate(TOO_WIDE) == [], path
