"""A reward for a finished course, end to end: built in the editor, earned by a student, mailed, used by nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from automations.models import AutomationVersion, Run
from contacts.models import SentMail
from coupons.models import Coupon, Redemption
from kwiga.local.processes import wait_until
from offers.services import ItemTerms
from schools.tenancy.scope import school_scope
from tests.factories.contacts import ContactFactory
from tests.factories.courses import CourseFactory, give_access
from tests.factories.offers import PublishedOfferFactory
from tests.flows.conftest import Store
from tests.flows.test_purchase import PHONE, broken_rules, learn, subjects
from tests.support.students import code_in

NAME, STUDENT, STRANGER = "Thank you for finishing", "olena@example.test", "ihor@example.test"
NEXT = "NextCourse12"  # the address of the offer that the reward is spent on
SUBJECT = "You finished, {{ contact.name }}"
BODY = "Your code {{ coupon.code }} takes {{ coupon.size }} off until {{ coupon.expires }}.\n\n{{ coupon.link }}"


@pytest.mark.timeout(240)
@pytest.mark.spec("P1.2")
@pytest.mark.spec("P3.1")
def test_a_finished_course_is_rewarded_with_a_code_for_one(browser: Browser, store: Store) -> None:
    prepare(store)
    staff = browser.new_context()
    store.sign_in_owner(staff)
    build(staff.new_page(), store, NAME)
    build_without_scripts(browser, store)
    code = earn(browser, store)
    refuse_to_a_stranger(browser, store, code)
    spend(browser, store, code)
    look_back(staff.new_page(), store, code)
    staff.close()
    check_books(store, code)


def prepare(store: Store) -> None:
    """Two people the school knows, and something to buy with the reward."""
    person = ContactFactory(school=store.school, email=STUDENT, name="Olena")
    ContactFactory(school=store.school, email=STRANGER, name="Ihor")
    give_access(person, store.course)
    more = CourseFactory(school=store.school, title="English for talks", modules=(1,))
    items = (ItemTerms(course_id=more.pk),)
    PublishedOfferFactory(school=store.school, token=NEXT, title="English for talks", items=items, price_minor=100_000)


def build(page: Page, store: Store, name: str) -> None:
    """At 100 % of the course, a personal coupon of 15 % for 7 days, and a mail with it; switched on."""
    page.goto(f"{store.dashboard}/automations/")
    page.get_by_role("link", name="Automation", exact=True).first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create the draft").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("link", name="Change what starts it").click()
    page.get_by_role("link", name="A course is done to a percentage").click()
    page.get_by_label("Course", exact=True).select_option(label=store.course.title)
    page.get_by_label("Percent", exact=True).fill("100")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile(rf"{store.course.title}.*100|100.*{store.course.title}"))).to_be_visible()
    add_step(page, "Create coupon", {"Discount Size": "15", "Days": "7"})
    expect(page.get_by_text("Create a personal coupon of 15%, valid for 7 days")).to_be_visible()
    add_step(page, "Send mail", {"Subject": SUBJECT, "Text": BODY})
    expect(page.get_by_text("Send the mail")).to_be_visible()
    page.get_by_role("button", name="Switch on").click()
    expect(page.get_by_text("The automation is on.").first).to_be_visible()


def add_step(page: Page, kind: str, fields: dict[str, str]) -> None:
    """Put a step at the end of the flow."""
    page.get_by_role("link", name="Add a step", exact=True).click()
    page.get_by_role("link", name=re.compile(f"^{kind}")).click()
    expect(page.get_by_role("button", name="Add the step")).to_be_visible()
    for label, text in fields.items():
        page.get_by_label(label, exact=True).first.fill(text)
    page.get_by_role("button", name="Add the step").click()


def build_without_scripts(browser: Browser, store: Store) -> None:
    """The same can be built with no JavaScript; it is switched off before anybody finishes anything."""
    context = browser.new_context(java_script_enabled=False)
    store.sign_in_owner(context)
    page = context.new_page()
    build(page, store, "The same by hand")
    page.get_by_role("button", name="Switch off").click()
    expect(page.get_by_text("The automation is off.").first).to_be_visible()
    context.close()
    with school_scope(store.school):
        made, again = (version_facts(name) for name in (NAME, "The same by hand"))
    assert made == again


def version_facts(name: str) -> list[Any]:
    version = AutomationVersion.objects.get(automation__name=name)
    steps = version.steps.order_by("position").values_list("kind", "settings")
    return [version.trigger, version.trigger_settings, version.conditions, *steps]


def earn(browser: Browser, store: Store) -> str:
    """Do both lessons on a phone, and read the code in the mail."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    page.goto(f"{store.site}/sign-in/")
    sign_in_here(page, store)
    learn(page)
    context.close()
    rewards = lambda: [mail for mail in store.mails_to(STUDENT) if "You finished, Olena" in mail]  # noqa: E731
    assert wait_until(lambda: bool(rewards()), 60), store.stack.log("worker")
    (mail,) = rewards()
    assert "List-Unsubscribe:" in mail
    found = re.search(r"Your code (\S+) takes 15% off until", mail.replace("=\n", ""))
    assert found, mail
    return found[1]


