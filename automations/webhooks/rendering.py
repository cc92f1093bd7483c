"""What a webhook says: the school's texts with the values of a run, each encoded for its place (P7, trust D2, D3)."""

import json
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from urllib.parse import quote

from automations.placeholders import NAMES
from offers.placeholders import render

# What the store says itself, or what would change how the message is read.
RESERVED_HEADERS = frozenset(
    {"host", "content-length", "connection", "transfer-encoding", "te", "trailer", "upgrade", "expect", "keep-alive"}
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_WORD = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_LONGEST_VALUE = 1000


def url_with(url: str, values: Mapping[str, str], known: Container[str] = NAMES) -> str:
    """The address with each value encoded whole, so that none adds a parameter or a folder."""
    return render(url.strip(), values, _encoded, known)


def body_with(body: str, values: Mapping[str, str], known: Container[str] = NAMES) -> str:
    """The body with each value as the inside of a JSON string.

    Two braces around a name are a placeholder; all others are the body's own, as nested objects end with several.
    """
    return _WORD.sub(lambda word: json_inside(values.get(word[1], "") if word[1] in known else ""), body)


def unknown_in_body(body: str, known: Container[str] = NAMES) -> list[str]:
    """What stands in double braces and is no word of the list, as it was written."""
    return [name for name in dict.fromkeys(_WORD.findall(body)) if name not in known]


def headers_with(
    headers: Iterable[Iterable[str]], values: Mapping[str, str], known: Container[str] = NAMES
) -> dict[str, str]:
    """The headers with values in them; none that ends a line, and no name that the store keeps for itself."""
    pairs = [(str(name).strip(), render(str(text), values, known=known)) for name, text in headers]
    return {name: one_line(text)[:_LONGEST_VALUE] for name, text in pairs if is_header_name(name)}


def is_header_name(name: str) -> bool:
    """Whether a school may set this header."""
    plain = name.lower()
    return bool(_NAME.fullmatch(name)) and plain not in RESERVED_HEADERS and not plain.startswith("webhook-")


def json_inside(text: str) -> str:
    """The text as it stands between the quotes of a JSON string."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def one_line(text: str) -> str:
    """The text on one line, without control signs."""
    return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in text).strip()


def _encoded(value: str) -> str:
    return quote(value, safe="")
