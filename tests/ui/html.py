"""Reading HTML in tests: what a parser sees, with the faults that browsers forgive."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(frozen=True)
class Element:
    """A start tag; `attributes` holds the last value of each name, `repeated` the names that stand twice."""

    tag: str
    attributes: dict[str, str | None]
    repeated: tuple[str, ...]


@dataclass
class Page(HTMLParser):
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        repeated = tuple(sorted({name for name in names if names.count(name) > 1}))
        self.elements.append(Element(tag, dict(attrs), repeated))

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def values(self, attribute: str) -> list[str]:
        return [element.attributes[attribute] or "" for element in self.elements if attribute in element.attributes]


def parse(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


def faults(html: str) -> list[str]:
    """What no page of ours may contain: double attributes or ids, inline code, references to nothing."""
    page = parse(html)
    found = [f"<{e.tag}> has {name} twice" for e in page.elements for name in e.repeated]
    found += [
        f"<{e.tag}> has {name}" for e in page.elements for name in e.attributes if name == "style" or name[:2] == "on"
    ]
    ids = page.values("id")
    found += [f"id {name} stands twice" for name in sorted(set(ids)) if ids.count(name) > 1]
    for attribute in ("aria-describedby", "aria-labelledby", "popovertarget", "commandfor", "for"):
        for value in page.values(attribute):
            found += [f"{attribute} names {name}, which is not there" for name in value.split() if name not in ids]
    if "{{" in html or "{%" in html or "<c-" in html:
        found.append("template language is left in the page")
    return found