def sign_in_here(page: Page, store: Store) -> None:
    """By the code that is mailed."""
    page.get_by_label("Email").fill(STUDENT)
    page.get_by_role("button", name="Send me a code").click()
    assert wait_until(lambda: bool(store.mails_to(STUDENT)), 30), store.stack.log("worker")
    page.get_by_label("Code").fill(code_in(store.mails_to(STUDENT)[-1]))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My courses")).to_be_visible()


def try_code(page: Page, store: Store, email: str, code: str) -> None:
    """Say who buys, and type the code."""
    page.goto(f"{store.site}/o/{NEXT}")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill("A Buyer")
    page.get_by_text("Have a code?").click()
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Apply").click()


def refuse_to_a_stranger(browser: Browser, store: Store, code: str) -> None:
    """The code is another's: the price stays, and nothing tells whose it is."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    try_code(page, store, STRANGER, code)
    expect(page.get_by_text("This code is not valid here. Check how it is written.").first).to_be_visible()
    expect(page.get_by_role("button", name="Pay UAH 1,000")).to_be_visible()
    assert STUDENT not in page.content()
    context.close()


def spend(browser: Browser, store: Store, code: str) -> None:
    """The student pays 15 % less, at the bank, too."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    try_code(page, store, STUDENT, code)
    expect(page.get_by_text(f"{code} applied: −15%")).to_be_visible()
    page.get_by_role("button", name="Pay UAH 850").click()
    expect(page).to_have_url(re.compile(r"/pay/[\w-]{20,}/$"))
    expect(page.get_by_text(f"Discount with {code}")).to_be_visible()
    page.get_by_role("button", name=re.compile("Card")).click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    context.close()


def look_back(page: Page, store: Store, code: str) -> None:
    """The list of coupons names the automation as the author, and the page of its run shows it done."""
    page.goto(f"{store.dashboard}/coupons/")
    expect(page.get_by_role("row", name=re.compile(code))).to_contain_text(NAME)
    page.goto(f"{store.dashboard}/automations/")
    page.get_by_role("link", name=NAME).click()
    page.get_by_role("link", name="Olena").click()
    expect(page.get_by_role("heading", name="Run for Olena")).to_be_visible()
    expect(page.get_by_text("Done", exact=True)).to_have_count(3)  # the run and both steps
    page.get_by_role("link", name=code).click()
    expect(page.get_by_text(NAME).first).to_be_visible()


def check_books(store: Store, code: str) -> None:
    with school_scope(store.school):
        run, coupon = Run.objects.get(), Coupon.objects.get()
        assert (run.automation.name, run.state, run.contact.email) == (NAME, Run.State.DONE, STUDENT)
        assert (coupon.made_by, coupon.percent_bp, coupon.contact.email) == (NAME, 1_500, STUDENT)
        assert coupon.codes.get().code == code
        assert coupon.ends_at and coupon.ends_at - coupon.created_at > timedelta(days=6)
        used = Redemption.objects.get(state=Redemption.State.CONFIRMED)
        assert (used.contact.email, used.amount_minor) == (STUDENT, 15_000)
        assert SentMail.objects.get(is_news=True).state == SentMail.State.SENT
    told = subjects(store.mails_to(STUDENT))
    assert len([subject for subject in told if "You finished" in subject]) == 1
    assert broken_rules() == []
