"""Codes in a real browser: by link, by hand, to the order and back, whatever stands in the link."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from coupons.models import Redemption
from offers.models import Offer
from schools.models import School
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import ConnectionFactory, sold_offer
from tests.kwiga.pages.buyers import orders_of

PAY_PAGE = re.compile(r"/pay/[\w-]+/$")
PAYLOADS = [
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus=alert(1) autofocus x='",
    "javascript:alert(1)",
    "</title><svg onload=alert(1)>",
    "a\r\nSet-Cookie: stolen=1",
    "{{ 7*7 }}{% debug %}",
    "\u202eGNIRPS\u200b",
    "A" * 3_000,
]


@pytest.fixture
def offer(school: School) -> Offer:
    ConnectionFactory(school=school, is_test=True)
    return sold_offer(school, title="English for work", price_minor=120_000)


@pytest.fixture
def address(site: Any, school: School, offer: Offer) -> str:
    return f"{site(school)}/o/{offer.token}"


def fill_in(page: Page, email: str = "buyer@example.test") -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill("Olena Buyer")


@pytest.mark.spec("K31.1: the discounted total is there before any typing, with JavaScript on and off")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_link_remove_and_apply(browser: Browser, school, address, scripts) -> None:
    CouponFactory(school=school, code="SPRING")
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}?coupon=spring")
    expect(page.get_by_role("button", name="Pay UAH 1,080")).to_be_visible()
    expect(page.get_by_text("SPRING applied: −10%")).to_be_visible()
    expect(page.get_by_text("You save UAH 120")).to_be_visible()
    fill_in(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("button", name="Pay UAH 1,200")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("buyer@example.test")
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill(" Spring ")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("SPRING applied: −10%")).to_be_visible()
    page.get_by_role("button", name="Pay UAH 1,080").click()
    expect(page).to_have_url(PAY_PAGE)
    expect(page.get_by_text("Discount with SPRING")).to_be_visible()
    context.close()
    assert [order.total_minor for order in orders_of(school)] == [108_000]


@pytest.mark.spec("Q01: whoever goes back from the pay page and submits again keeps the only use of a coupon")
def test_back_from_the_pay_page_and_again(page: Page, school, address) -> None:
    CouponFactory(school=school, code="ONCE", max_uses=1, max_uses_per_contact=1)
    for _time in range(2):
        page.goto(f"{address}?coupon=ONCE")
        fill_in(page)
        page.get_by_role("button", name="Pay UAH 1,080").click()
        expect(page).to_have_url(PAY_PAGE)
    first, second = orders_of(school)
    assert (first.state, second.state, second.total_minor) == ("canceled", "pending", 108_000)
    with school_scope(school):
        assert Redemption.objects.filter(state__in=Redemption.COUNTED).count() == 1


def test_a_personal_code_counts_as_soon_as_the_email_is_there(page: Page, school, address) -> None:
    friend = ContactFactory(school=school, email="friend@example.test")
    CouponFactory(school=school, code="FRIEND-7", audience="contact", contact_id=friend.pk)
    page.goto(f"{address}?coupon=FRIEND-7")
    expect(page.locator("#code-answer")).to_contain_text("enter your email or sign in")
    fill_in(page, "friend@example.test")
    expect(page.get_by_text("FRIEND-7 applied: −10%")).to_be_visible()
    page.get_by_role("button", name="Pay UAH 1,080").click()
    expect(page).to_have_url(PAY_PAGE)


def test_the_language_changes_and_the_code_stays(page: Page, school, address) -> None:
    CouponFactory(school=school, code="SPRING")
    page.goto(address)
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("SPRING")
    page.get_by_label("Code", exact=True).press("Enter")
    expect(page.get_by_text("SPRING applied: −10%")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Language")).click()
    page.get_by_role("button", name="Polski").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    expect(page.locator("#summary")).to_have_attribute("data-total-minor", "108000")


@pytest.mark.spec("K31.5: a script in place of a code is harmless")
@pytest.mark.spec("C10: scripts, quotes, line breaks and marks of direction run nowhere and set no header")
def test_no_code_runs(page: Page, school, address) -> None:
    seen: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        seen.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: seen.append(str(error)))
    for payload in PAYLOADS:
        answer = page.goto(f"{address}?coupon={quote(payload)}")
        assert answer is not None and answer.status == 200
        assert "stolen" not in str(answer.all_headers())
        field = page.locator("input[name=coupon]")
        assert len(field.input_value()) <= 64
        assert page.locator("#summary").get_attribute("data-total-minor") == "120000"
        page.get_by_role("button", name="Apply").click()
        page.wait_for_load_state("networkidle")
    assert seen == [] and page.evaluate("() => document.querySelectorAll('img[onerror], svg[onload]').length") == 0
