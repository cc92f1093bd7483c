"""Templates keep the rules of their linter, and load nothing from another site."""

import re

import pytest
from django.conf import settings

from kwiga.local.template_lint import lint_folder

TEMPLATES = settings.ROOT / "templates"
FOREIGN = re.compile(r"<(?:script|link|img|iframe|source|use)\b[^>]*\b(?:src|href)=[\"'](?:https?:)?//")


def test_the_linter_has_nothing_to_say() -> None:
    assert [str(fault) for fault in lint_folder(TEMPLATES)] == []


def test_no_template_loads_from_another_site() -> None:
    pages = {str(path.relative_to(TEMPLATES)): path.read_text() for path in TEMPLATES.rglob("*.html")}
    assert len(pages) > 100
    assert [name for name, text in pages.items() if FOREIGN.search(text)] == []


@pytest.mark.parametrize(
    "tag", ['<script src="https://cdn.test/x.js">', '<link rel="stylesheet" href="//cdn.test/x.css">']
)
def test_a_foreign_address_is_found(tag: str) -> None:
    assert FOREIGN.search(tag)
