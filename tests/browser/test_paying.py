"""Paying in a real browser: over to the bank's own origin and back, by links and by forms, in both themes."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from courses.models import Access
from orders.links import pay_token
from orders.models import Order, Payment
from orders.services.connections import connect
from schools.tenancy.scope import school_scope
from tests.browser.accessibility import THEMES, dress, severe
from tests.factories.orders import PlacedOrderFactory
from tests.support.bank import RunningBank


@pytest.fixture
def order(school) -> Order:
    return PlacedOrderFactory(school=school)


@pytest.fixture
def pay_address(school, site, order) -> str:
    with school_scope(school):
        return f"{site(school)}/pay/{pay_token(order)}/"


@pytest.fixture
def ways(school, live_bank: RunningBank) -> None:
    """A bank that is entered and left by links, and bank transfer."""
    with school_scope(school):
        connect(provider="test_bank", title="Card", actor=None)
        connect(provider="bank_transfer", options={"details": "IBAN UA00 1234"}, actor=None)


@pytest.fixture
def by_forms(school, live_bank: RunningBank) -> None:
    """A bank that is entered and left by forms posted from one site to the other."""
    with school_scope(school):
        connect(provider="test_bank", options={"entry": "form", "return_by": "post"}, actor=None)


def states(school: Any, order: Order) -> tuple[str, list[str]]:
    with school_scope(school):
        payments = Payment.objects.filter(order=order).order_by("pk")
        return Order.objects.get(pk=order.pk).state, list(payments.values_list("state", flat=True))


def test_declined_then_paid(page: Page, school, order, ways, pay_address, live_bank):
    told: list[str] = []
    page.on("request", lambda request: told.append(f"{request.url} {request.headers.get('referer', '')}"))
    page.goto(pay_address)
    page.get_by_role("button", name="Pay UAH 1,200 · Card").click()
    expect(page).to_have_url(re.compile(re.escape(live_bank.url)))
    expect(page.get_by_text("No real money moves here.")).to_be_visible()
    page.get_by_role("button", name="Have the card declined").click()
    expect(page).to_have_url(pay_address)
    expect(page.get_by_role("alert")).to_contain_text("The payment did not go through")
    assert states(school, order) == ("pending", ["failed"])
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page).to_have_url(f"{pay_address}done/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert states(school, order) == ("paid", ["failed", "captured"])
    token = pay_address.rstrip("/").rpartition("/")[2]
    to_the_bank = [request for request in told if request.startswith(live_bank.url)]
    assert to_the_bank and not any(token in request for request in to_the_bank)
    with school_scope(school):
        assert Access.objects.count() == 1


@pytest.mark.spec("P8")
def test_coming_back_without_paying(page: Page, school, order, ways, pay_address):
    page.goto(pay_address)
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_text("For testers").click()
    page.get_by_role("button", name="Back to the shop without paying").click()
    expect(page).to_have_url(pay_address)
    expect(page.get_by_role("heading", name="Pay for your order")).to_be_visible()
    assert states(school, order) == ("pending", ["created"])
    page.goto(f"{pay_address}done/")
    expect(page).to_have_url(pay_address)


def test_in_and_out_by_forms(page: Page, school, order, by_forms, pay_address):
    """Two sites, two posts, no cookie of ours in the second: the token in the address is all it takes."""
    page.goto(pay_address)
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_role("button", name=re.compile("Go to the payment page")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    page.get_by_role("button", name="Back to the shop").click()
    expect(page).to_have_url(f"{pay_address}done/")
    assert states(school, order) == ("paid", ["captured"])


def test_bank_transfer(page: Page, school, order, ways, pay_address):
    page.goto(pay_address)
    page.get_by_role("button", name="Bank transfer").click()
    expect(page.get_by_role("heading", name="Send a bank transfer")).to_be_visible()
    expect(page.get_by_text("IBAN UA00 1234")).to_be_visible()
    expect(page.get_by_label("Purpose of the payment")).to_have_value(order.number)
    assert states(school, order) == ("pending", ["created"])


def test_a_slow_payment_goes_on_by_itself(page: Page, school, order, ways, pay_address):
    page.goto(pay_address)
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_text("For testers").click()
    page.get_by_label("Seconds until a slow payment is there").fill("2")
    page.get_by_role("button", name="Pay, but let it take a while").click()
    expect(page.get_by_text("Your payment is being confirmed")).to_be_visible()
    expect(page).to_have_url(f"{pay_address}done/", timeout=20_000)
    assert states(school, order) == ("paid", ["captured"])


def test_all_of_it_without_a_script(browser, school, order, ways, pay_address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pay_address)
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page).to_have_url(f"{pay_address}done/")
    context.close()
    assert states(school, order) == ("paid", ["captured"])


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(page: Page, context, school, order, ways, pay_address, site, theme, live_bank):
    dress(context, site(school), theme, "en")
    page.emulate_media(color_scheme=theme)
    found = []
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(pay_address)
        found += severe(page)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Bank transfer").click()
    found += severe(page)
    page.get_by_role("button", name="Card").click()
    page.get_by_text("For testers").click()
    found += severe(page)
    page.get_by_role("button", name="Have the card declined").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found += severe(page)
    page.get_by_role("button", name=re.compile("^Pay UAH")).click()
    page.get_by_role("button", name="Pay, but let it take a while").click()
    expect(page.get_by_text("Your payment is being confirmed")).to_be_visible()
    found += severe(page)
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_in_the_settings(page: Page, context, school, owner, sign_in, root, ways, theme):
    dress(context, root, theme, "en")
    sign_in(owner)
    with school_scope(school):
        stripe = connect(provider="stripe", secrets={"api_key": "sk_test_x"}, actor=None)
    found = []
    for path in ("", "new/?provider=stripe", "new/?provider=bank_transfer", f"{stripe.token}/"):
        page.goto(f"{root}/green/settings/payments/{path}")
        found += severe(page)
    assert found == []
