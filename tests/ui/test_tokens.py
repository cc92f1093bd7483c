"""The palette keeps WCAG AA in both themes, and the pages stay light."""

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

SOURCE = settings.ROOT / "static" / "css"
TEXT = [
    ("ink", "page"),
    ("ink", "surface"),
    ("ink", "sunken"),
    ("ink", "raised"),
    ("ink", "ok-soft"),
    ("ink", "warn-soft"),
    ("ink", "danger-soft"),
    ("ink", "accent-soft"),
    ("muted", "page"),
    ("muted", "surface"),
    ("muted", "sunken"),
    ("muted", "raised"),
    ("accent-ink", "page"),
    ("accent-ink", "surface"),
    ("accent-ink", "raised"),
    ("accent-ink", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("on-danger", "danger"),
    ("on-danger", "danger-hover"),
    ("ok-ink", "ok-soft"),
    ("ok-ink", "surface"),
    ("warn-ink", "warn-soft"),
    ("danger-ink", "danger-soft"),
    ("danger-ink", "surface"),
    ("danger-ink", "page"),
]
# Borders of controls, focus rings, marks of charts, icons of state.
SHAPES = [
    ("line-strong", "surface"),
    ("line-strong", "page"),
    ("accent", "page"),
    ("accent", "surface"),
    ("danger", "surface"),
    ("ok", "raised"),
    ("warn", "raised"),
]


def palette(theme: str) -> dict[str, str]:
    text = (SOURCE / "tokens.css").read_text()
    light, dark = text.split("@variant dark")
    colours = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
    return dict(colours.findall(light)) | (dict(colours.findall(dark)) if theme == "dark" else {})


def luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_can_be_read(theme: str, front: str, back: str) -> None:
    colours = palette(theme)
    assert contrast(colours[front], colours[back]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SHAPES)
def test_shapes_can_be_seen(theme: str, front: str, back: str) -> None:
    colours = palette(theme)
    assert contrast(colours[front], colours[back]) >= 3


@pytest.mark.parametrize("name", sorted(path.name for path in SOURCE.glob("*.css") if path.name != "tokens.css"))
def test_colours_live_in_the_tokens_alone(name: str) -> None:
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb\(|hsl\(|oklch\(", (SOURCE / name).read_text()) == []


def test_pages_of_buyers_weigh_at_most_60_kilobytes(tmp_path: Path) -> None:
    sheet = tmp_path / "app.css"
    builder = Path(sys.executable).parent / "tailwindcss"
    command: list[str | Path] = [builder, "--input", SOURCE / "app.css", "--output", sheet, "--minify"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    base = (settings.ROOT / "templates" / "layouts" / "base.html").read_text()
    scripts = re.findall(r"<script src=\"{% static '([^']+)' %}\"", base)
    assert len(scripts) >= 6
    files = [sheet, *(Path(str(finders.find(name))) for name in scripts)]
    total = sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)
    assert total <= 60_000
