"""The other ways an order can end, each in a real browser: transfer, refund, free, sold out, expired."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from courses.selectors import courses_of
from kwiga import clock
from offers.models import Offer
from orders.models import Order
from orders.services.closing import expire_order
from orders.services.connections import connect
from schools.models import School, User
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.browser.conftest import page, root, sign_in, site
from tests.factories.orders import sold_offer

__all__ = ["page", "root", "sign_in", "site"]

EMAIL = "olena@example.test"


@pytest.fixture
def buyer(browser: Browser) -> Iterator[Page]:
    """A second browser, on a phone and without scripts: what a buyer sees at the least."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture
def transfer(school: School) -> None:
    with school_scope(school):
        connect(provider="bank_transfer", options={"details": "IBAN UA21 3223 1300 0002"}, actor=None)


def submit(buyer: Page, address: str, button: str) -> None:
    buyer.goto(address)
    buyer.get_by_label("Email").fill(EMAIL)
    buyer.get_by_label("Name").fill("Olena Buyer")
    buyer.get_by_role("button", name=button).click()


def order_of(school: School) -> Order:
    with school_scope(school):
        return Order.objects.select_related("contact").get()


def open_courses(school: School) -> list[str]:
    order = order_of(school)
    with school_scope(school):
        cards = courses_of(order.contact, clock.now())
        return [card.course.title for card in cards if card.is_open]


def test_transfer_is_confirmed_by_the_team_and_given_back_with_the_access(
    page: Page, buyer: Page, school: School, owner: User, transfer: None, site: Any, root: str, sign_in: Any
) -> None:
    offer = sold_offer(school, price_minor=120_000)
    submit(buyer, f"{site(school)}/o/{offer.token}", "Pay UAH 1,200")
    buyer.get_by_role("button", name=re.compile("transfer", re.IGNORECASE)).click()
    expect(buyer.get_by_text("UA21 3223 1300 0002")).to_be_visible()
    number = order_of(school).number
    expect(buyer.get_by_text(number).first).to_be_visible()
    assert open_courses(school) == []

    sign_in(owner)
    page.goto(f"{root}/green/")
    waits = page.locator("section", has=page.get_by_role("heading", name="Needs a hand"))
    waits.get_by_role("link", name=re.compile(number)).click()
    page.get_by_role("link", name="Mark as paid").click()
    page.get_by_role("button", name="Mark as paid").click()
    expect(page.get_by_text("The payment is written down.")).to_be_visible()
    buyer.reload()
    expect(buyer.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    assert len(open_courses(school)) == 1

    page.get_by_role("link", name="Give back").click()
    page.get_by_role("group", name=re.compile("Close the access")).get_by_label("Yes").check()
    page.get_by_role("button", name="Give back").click()
    expect(page.get_by_text("The refund is on its way.")).to_be_visible()
    drain()
    page.reload()
    expect(page.get_by_text("Refunded").first).to_be_visible()
    assert order_of(school).state == Order.State.REFUNDED
    assert open_courses(school) == []


def test_free_offer_opens_at_once(buyer: Page, school: School, site: Any) -> None:
    offer = sold_offer(school, price_minor=0)
    submit(buyer, f"{site(school)}/o/{offer.token}", "Get it free")
    expect(buyer.get_by_role("heading", name="Thank you, it is yours")).to_be_visible()
    assert order_of(school).state == Order.State.PAID
    assert len(open_courses(school)) == 1


def test_last_seat_is_sold_once(buyer: Page, school: School, transfer: None, site: Any) -> None:
    offer = sold_offer(school, price_minor=120_000, seats=1)
    address = f"{site(school)}/o/{offer.token}"
    buyer.goto(address)
    expect(buyer.get_by_text("1 seat left")).to_be_visible()
    submit(buyer, address, "Pay UAH 1,200")
    buyer.get_by_role("button", name=re.compile("transfer", re.IGNORECASE)).click()
    buyer.context.clear_cookies()
    buyer.goto(address)
    expect(buyer.get_by_text(re.compile("sold out", re.IGNORECASE)).first).to_be_visible()
    expect(buyer.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)


def test_expired_order_cannot_be_paid_and_leads_back_to_the_offer(
    buyer: Page, school: School, transfer: None, site: Callable[[School], str]
) -> None:
    offer = sold_offer(school, price_minor=120_000)
    submit(buyer, f"{site(school)}/o/{offer.token}", "Pay UAH 1,200")
    order = order_of(school)
    with clock.at(clock.now() + timedelta(days=8)), school_scope(school):
        expire_order(order=order)
    buyer.reload()
    expect(buyer.get_by_text("The time to pay is over")).to_be_visible()
    buyer.get_by_role("link", name="Open the offer").click()
    expect(buyer.get_by_role("heading", name=offer.title)).to_be_visible()


def test_offer_whose_time_is_over_sells_nothing(buyer: Page, school: School, transfer: None, site: Any) -> None:
    offer = sold_offer(school, price_minor=120_000)
    with school_scope(school):
        Offer.objects.filter(pk=offer.pk).update(sales_end_at=clock.now() - timedelta(minutes=1))
    buyer.goto(f"{site(school)}/o/{offer.token}")
    expect(buyer.get_by_text(re.compile("ended|over", re.IGNORECASE)).first).to_be_visible()
    expect(buyer.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
