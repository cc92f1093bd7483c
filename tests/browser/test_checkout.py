"""Buying in a real browser: on a phone, with and without JavaScript, in every state of an offer."""

import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from offers.models import Offer
from offers.services import QuestionTerms
from schools.models import School
from tests.browser.accessibility import dress, severe_in_both_themes
from tests.factories.courses import CourseFactory
from tests.factories.orders import ConnectionFactory, sold_offer
from tests.kwiga.pages.buyers import document_of, now_in, offer_with_terms, orders_of, plan, set_on

PHONE = {"width": 390, "height": 844}
PAY_PAGE = re.compile(r"/pay/[\w-]+/$")
# Every shift counts, also one that follows a press: nothing may jump when a code is applied.
WATCH_SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => entry.value)))
    .observe({type: "layout-shift", buffered: true});
}"""
PLACE = "element => Math.round(element.getBoundingClientRect().top + scrollY)"
WRONG_CLOCK = "Date.now = () => 0; Date.prototype.getTime = () => 0;"


@pytest.fixture
def offer(school: School) -> Offer:
    ConnectionFactory(school=school, is_test=True)
    set_on(school, legal_name="Green School LLC", contact_email="help@green.test")
    return offer_with_terms(school, document_of(school), title="English for work", seats=10)


@pytest.fixture
def address(site: Any, school: School, offer: Offer) -> str:
    return f"{site(school)}/o/{offer.token}"


def fill_in(page: Page) -> None:
    page.get_by_label("Email").fill("buyer@example.test")
    page.get_by_label("Name").fill("Olena Buyer")
    page.get_by_label("I accept").check()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_guest_buys_on_a_phone(browser: Browser, school, address, scripts) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}?coupon=NOPE&utm_source=mail")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"] if scripts else True
    page.get_by_role("link", name="Buy", exact=True).click()
    page.get_by_role("button", name="Pay UAH 1,200").click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    fill_in(page)
    page.get_by_label("Code", exact=True).fill("OTHER")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#code-answer")).to_contain_text("This code is not valid here")
    expect(page.get_by_label("Email")).to_have_value("buyer@example.test")
    if not scripts:
        page.get_by_label("I accept").check()
    page.get_by_role("button", name="Pay UAH 1,200").click()
    expect(page).to_have_url(PAY_PAGE)
    context.close()
    (order,) = orders_of(school)
    assert order.total_minor == 120_000 and order.utm == {"utm_source": "mail"}


def test_nothing_jumps_when_a_code_is_applied(page: Page, address) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("NOPE")
    button = page.get_by_role("button", name=re.compile("^Pay"))
    button.scroll_into_view_if_needed()
    page.evaluate(WATCH_SHIFTS)
    page.evaluate("() => { window.shifts = []; }")
    before = button.evaluate(PLACE)
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#code-answer")).to_contain_text("This code is not valid here")
    expect(page.get_by_role("status").filter(has_text="This code is not valid here")).to_have_count(1)
    page.wait_for_timeout(300)
    assert button.evaluate(PLACE) == before
    assert page.evaluate("() => window.shifts") == []
    expect(page.get_by_label("Code", exact=True)).to_have_value("NOPE")


def test_the_check_of_jumps_can_fail(page: Page, address) -> None:
    page.set_viewport_size(PHONE)
    page.goto(address)
    page.get_by_role("button", name=re.compile("^Pay")).scroll_into_view_if_needed()
    page.evaluate(WATCH_SHIFTS)
    page.evaluate("() => { document.querySelector('#summary').style.paddingTop = '200px'; }")
    page.wait_for_function("() => window.shifts.length > 0")


def test_enter_in_the_code_applies_and_enter_elsewhere_buys(page: Page, school, address) -> None:
    page.goto(address)
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill("NOPE")
    page.get_by_label("Code", exact=True).press("Enter")
    expect(page.locator("#code-answer")).to_contain_text("This code is not valid here")
    expect(page).to_have_url(address)
    fill_in(page)
    page.get_by_label("Name").press("Enter")
    expect(page).to_have_url(PAY_PAGE)
    assert len(orders_of(school)) == 1


@pytest.mark.spec("P5")
def test_a_double_click_and_a_way_back_make_one_order(page: Page, school, address) -> None:
    page.goto(address)
    fill_in(page)
    page.get_by_role("button", name=re.compile("^Pay")).dblclick()
    expect(page).to_have_url(PAY_PAGE)
    first = page.url
    page.go_back()
    fill_in(page)
    page.get_by_role("button", name=re.compile("^Pay")).click()
    expect(page).to_have_url(PAY_PAGE)
    # The page as it was left makes the same order; one loaded anew is a new form.
    assert len(orders_of(school)) == (1 if page.url == first else 2)


def test_a_changed_price_is_shown_before_it_is_paid(page: Page, school, offer, address) -> None:
    page.goto(address)
    fill_in(page)
    set_on(offer, price_minor=150_000)
    page.get_by_role("button", name="Pay UAH 1,200").click()
    expect(page.get_by_text("The price has changed.")).to_be_visible()
    expect(page.get_by_label("Email")).to_have_value("buyer@example.test")
    assert orders_of(school) == []
    page.get_by_role("button", name="Pay UAH 1,500").click()
    expect(page).to_have_url(PAY_PAGE)


@pytest.mark.spec("K18.3")
def test_the_countdown_does_not_believe_the_browsers_clock(page: Page, school, offer, address) -> None:
    set_on(offer, promo_price_minor=90_000, promo_ends_at=now_in(school) + timedelta(hours=2, minutes=30))
    page.add_init_script(WRONG_CLOCK)
    page.goto(address)
    expect(page.locator(".countdown")).to_have_text(re.compile(r"02:29:5\d|02:30:00"))


def test_the_countdown_runs_out_in_words(page: Page, school, offer, address) -> None:
    set_on(offer, promo_price_minor=90_000, promo_ends_at=now_in(school) + timedelta(seconds=3))
    page.goto(address)
    expect(page.locator(".countdown")).to_contain_text("reload the page", timeout=8_000)


def test_buyers_pages_are_light(page: Page, school, address) -> None:
    sizes: dict[str, int] = {}

    def weigh(response: Any) -> None:
        if response.request.resource_type in {"stylesheet", "script"}:
            sizes[response.url] = len(gzip.compress(response.body(), 9))

    page.on("response", weigh)
    page.goto(address, wait_until="networkidle")
    assert sizes and sum(sizes.values()) <= 60_000, sizes


@pytest.fixture
def states(school: School, offer: Offer, site: Any) -> dict[str, str]:
    """An address for every page and state that a buyer may meet."""
    now = now_in(school)
    course = CourseFactory(school=school, title="English", category="Languages")
    plan(school, course, title="Basic", is_highlighted=True, difference="One\nTwo", category="Languages")
    sold_out = plan(school, course, title="Full", seats=1)
    set_on(sold_out, seats_taken=1)
    ended, soon, closed = (sold_offer(school, category="Software") for _ in range(3))
    set_on(ended, sales_end_at=now - timedelta(days=1))
    set_on(soon, sales_start_at=now + timedelta(days=1))
    set_on(closed, status=Offer.Status.ARCHIVED)
    asks = sold_offer(school, phone="required", questions=(QuestionTerms(label="Level?", is_required=True),))
    promo = sold_offer(school, promo_price_minor=1, promo_ends_at=now + timedelta(hours=2))
    members = sold_offer(school, guest_checkout=False)
    home = site(school)
    document = f"{home}/terms/{document_of(school, 'More').token}/"
    offers = {"sold out": sold_out, "ended": ended, "soon": soon, "closed": closed, "asks": asks}
    offers |= {"promo": promo, "members": members, "offer": offer}
    pages = {name: f"{home}/o/{found.token}" for name, found in offers.items()}
    more = {"store": f"{home}/", "search": f"{home}/?q=nothing-like-it", "course": f"{home}/courses/{course.token}/"}
    return pages | more | {"code": f"{pages['offer']}?coupon=NOPE", "terms": document}


def test_axe_finds_nothing_serious_in_any_state_in_either_theme(context, page: Page, states) -> None:
    dress(context, states["store"], "system", "en")
    found = []
    for address in states.values():
        page.goto(address)
        found += severe_in_both_themes(page)
    page.goto(states["asks"])
    page.get_by_role("button", name=re.compile("^Pay")).click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    found += severe_in_both_themes(page)
    assert found == []


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_no_page_of_the_store_scrolls_sideways(page: Page, states, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    wide = []
    for name, address in states.items():
        page.goto(address)
        if page.evaluate("() => document.documentElement.scrollWidth") > width:
            wide.append(name)
    assert wide == []


@pytest.mark.parametrize(
    ("state", "said"), [("sold out", "Sold out"), ("ended", "Sales have ended"), ("closed", "Sales are closed")]
)
def test_what_is_over_says_so_and_leads_on(page: Page, states, state: str, said: str) -> None:
    page.goto(states[state])
    expect(page.get_by_text(said).first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Pay"))).to_have_count(0)
    page.get_by_role("link", name=re.compile("^See what")).click()
    expect(page).to_have_url(states["store"])


def test_a_guest_is_offered_to_sign_in_and_comes_back(page: Page, states) -> None:
    page.goto(f"{states['members']}?utm_source=mail")
    page.get_by_role("link", name="Sign in to buy").click()
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=%2Fo%2F\w+%3Futm_source%3Dmail"))
