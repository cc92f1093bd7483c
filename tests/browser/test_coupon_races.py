"""Several things at once at the field of a code: what was said last counts, and no press is lost.

Each test holds the answers of the server back and lets them go in an order of its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from schools.models import School
from tests.factories.contacts import ContactFactory
from tests.factories.coupons import CouponFactory
from tests.factories.orders import ConnectionFactory, sold_offer
from tests.kwiga.pages.buyers import orders_of

FULL, LESS = "Pay UAH 1,200", "Pay UAH 1,080"
APPLIED = "SPRING applied: −10%"


class Answers:
    """The questions for a price, in the order in which the page asked; each waits until it is let go."""

    def __init__(self, page: Page) -> None:
        self.page, self.waiting = page, list[Route]()
        page.route(re.compile(r"/quote/"), lambda route: self.waiting.append(route))

    def wait(self) -> None:
        """Until one is asked."""
        for _look in range(100):
            if self.waiting:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError("The page asks for no price")

    def let_all_go(self, *, newest_first: bool = False) -> None:
        """Answer those that wait, and those that are asked thereupon."""
        self.page.wait_for_timeout(300)
        while self.waiting:
            self.let_go(-1 if newest_first else 0)

    def let_go(self, number: int = 0) -> None:
        """Answer that question, and give the page the time to show what it makes of it."""
        route = self.waiting.pop(number)
        if not route.request.failure:
            route.continue_()
            answer = route.request.response()
            assert answer is not None
            answer.finished()
        self.page.wait_for_timeout(150)


@pytest.fixture
def address(site: Any, school: School) -> str:
    ConnectionFactory(school=school, is_test=True)
    CouponFactory(school=school, code="SPRING")
    return f"{site(school)}/o/{sold_offer(school, price_minor=120_000).token}"


@pytest.fixture
def asked(page: Page, address: str) -> Iterator[Callable[[str], Answers]]:
    """Opens the offer with a code, fills the form in, and is asking for the price for the email just typed."""

    def begin(code: str) -> Answers:
        page.goto(f"{address}?coupon={code}")
        answers = Answers(page)
        page.get_by_label("Email").fill("buyer@example.test")
        page.get_by_label("Name").fill("Olena Buyer")
        answers.wait()
        return answers

    yield begin
    page.unroute_all(behavior="ignoreErrors")


def shows_the_full_price(page: Page) -> None:
    expect(page.get_by_role("button", name=FULL)).to_be_visible()
    expect(page.locator("#summary")).to_have_attribute("data-total-minor", "120000")
    expect(page.get_by_text(APPLIED)).to_have_count(0)


@pytest.mark.parametrize("newest_first", [False, True], ids=["in order", "the older answer last"])
def test_the_last_press_wins_over_the_question_for_the_email(page: Page, asked, newest_first) -> None:
    answers = asked("SPRING")
    page.get_by_role("button", name="Remove").click()
    answers.let_all_go(newest_first=newest_first)
    shows_the_full_price(page)


def test_an_answer_that_comes_while_a_button_is_held_down_loses_no_press(page: Page, asked) -> None:
    answers = asked("SPRING")
    page.get_by_role("button", name="Remove").hover()
    page.mouse.down()
    answers.let_go()
    page.mouse.up()
    answers.let_all_go()
    shows_the_full_price(page)


def test_an_answer_that_waits_for_a_press_is_shown_when_the_press_comes_to_nothing(page: Page, school, asked) -> None:
    friend = ContactFactory(school=school, email="buyer@example.test")
    CouponFactory(school=school, code="FRIEND-7", audience="contact", contact_id=friend.pk)
    answers = asked("FRIEND-7")
    page.get_by_role("button", name="Apply").hover()
    page.mouse.down()
    answers.let_go()
    expect(page.locator("#summary")).to_have_attribute("data-total-minor", "120000")
    page.mouse.move(0, 0)
    page.mouse.up()
    expect(page.get_by_text("FRIEND-7 applied: −10%")).to_be_visible()
    expect(page.get_by_role("button", name=LESS)).to_be_visible()


def test_a_code_that_is_being_typed_stays(page: Page, asked) -> None:
    answers = asked("NOPE")
    field = page.get_by_label("Code", exact=True)
    field.fill("SPRI")
    answers.let_go()
    expect(field).to_have_value("SPRI")
    field.press_sequentially("NG")
    expect(field).to_have_value("SPRING")
    field.press("Enter")
    answers.let_all_go()
    expect(page.get_by_text(APPLIED)).to_be_visible()


def test_a_code_that_is_applied_while_another_is_looked_at_counts(page: Page, asked) -> None:
    answers = asked("NOPE")
    page.get_by_role("button", name="Apply").click()
    page.get_by_label("Code", exact=True).fill("spring")
    page.get_by_role("button", name="Apply").click()
    answers.let_all_go()
    expect(page.get_by_text(APPLIED)).to_be_visible()
    expect(page.get_by_role("button", name=LESS)).to_be_visible()


def test_remove_and_then_an_email_takes_the_code_off(page: Page, asked) -> None:
    answers = asked("SPRING")
    page.get_by_role("button", name="Remove").click()
    page.get_by_label("Email").fill("other@example.test")
    page.get_by_label("Name").fill("Somebody Else")
    answers.let_all_go()
    shows_the_full_price(page)


def test_remove_and_pay_at_once_buys_nothing_at_a_price_that_was_not_asked_for(page: Page, school, asked) -> None:
    asked("SPRING")
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name=LESS).click()
    expect(page.get_by_text("The price has changed.")).to_be_visible()
    expect(page.get_by_role("button", name=FULL)).to_be_visible()
    assert orders_of(school) == []
