"""axe finds nothing serious on any page in either theme; every control can be reached by Tab and shows its focus."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.pages import ERRORS, pages_for, public_pages
from tests.tenancy.world import world_of

THEMES = ["light", "dark"]
# All languages where there is time for it (bin/prove); the longest one otherwise.
LANGUAGES = ["en", "uk", "pl"] if os.environ.get("PROVE_SEEDS") else ["uk"]
SEVERE = {"serious", "critical"}

# Elements a person can operate, as the page shows them.
CONTROLS = """() => {
  const shown = element => element.checkVisibility({visibilityProperty: true}) && !element.disabled
    && element.tabIndex >= 0 && !element.closest("[inert]");
  // The frame around a text editor shows its focus.
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary,"
    + " [tabindex='0']:not([contenteditable])";
  window.controls = [...document.querySelectorAll(kinds)].filter(shown);
  // Day, month and year of one field are a stop each.
  const stops = control => ["date", "time", "datetime-local"].includes(control.type) ? 7 : 1;
  return window.controls.reduce((sum, control) => sum + stops(control), 0);
}"""
FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
  element.dataset.reached = visible ? "seen" : "unseen";
}"""
ALL_SEEN = """() => window.controls.every(control => control.dataset.reached === "seen")"""
MISSED = """() => window.controls
  .filter(control => control.dataset.reached !== "seen")
  .filter(control => !(control.type === "radio" && document.querySelector(`[name="${control.name}"][data-reached]`)))
  .map(control => `${control.dataset.reached ?? "not reached"}: ${control.outerHTML.slice(0, 120)}`)"""


def severe(page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [
        f"{page.url} {violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in violations
        if violation["impact"] in SEVERE
    ]


@pytest.fixture
def addresses(school, owner, root, site, kept_mail) -> tuple[list[str], list[str]]:
    world = world_of(school)
    return public_pages(world, root), pages_for(owner, world, root, site(school))


def dress(context, address: str, theme: str, language: str) -> None:
    context.add_cookies(
        [
            {"name": "theme", "value": theme, "url": address},
            {"name": "django_language", "value": language, "url": address},
        ]
    )


@pytest.mark.timeout(300)
@pytest.mark.prove
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious(addresses, context, page, owner, sign_in, root, site, school, theme, language):
    public, private = addresses
    for address in (root, site(school)):
        dress(context, address, theme, language)
    found = []
    for address in public:
        page.goto(address)
        found += severe(page)
    sign_in(owner)
    for address in private:
        page.goto(address)
        found += severe(page)
    assert len(private) >= 10
    assert found == []


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious_on_error_pages(context, page, root, settings, theme):
    settings.ROOT_URLCONF = "tests.browser.error_urls"
    dress(context, root, theme, "en")
    found = []
    for name in ERRORS:
        response = page.goto(f"{root}/errors/{name}/")
        assert response.status >= 400
        found += severe(page)
    assert found == []


@pytest.mark.timeout(300)
def test_every_control_is_reached_by_tab_and_shows_its_focus(addresses, page, owner, sign_in):
    public, private = addresses
    found = []
    for address in public:
        found += unreached(page, address)
    sign_in(owner)
    for address in private:
        found += unreached(page, address)
    assert found == []


def unreached(page, address: str) -> list[str]:
    page.goto(address)
    count = page.evaluate(CONTROLS)
    # Twice around: a page may start in the middle, at the field that wants to be filled first.
    for _ in range(2 * count + 12):
        page.keyboard.press("Tab")
        page.evaluate(FOCUSED)
        if page.evaluate(ALL_SEEN):
            break
    return [f"{address} {control}" for control in page.evaluate(MISSED)]


def test_the_check_of_focus_can_fail(page, root):
    """The control: a button taken out of the order of Tab, and one without an outline."""
    page.goto(f"{root}/accounts/login/")
    page.evaluate(CONTROLS)
    page.evaluate("() => { window.controls.at(-1).tabIndex = -1; window.controls.at(-2).style.outline = 'none'; }")
    for _ in range(60):
        page.keyboard.press("Tab")
        page.evaluate(FOCUSED)
    assert len(page.evaluate(MISSED)) >= 2
