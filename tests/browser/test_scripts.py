"""The small scripts: menus, dialogs, toasts, themes, and what a form does when it is sent. Pages work without them."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect


@pytest.fixture
def home(root, school, owner, sign_in, page) -> Page:
    """The owner on the page of a new offer: a form, menus, the list of shortcuts."""
    sign_in(owner)
    page.goto(f"{root}/green/offers/new/")
    return page


def theme_cookie(page: Page) -> list[str]:
    return [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "theme"]


def test_theme_changes_in_place_and_is_remembered(home: Page) -> None:
    home.get_by_label("Title", exact=True).fill("Half a title")
    home.get_by_role("button", name="Theme").click()
    with home.expect_response("**/preferences/theme/"):
        home.get_by_role("button", name="Dark").click()
    expect(home.locator("html")).to_have_attribute("data-theme", "dark")
    expect(home.locator("html")).to_have_css("background-color", "rgb(20, 20, 19)")
    expect(home.get_by_label("Title", exact=True)).to_have_value("Half a title")
    assert theme_cookie(home) == ["dark"]
    home.reload()
    expect(home.locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize(("scheme", "color"), [("light", "rgb(250, 249, 247)"), ("dark", "rgb(20, 20, 19)")])
def test_theme_follows_the_system_until_one_is_chosen(root, page: Page, scheme: Any, color: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{root}/accounts/login/")
    expect(page.locator("html")).to_have_css("background-color", color)


def test_language_brings_back_what_was_typed_but_no_password(root, page: Page) -> None:
    page.goto(f"{root}/accounts/signup/")
    page.get_by_label("Email").fill("founder@example.test")
    page.locator("#id_password1").fill("correct horse battery")
    page.get_by_role("button", name=re.compile("^Language")).click()
    page.get_by_role("button", name="Polski").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    expect(page.locator("#id_email")).to_have_value("founder@example.test")
    expect(page.locator("#id_password1")).to_have_value("")


def test_menu_opens_moves_and_closes_by_keys(home: Page) -> None:
    opener = home.get_by_role("button", name="Theme")
    opener.focus()
    home.keyboard.press("ArrowDown")
    expect(home.get_by_role("button", name="Light")).to_be_focused()
    home.keyboard.press("ArrowUp")
    expect(home.get_by_role("button", name="Like the system")).to_be_focused()
    home.keyboard.press("Home")
    expect(home.get_by_role("button", name="Light")).to_be_focused()
    home.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(home.get_by_role("button", name="Light")).to_be_hidden()


def test_question_mark_explains_the_keys_and_they_can_be_switched_off(home: Page) -> None:
    dialog = home.get_by_role("dialog", name="Keyboard shortcuts")
    home.locator("main").focus()
    home.keyboard.press("?")
    expect(dialog).to_be_visible()
    dialog.get_by_role("checkbox").uncheck()
    home.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    home.keyboard.press("?")
    expect(dialog).to_be_hidden()


def test_keys_do_nothing_while_somebody_types(home: Page) -> None:
    home.get_by_label("Title", exact=True).press_sequentially("Why?/n")
    expect(home.get_by_label("Title", exact=True)).to_have_value("Why?/n")
    expect(home.get_by_role("dialog")).to_have_count(0)


def test_a_form_is_sent_once(root, page: Page) -> None:
    page.goto(f"{root}/accounts/login/")
    page.get_by_label("Email").fill("nobody@example.test")
    page.locator("#id_password").fill("correct horse battery")
    sent: list[Route] = []
    page.route("**/accounts/login/", lambda route: sent.append(route))
    page.evaluate("""() => {
      const button = document.querySelector("main form .btn-primary");
      for (const pause of [10, 150, 300]) setTimeout(() => button.click(), pause);
    }""")
    page.wait_for_timeout(600)
    assert len(sent) == 1
    sent[0].continue_()
    expect(page.get_by_role("alert")).to_be_visible()


def test_the_first_mistake_gets_the_focus(home: Page) -> None:
    home.get_by_label("Title", exact=True).fill("Yoga")
    home.get_by_label("Price", exact=True).fill("much")
    home.locator("main form").first.evaluate("form => form.requestSubmit()")
    expect(home.locator("main [aria-invalid=true]")).to_be_focused()


def test_a_password_can_be_shown(root, page: Page) -> None:
    page.goto(f"{root}/accounts/login/")
    show = page.get_by_role("button", name="Show the password")
    show.click()
    expect(page.locator("#id_password")).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    show.click()
    expect(page.locator("#id_password")).to_have_attribute("type", "password")


def test_a_failed_request_says_so_and_can_be_dismissed(home: Page) -> None:
    toast = home.get_by_role("status").get_by_text("That did not work.")
    home.evaluate("() => document.dispatchEvent(new Event('htmx:responseError'))")
    expect(toast).to_be_visible()
    home.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def test_good_news_leaves_by_itself_bad_news_stays(home: Page) -> None:
    home.clock.install()
    home.reload()
    home.evaluate("""() => {
      const toast = document.getElementById("toast-template").content.firstElementChild;
      for (const kind of ["toast-success", "toast-error"]) {
        const copy = toast.cloneNode(true);
        copy.className = `toast ${kind}`;
        document.getElementById("toasts").append(copy);
      }
    }""")
    expect(home.locator(".toast")).to_have_count(2)
    home.clock.fast_forward(9_000)
    expect(home.locator(".toast-success")).to_have_count(0)
    expect(home.locator(".toast-error")).to_be_visible()


def test_on_a_phone_the_navigation_opens_over_the_page(home: Page) -> None:
    home.set_viewport_size({"width": 390, "height": 844})
    navigation = home.get_by_role("navigation", name="Main")
    expect(navigation).to_be_hidden()
    home.get_by_role("button", name="Open the menu").click()
    expect(navigation).to_be_visible()
    home.keyboard.press("Escape")
    expect(navigation).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
def test_nothing_scrolls_sideways(root, site, school, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    for address in (f"{root}/accounts/login/", f"{root}/accounts/signup/", f"{site(school)}/"):
        page.goto(address)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_menus_themes_and_languages_work_without_script(root, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{root}/accounts/login/?next=%2Fgreen%2F")
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("button", name="Dark").click()
    expect(page).to_have_url(f"{root}/accounts/login/?next=%2Fgreen%2F")
    assert page.get_attribute("html", "data-theme") == "dark"
    page.get_by_role("button", name=re.compile("^Language")).click()
    page.get_by_role("button", name="Polski").click()
    expect(page).to_have_url(f"{root}/accounts/login/?next=%2Fgreen%2F")
    assert page.get_attribute("html", "lang") == "pl"
    context.close()
