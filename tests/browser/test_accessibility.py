"""axe finds nothing serious on any page in either theme; every control can be reached by Tab and shows its focus."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.accessibility import CONTROLS, THEMES, dress, severe, severe_in_both_themes, unreached, walk
from tests.browser.pages import ERRORS, pages_for, public_pages
from tests.tenancy.world import world_of

# All languages where there is time for it (bin/prove); the longest one otherwise.
LANGUAGES = ["en", "uk", "pl"] if os.environ.get("PROVE_SEEDS") else ["uk"]


@pytest.fixture
def addresses(school, owner, root, site, kept_mail) -> tuple[list[str], list[str]]:
    world = world_of(school)
    return public_pages(world, root), pages_for(owner, world, root, site(school))


def visited(page, address: str) -> list[str]:
    """One visit answers three questions: axe in the light, axe in the dark, and the walk by Tab."""
    page.goto(address)
    return severe_in_both_themes(page) + [f"by Tab {line}" for line in unreached(page)]


@pytest.mark.timeout(300)
@pytest.mark.prove
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_passes_axe_in_both_themes_and_by_tab(
    addresses, context, page, owner, sign_in, root, site, school, language
):
    public, private = addresses
    context.add_init_script(Axe().axe_script)
    for address in (root, site(school)):
        dress(context, address, "system", language)
    found = [line for address in public for line in visited(page, address)]
    sign_in(owner)
    found += [line for address in private for line in visited(page, address)]
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


# --- The controls: each check can fail ---


def test_the_check_by_axe_can_fail_in_either_theme(page, root):
    """A field without a name in both, and a text and a link that are lost in one of them."""
    page.goto(f"{root}/accounts/login/")
    page.evaluate("""() => {
      const [paragraph, link, input] = ["p", "a", "input"].map(name => document.createElement(name));
      paragraph.append("Words that stand before a link: ", link, " and words that stand behind it.");
      link.append("A link");
      link.href = "/";
      link.style.cssText = "color: inherit; text-decoration: light-dark(underline, none)";
      document.querySelector("main").append(paragraph, input);
      paragraph.style.cssText = "background: light-dark(white, black); color: light-dark(black, #222)";
    }""")
    found = [line.replace(f"{page.url} ", "").partition(": ")[0] for line in severe_in_both_themes(page)]
    assert found == ["light label", "dark color-contrast"]
    page.evaluate("() => document.querySelector('main p').style.color = 'light-dark(#ddd, white)'")
    found = [line.replace(f"{page.url} ", "").partition(": ")[0] for line in severe_in_both_themes(page)]
    assert found == ["light color-contrast", "light label"]


def test_a_theme_that_hides_something_is_no_matter_of_colors(page, root):
    page.goto(f"{root}/accounts/login/")
    page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("@media (prefers-color-scheme: dark) { h1 { display: none } }");
      document.adoptedStyleSheets = [sheet];
    }""")
    assert severe_in_both_themes(page) == [f"dark {page.url} not the same elements"]


def test_the_check_of_focus_can_fail(page, root):
    """A button taken out of the order of Tab, and one without an outline."""
    page.goto(f"{root}/accounts/login/")
    page.evaluate(CONTROLS)
    page.evaluate("() => { window.controls.at(-1).tabIndex = -1; window.controls.at(-2).style.outline = 'none'; }")
    missed = walk(page)
    assert [line.split()[1] for line in missed] == ["unseen:", "not"]
