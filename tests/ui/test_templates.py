"""What the content security policy would break, and htmx without eval would get wrong, stands in no template."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEMPLATES = settings.ROOT / "templates"
FORBIDDEN = {
    "a style attribute": r"\sstyle\s*=",
    "a style element": r"<style[\s>]",
    "an inline handler": r"\son[a-z]+\s*=",
    "a script without src": r"<script(?![^>]*\b(?:src|type=\"application/json\"))[^>]*>",
    "hx-on, which does nothing without eval": r"\bhx-on\b",
    "a computed hx-vals, which is sent without its values": r"hx-(?:vals|headers)\s*=\s*['\"]\s*js(?:cript)?:",
    "a trigger filter, which is ignored, so that it fires always": r"hx-trigger\s*=\s*\"[^\"]*\[",
    "an address of another site": r"(?:src|href)=\"(?:https?:)?//",
}


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_nothing_forbidden(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize(
    "bad",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        '<a onclick="go()">',
        "<script>go()</script>",
        '<a hx-on:click="go()">',
        "<a hx-vals='js:{a: 1}'>",
        '<a hx-trigger="click[ctrlKey]">',
        '<script src="https://cdn.test/x.js"></script>',
    ],
)
def test_each_pattern_finds_its_fault(bad: str) -> None:
    assert any(re.search(pattern, bad) for pattern in FORBIDDEN.values())
