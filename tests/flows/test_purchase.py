"""The main job end to end, in a real browser on a phone: an offer link, a card declined and paid, a course learned."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from courses.models import CourseProgress
from kwiga.local.processes import wait_until
from orders.models import Order, Payment
from schools.invariants import check_invariants
from schools.tenancy.scope import school_scope
from tests.flows.conftest import MAIN, Store
from tests.support.stack import BEAT, WORKER
from tests.support.students import code_in

PHONE: ViewportSize = {"width": 390, "height": 844}
BUYER = "olena@example.test"


def order_at(page: Page, store: Store, email: str = BUYER) -> None:
    """From the link of the offer to the pay page."""
    page.goto(f"{store.site}/o/{MAIN}?utm_source=insta")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill("Olena Buyer")
    page.get_by_role("button", name="Pay UAH 1,200").click()
    expect(page).to_have_url(re.compile(r"/pay/[\w-]{20,}/$"))


def pay_at_bank(page: Page, button: str) -> None:
    """To the bank, a button there, and back."""
    page.get_by_role("button", name=re.compile("Card")).click()
    expect(page.get_by_role("heading", name="English for work")).to_be_visible()
    page.get_by_role("button", name=button, exact=True).click()


def sign_in(page: Page, store: Store, email: str = BUYER) -> None:
    """By the code that is mailed."""
    known = len(store.mails_to(email))
    page.get_by_role("link", name="Sign in to my courses").click()
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    assert wait_until(lambda: len(store.mails_to(email)) > known, 30), store.stack.log("worker")
    page.get_by_label("Code").fill(code_in(store.mails_to(email)[-1]))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My courses")).to_be_visible()


def learn(page: Page) -> None:
    """Both lessons, to the end of the course."""
    page.get_by_role("link", name="Begin").click()
    if not page.get_by_role("button", name="Mark as done").is_visible():
        page.get_by_role("link", name=re.compile("^Start")).click()
    for number in (1, 2):
        expect(page.get_by_role("heading", name=f"Lesson 1.{number}")).to_be_visible()
        page.get_by_role("button", name="Mark as done").click()
        expect(page.get_by_text(f"{number} of 2 lessons done").first).to_be_attached()
        if number == 1:
            page.get_by_role("link", name=re.compile("^Next")).click()


def subjects(mails: list[str]) -> list[str]:
    return [found[1] for mail in mails if (found := re.search(r"^Subject: (.*)$", mail, re.MULTILINE))]


def broken_rules() -> list[str]:
    return [finding.invariant.name for finding in check_invariants([]) if finding.rows]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_from_an_offer_link_to_a_learned_course(browser: Browser, store: Store, scripts: bool) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=scripts)
    page = context.new_page()
    order_at(page, store)
    pay_at_bank(page, "Have the card declined")
    expect(page.get_by_text("The payment did not go through").first).to_be_visible()
    pay_at_bank(page, "Pay")
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    mails = lambda: store.mails_to(BUYER)  # noqa: E731
    assert wait_until(lambda: len(mails()) >= 2, 60), store.stack.log("worker")
    sign_in(page, store)
    learn(page)
    context.close()
    assert any("did not go through" in subject for subject in subjects(mails()))
    check_dashboard(browser, store, scripts)
    assert broken_rules() == []


def check_dashboard(browser: Browser, store: Store, scripts: bool) -> None:
    """The order with both transactions, what it opened, and what happened."""
    with school_scope(store.school):
        order = Order.objects.get()
        states = list(Payment.objects.order_by("pk").values_list("state", flat=True))
        progress = CourseProgress.objects.get()
    assert (order.state, order.utm, states) == ("paid", {"utm_source": "insta"}, ["failed", "captured"])
    assert progress.completed_at is not None and progress.told_percent == 100
    context = browser.new_context(java_script_enabled=scripts)
    store.sign_in_owner(context)
    page = context.new_page()
    page.goto(f"{store.dashboard}/")
    page.get_by_role("link", name=order.number).first.click()
    expect(page.get_by_text("Failed", exact=True)).to_be_visible()
    expect(page.get_by_text("Paid", exact=True).first).to_be_visible()
    expect(page.get_by_text("English for work").first).to_be_visible()
    timeline = page.locator("section", has=page.get_by_role("heading", name="What happened"))
    for told in ("Order placed", "Payment failed", "Order paid"):
        expect(timeline.get_by_text(re.compile(told)).first).to_be_visible()
    context.close()


@pytest.mark.spec("F4")
@pytest.mark.timeout(240)
def test_buying_works_without_valkey_and_without_the_worker(browser: Browser, store: Store) -> None:
    stack: Any = store.stack
    emails = ["valkey@example.test", "worker@example.test"]
    for email, gone in zip(emails, ("valkey", "worker"), strict=True):
        stack.kill(gone)
        context = browser.new_context(viewport=PHONE)
        page = context.new_page()
        order_at(page, store, email)
        pay_at_bank(page, "Pay")
        expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible(timeout=20_000)
        context.close()
    assert not store.mails_to(emails[1])
    stack.kill("beat")
    stack.start_valkey()
    stack.start("worker", WORKER)
    stack.start("beat", BEAT)
    assert wait_until(lambda: all(store.mails_to(email) for email in emails), 90), stack.log("worker")
    wait_until(lambda: any(len(store.mails_to(email)) > 2 for email in emails), 3)
    for email in emails:
        told = subjects(store.mails_to(email))
        assert len(told) == len(set(told)), told
    assert broken_rules() == []
