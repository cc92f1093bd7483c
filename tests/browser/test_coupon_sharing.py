"""The link of a coupon is copied by a button that stays what it is; that it was copied is told beside it."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories.coupons import CouponFactory
from tests.factories.orders import sold_offer


@pytest.fixture
def shared(page: Page, context, root, site, school, owner, sign_in) -> Page:
    site(school)
    sold_offer(school, title="English for work")
    coupon = CouponFactory(school=school, code="POSTER")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    sign_in(owner)
    page.goto(f"{root}/green/coupons/{coupon.token}/")
    return page


def test_the_button_keeps_its_name_and_a_status_tells(shared: Page) -> None:
    row = shared.locator(".copy").filter(has=shared.get_by_label("Link for English for work"))
    button, status = row.get_by_role("button", name="Copy", exact=True), row.get_by_role("status")
    expect(status).to_be_empty()
    size = row.bounding_box()
    button.click()
    expect(status).to_have_text("Copied")
    expect(button).to_be_visible()
    expect(button).to_be_focused()
    expect(button).to_have_text("Copy")
    assert row.bounding_box() == size
    assert shared.evaluate("navigator.clipboard.readText()").endswith("?coupon=POSTER")
    expect(status).to_be_empty()
    button.click()
    expect(status).to_have_text("Copied")
