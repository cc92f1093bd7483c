"""The documents name what is there: files, commands, addresses, passwords, settings and rules."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from kwiga.demo import offers
from kwiga.local import demo
from kwiga.local.__main__ import _COMMANDS
from kwiga.local.paths import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
TEXTS = {path: path.read_text() for path in DOCUMENTS}
EVERYTHING = "\n".join(TEXTS.values())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", TEXTS[path])
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_every_file_that_is_named_is_there() -> None:
    folders = "tests|docs|kwiga|schools|contacts|courses|offers|coupons|orders|bin"
    named = set(re.findall(rf"`((?:{folders})/[\w./-]+)`", EVERYTHING))
    assert len(named) > 15
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_command_that_is_named_is_there() -> None:
    named = set(re.findall(r"manage\.py (\w+)", EVERYTHING)) | {"clearsessions"}
    assert named <= set(get_commands()), named - set(get_commands())
    assert set(re.findall(r"-m kwiga\.local (\w+)", EVERYTHING)) <= set(_COMMANDS)


def test_the_readme_says_where_to_look_and_how_to_sign_in() -> None:
    text = TEXTS[ROOT / "README.md"]
    seeding = (ROOT / "kwiga/management/commands/seed_demo.py").read_text()
    assert f"`{demo.PASSWORD}`" in text
    assert f"/o/{offers.MAIN}" in text
    for email in ("owner@sampleschool.test", "owner@otherschool.test"):
        assert email in text
        assert email in seeding


def test_every_variable_that_is_named_is_in_the_example_or_the_code() -> None:
    known = (ROOT / ".env.example").read_text() + (ROOT / "kwiga/settings.py").read_text()
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", TEXTS[ROOT / "docs/operations.md"]))
    assert len(named) > 10
    assert sorted(name for name in named if name not in known) == ["CREATEROLE"]
