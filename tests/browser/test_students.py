"""A student on a phone: signing in by a mailed code, and the pages behind the door."""

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from contacts.models import Contact
from schools.outbox.drain import drain
from schools.tenancy.scope import school_scope
from tests.browser.accessibility import THEMES, dress, severe, severe_in_both_themes, unreached
from tests.factories.contacts import student_browser
from tests.factories.orders import PaidOrderFactory
from tests.support.students import code_in
from tests.tenancy import url_matrix
from tests.tenancy.world import world_of

PHONE = {"width": 390, "height": 844}


def code_mailed() -> str:
    drain()
    return code_in(str(mail.outbox[-1].body))


def sign_in_on(page: Page, site: str, contact: Contact) -> None:
    """From a closed page through the mailed code back to it, seeing what a person sees."""
    page.goto(f"{site}/me/orders/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("Email").fill(contact.email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    page.get_by_label("Code").fill(code_mailed())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="My orders")).to_be_visible()
    assert page.url == f"{site}/me/orders/"
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_signing_in_on_a_phone(page, school, contact, site):
    page.set_viewport_size(PHONE)
    sign_in_on(page, site(school), contact)
    page.get_by_role("button", name="Your area").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def test_signing_in_on_a_phone_without_javascript(browser: Browser, school, contact, site):
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site(school)}/me/profile/")
    page.get_by_label("Email").fill(contact.email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(code_mailed())
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Profile")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    page.goto(f"{site(school)}/me/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_a_receipt_is_printed_without_the_site_around_it(page, context, school, contact, site):
    order = PaidOrderFactory(school=school, email=contact.email, name=contact.name)
    enter(context, site(school), contact)
    page.goto(f"{site(school)}/me/orders/{order.number}/")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Your area")).to_be_hidden()
    expect(page.get_by_role("heading", name=f"Receipt {order.number}")).to_be_visible()


# --- Every page of a student, from the crawler's matrix ---


def enter(context, site: str, contact: Contact) -> None:
    """Give the browser the session of that student."""
    with school_scope(contact.school_id):
        contact = Contact.objects.select_related("school").get(pk=contact.pk)
    name = django_settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": student_browser(contact).cookies[name].value, "url": site}])


@pytest.fixture
def addresses(school, site, kept_mail, context) -> list[str]:
    """The pages that open for the one student of a full school, who is signed in."""
    world = world_of(school)
    enter(context, site(school), world.contact)
    client = student_browser(world.contact)
    rows = {name: row for name, row in url_matrix.SITE.items() if isinstance(row, url_matrix.Student)}
    paths = [reverse(name, urlconf=django_settings.SITE_URLCONF, args=row.args(world)) for name, row in rows.items()]
    found = [path for path in paths if _is_page(client.get(path))]
    assert len(found) >= 5
    return [f"{site(school)}{path}" for path in found]


def _is_page(response) -> bool:
    response.close()  # some of them are files
    return response.status_code == 200 and response.headers["Content-Type"].startswith("text/html")


def test_pages_of_a_student_pass_axe_in_both_themes_and_by_tab(addresses, context, page):
    dress(context, addresses[0], "system", "uk")
    found = []
    for address in addresses:
        page.goto(address)
        found += severe_in_both_themes(page) + unreached(page)
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_on_the_way_in(page, context, school, contact, site, theme):
    dress(context, site(school), theme, "en")
    page.goto(f"{site(school)}/sign-in/")
    found = severe(page)
    page.get_by_label("Email").fill(contact.email)
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    assert found + severe(page) == []
