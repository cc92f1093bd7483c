"""What axe finds on a page, in one theme or in both, and what a walk by Tab over all its controls misses."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

THEMES = ["light", "dark"]
# The rules of axe that look at colors: all that a second theme can break.
COLOR_RULES = ["color-contrast", "link-in-text-block"]

# A rule whose breach counts less than serious is not asked. Before its font is there, an icon is a word to axe.
AXE = """async only => {
  await document.fonts.ready;
  const mild = axe._audit.rules.filter(rule => ["minor", "moderate"].includes(rule.impact));
  const asked = only
    ? {runOnly: {type: "rule", values: only}}
    : {rules: Object.fromEntries(mild.map(rule => [rule.id, {enabled: false}]))};
  const {violations} = await axe.run({...asked, resultTypes: ["violations"]});
  return violations
    .filter(found => ["serious", "critical"].includes(found.impact))
    .map(found => `${found.id}: ${found.nodes[0].html.slice(0, 160)}`);
}"""

# What is shown, for whoever reads it. Colors on their way from theme to theme arrive at once: a change that has arrived
# may start that of an element below.
SHOWN = """() => {
  const moving = () => document.getAnimations()
    .filter(animation => animation instanceof CSSTransition && animation.playState !== "finished");
  for (let found = moving(); found.length; found = moving()) found.forEach(animation => animation.finish());
  const read = document.querySelectorAll("body :not(svg *, [aria-hidden], [aria-hidden] *)");
  const shown = [...read].filter(element => element.checkVisibility({visibilityProperty: true}));
  return [getComputedStyle(document.documentElement).colorScheme, ...shown.map(element => element.localName)];
}"""

# Elements a person can operate, as the page shows them; each remembers how it looked when the focus came to it.
CONTROLS = """() => {
  const shown = element => element.checkVisibility({visibilityProperty: true}) && !element.disabled
    && element.tabIndex >= 0 && !element.closest("[inert]");
  // The frame around a text editor shows its focus.
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary,"
    + " [tabindex='0']:not([contenteditable])";
  window.controls = [...document.querySelectorAll(kinds)].filter(shown);
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target);
    const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    target.dataset.reached = visible ? "seen" : "unseen";
  });
  // Tab comes to one radio button of a group.
  window.missed = () => window.controls
    .filter(control => control.dataset.reached !== "seen")
    .filter(control => control.type !== "radio" || !document.querySelector(`[name="${control.name}"][data-reached]`));
}"""
# Day, month and year of one field are a stop each.
STOPS = """() => window.missed()
  .reduce((sum, control) => sum + (["date", "time", "datetime-local"].includes(control.type) ? 7 : 1), 0)"""
MISSED = """() => window.missed()
  .map(control => `${control.dataset.reached ?? "not reached"}: ${control.outerHTML.slice(0, 120)}`)"""


def dress(context: BrowserContext, address: str, theme: str, language: str) -> None:
    """The browser asks for pages of that host in this theme and language."""
    chosen = {"theme": theme, "django_language": language}
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in chosen.items()])


def severe(page: Page, rules: list[str] | None = None) -> list[str]:
    """What is serious or critical by these rules of axe, by all without a list."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    return [f"{page.url} {found}" for found in page.evaluate(AXE, rules)]


def severe_in_both_themes(page: Page) -> list[str]:
    """All rules in the light theme and those of colors in the dark one, on one page of the theme `system`.

    The dark one may change colors alone, or the rules left out would have been needed.
    """
    found = [f"light {line}" for line in severe(page)]
    light = page.evaluate(SHOWN)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(SHOWN)
    found += [f"dark {line}" for line in severe(page, COLOR_RULES)]
    page.emulate_media(color_scheme="light")
    assert (light.pop(0), dark.pop(0)) == ("light", "dark"), page.url
    return found + [f"dark {page.url} not the same elements"] * (light != dark)


def unreached(page: Page) -> list[str]:
    """The controls of the page that Tab does not come to, or that do not show their focus."""
    page.evaluate(CONTROLS)
    return walk(page)


def walk(page: Page) -> list[str]:
    """Tab until nothing that is watched is missing, at most twice around.

    Twice: a page may start in the middle, at the field that wants to be filled first.
    """
    left = page.evaluate(STOPS)
    presses_left = 2 * left + 12
    while left and presses_left:
        presses = min(left, presses_left)
        for _ in range(presses):
            page.keyboard.press("Tab")
        presses_left -= presses
        left = page.evaluate(STOPS)
    return [f"{page.url} {control}" for control in page.evaluate(MISSED)]
