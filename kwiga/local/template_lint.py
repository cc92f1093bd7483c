"""Finds in templates what would stay English, break under the content security policy, or need JavaScript to work.

Template tags are taken out first, so that what remains can be read as HTML.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from kwiga.local.paths import ROOT

# Stands where a template tag stood; no template contains it.
_HOLE = "\ue000"
_COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL)
_TRANSLATED = re.compile(r"\{%\s*(blocktrans(?:late)?)\b(?P<options>.*?)%\}(?P<text>.*?)\{%\s*end\1\s*%\}", re.DOTALL)
# What such blocks and variables hold are names of classes.
_CLASSES = re.compile(
    r"\{%\s*block \w+_class\s*%\}[^{]*\{%\s*endblock\b.*?%\}|\{%\s*setvar\b.*?%\}.*?\{%\s*endsetvar\s*%\}", re.DOTALL
)
_TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
# The style guide shows each component with sample words, to developers alone.
_SAMPLES = ("templates/ui/samples/", "templates/ui/styleguide.html")
# Names are the same in every language.
_NAMES = re.compile(r"\bKwiga\b|\S+@\S+|https?://\S+|\b(?:HTML|CSV|UTC)\b")
_READ_ATTRIBUTES = {
    "alt", "aria-description", "aria-label", "aria-roledescription", "caption", "data-label", "description",
    "heading", "hint", "label", "lead", "placeholder", "summary", "text", "title",
}  # fmt: skip
_NOT_READ = {"code", "kbd", "samp", "script", "style", "svg"}
_WAYS_WITHOUT_SCRIPT = {"href", "action", "formaction"}
_REQUESTS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete"}

_BARE = "text outside {% translate %} and {% blocktranslate %}"
_BARE_ATTRIBUTE = "text in an attribute that people read, outside {% translate %}"
_ABOUT_LANGUAGE = {_BARE, _BARE_ATTRIBUTE}

Attributes = dict[str, str]


@dataclass(frozen=True, order=True)
class Fault:
    """Where a template breaks a rule, and which."""

    path: str
    line: int
    rule: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}"


def lint_folder(folder: Path) -> list[Fault]:
    """All faults of the templates (.html and the .txt of mails) below a folder."""
    paths = [*folder.rglob("*.html"), *folder.rglob("*.txt")]
    return sorted(fault for path in paths for fault in lint_template(path.read_text(), _shown(path)))


def lint_template(source: str, path: str) -> list[Fault]:
    """The faults of one template; `path` tells HTML from plain text and is named in each fault."""
    source = _COMMENT.sub(_hole, source)
    rest = source
    for pattern in (_TRANSLATED, _CLASSES, _TAG):
        rest = pattern.sub(_hole, rest)
    found = [*_untrimmed(source), *_read_page(rest)] if path.endswith(".html") else _read_lines(rest)
    return sorted(
        Fault(path, line, rule) for line, rule in found if not (path.startswith(_SAMPLES) and rule in _ABOUT_LANGUAGE)
    )


def _read_page(text: str) -> list[tuple[int, str]]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


def _read_lines(text: str) -> list[tuple[int, str]]:
    return [(number, _BARE) for number, line in enumerate(text.splitlines(), 1) if _is_language(line)]


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _hole(match: re.Match[str]) -> str:
    """Keeps the line numbers of what follows."""
    return _HOLE + "\n" * match.group().count("\n")


def _is_language(text: str) -> bool:
    return bool(_WORD.search(_NAMES.sub(" ", text.replace(_HOLE, " "))))


def _untrimmed(source: str) -> Iterator[tuple[int, str]]:
    for match in _TRANSLATED.finditer(source):
        if "\n" in match["text"] and "trimmed" not in match["options"].split():
            yield source.count("\n", 0, match.start()) + 1, "{% blocktranslate %} over several lines without trimmed"


class _Reader(HTMLParser):
    """Collects (line, rule) for one page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._unread: list[str] = []
        self._form_has_action = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name.replace(_HOLE, ""): value or "" for name, value in attrs}
        self._check(tag, attributes)
        if tag in _NOT_READ:
            self._unread.append(tag)
        if tag == "form":
            self._form_has_action = "action" in attributes

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._check(tag, {name.replace(_HOLE, ""): value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            self._unread.remove(tag)
        if tag == "form":
            self._form_has_action = False

    def handle_data(self, data: str) -> None:
        if not self._unread and _is_language(data):
            before = data[: len(data) - len(data.lstrip(f" \t\n{_HOLE}"))]
            self.found.append((self.getpos()[0] + before.count("\n"), _BARE))

    def _check(self, tag: str, attributes: Attributes) -> None:
        line = self.getpos()[0]
        self.found += [(line, rule) for rule, breaks in _RULES.items() if breaks(tag, attributes)]
        if _REQUESTS & attributes.keys() and not (_WAYS_WITHOUT_SCRIPT & attributes.keys() or self._form_has_action):
            self.found.append((line, "an htmx request without href, action or formaction, so only for JavaScript"))


def _has_bare_text(_tag: str, attributes: Attributes) -> bool:
    return any(name in _READ_ATTRIBUTES and _is_language(value) for name, value in attributes.items())


def _translates_in_expression(_tag: str, attributes: Attributes) -> bool:
    return any(name.startswith(":") and re.search(r"\b_\(", value) for name, value in attributes.items())


def _is_inline_script(tag: str, attributes: Attributes) -> bool:
    return tag == "script" and "src" not in attributes and attributes.get("type") != "application/json"


def _has_handler(_tag: str, attributes: Attributes) -> bool:
    return any(re.match(r"on[a-z]", name) for name in attributes)


def _computes_values(_tag: str, attributes: Attributes) -> bool:
    return any(
        attributes.get(name, "").lstrip().startswith(("js:", "javascript:")) for name in ("hx-vals", "hx-headers")
    )


_RULES: dict[str, Callable[[str, Attributes], bool]] = {
    _BARE_ATTRIBUTE: _has_bare_text,
    "_() in a :attribute is not extracted: write name=\"{% translate 'Text' %}\"": _translates_in_expression,
    "an inline script, which the content security policy blocks": _is_inline_script,
    "an inline style, which the content security policy blocks": lambda tag, found: tag == "style" or "style" in found,
    "an inline on… handler, which the content security policy blocks": _has_handler,
    "hx-on, which does nothing without eval": lambda _tag, found: any(name.startswith("hx-on") for name in found),
    "hx-vals or hx-headers with js:, which is sent without its values": _computes_values,
    "a filter in hx-trigger, which is ignored, so it fires always": lambda _tag, found: (
        "[" in found.get("hx-trigger", "")
    ),
}
