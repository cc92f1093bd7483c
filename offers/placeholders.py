"""The words in double braces that a school may write in mails and links: a fixed list, and nothing else (trust D2).

Pure: text and values in, text out, in one pass, so that what a value says is never read as a word again. No template
engine and no `str.format` ever sees what a school writes.
"""

import re
from collections.abc import Callable, Container, Mapping
from html import escape as escape_html
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, str | Promise] = {
    "contact.name": _("Name of the buyer"),
    "contact.email": _("Email of the buyer"),
    "contact.phone": _("Phone of the buyer"),
    "order.number": _("Number of the order"),
    "order.total": _("Sum of the order"),
    "order.date": _("Date of the order"),
    "offer.title": _("Title of the offer"),
    "course.titles": _("Titles of the courses it opens"),
    "access_link": _("Link to the courses"),
    "pay_link": _("Link to pay the order"),
    "receipt_link": _("Link to the receipt"),
    "school.name": _("Name of the school"),
    "school.email": _("Email of the school"),
}
LINKS = frozenset(name for name in NAMES if name.endswith("_link"))

# Extra braces around a word go with it; what is then left of doubled braces was a mistake and is dropped.
_WORD = re.compile(r"\{{2,}([^{}]*)\}{2,}")
_LEFT_OVER = re.compile(r"[{}]{2,}")
# An address in running text; a word in it stands for a part of the address.
_ADDRESS = re.compile(r"https?://(?:\{{2,}[^{}]*\}{2,}|[^\s<>\"'{}])+")
_SENTENCE_END = ".,;:!?)]"


def render(
    text: str, values: Mapping[str, str], escape: Callable[[str], str] = str, known: Container[str] = NAMES
) -> str:
    """The text with each `{{ name }}` replaced by its escaped value; unknown and broken words leave nothing."""
    parts = _WORD.split(text)
    plain = [_LEFT_OVER.sub("", part) for part in parts[::2]]
    words = [escape(_value(name, values, known)) for name in parts[1::2]]
    return "".join(part for pair in zip(plain, [*words, ""], strict=True) for part in pair)


def render_url(url: str, values: Mapping[str, str]) -> str:
    """A link with values in it, each encoded so that it arrives whole (P7)."""
    return render(url, values, _encoded)


def render_text(text: str, values: Mapping[str, str], known: Container[str] = NAMES) -> str:
    """A plain mail: values as they are, but encoded where they stand in a link."""
    return "".join(render(part, values, _encoded if is_link else str, known) for part, is_link in _parts(text))


def render_html(text: str, values: Mapping[str, str]) -> str:
    """The same as safe HTML: paragraphs and line ends kept, links made to be clicked, everything else escaped."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "\n".join(f"<p>{_paragraph(part, values)}</p>" for part in paragraphs if part)


def unknown_names(text: str, known: Mapping[str, object] | frozenset[str] | None = None) -> list[str]:
    """What stands in double braces and is no word of the list (of those `known` here), as it was written."""
    allowed = NAMES if known is None else known
    written = [name.strip() for name in _WORD.findall(text)]
    broken = [left.strip() for left in _LEFT_OVER.findall(_WORD.sub(" ", text))]
    return list(dict.fromkeys([name or "{{ }}" for name in written if name not in allowed] + broken))


def names_in(text: str) -> set[str]:
    """The known words that a text uses."""
    return {name for written in _WORD.findall(text) if (name := written.strip()) in NAMES}


def _value(name: str, values: Mapping[str, str], known: Container[str] = NAMES) -> str:
    name = name.strip()
    return values.get(name, "") if name in known else ""


def _encoded(value: str) -> str:
    return quote(value, safe="")


def _parts(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each a link or not; a full stop after a link is no part of it."""
    pieces, at = [], 0
    for match in _ADDRESS.finditer(text):
        end = match.start() + len(match.group().rstrip(_SENTENCE_END))
        pieces += [(text[at : match.start()], False), (text[match.start() : end], True)]
        at = end
    return [*pieces, (text[at:], False)]


def _paragraph(text: str, values: Mapping[str, str]) -> str:
    pieces = [_anchor(render_url(part, values)) if is_link else _words(part, values) for part, is_link in _parts(text)]
    return "".join(pieces)


def _words(text: str, values: Mapping[str, str]) -> str:
    """Running text; our own links become links of the page, a value of a person never does."""
    parts = _WORD.split(text)
    plain = [_lines(_LEFT_OVER.sub("", part)) for part in parts[::2]]
    words = [_word(name.strip(), _value(name, values)) for name in parts[1::2]]
    return "".join(part for pair in zip(plain, [*words, ""], strict=True) for part in pair)


def _word(name: str, value: str) -> str:
    return _anchor(value) if name in LINKS else _lines(value)


def _lines(text: str) -> str:
    return escape_html(text).replace("\n", "<br>\n")


def _anchor(address: str) -> str:
    safe = escape_html(address)
    return f'<a href="{safe}">{safe}</a>' if address else ""
