"""Covers of the demo: drawn, so that none has to be kept or licensed."""

import io

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 630
# From above to below, and the shapes.
PALETTES = {
    "english": ("#1f3a5f", "#4f86c6", "#f4d35e"),
    "money": ("#134e4a", "#2a9d8f", "#f4a261"),
    "photo": ("#3d2645", "#832161", "#f0eff4"),
}


def draw_cover(name: str) -> "ContentFile[bytes]":
    """A picture in the colors of this name, as if somebody uploaded it."""
    above, below, light = PALETTES[name]
    image = _gradient(above, below)
    draw = ImageDraw.Draw(image, "RGBA")
    {"english": _sheets, "money": _bars, "photo": _lens}[name](draw, light)
    written = io.BytesIO()
    image.save(written, "PNG")
    return ContentFile(written.getvalue(), name=f"{name}.png")


def _gradient(above: str, below: str) -> Image.Image:
    column = Image.new("RGB", (1, 2))
    column.putpixel((0, 0), _color(above))
    column.putpixel((0, 1), _color(below))
    return column.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)


def _sheets(draw: ImageDraw.ImageDraw, light: str) -> None:
    """Three speech bubbles."""
    for place, (left, top, size) in enumerate([(150, 130, 420), (520, 230, 360), (800, 90, 260)]):
        draw.rounded_rectangle(
            (left, top, left + size, top + size * 0.6), size // 8, fill=(*_color(light), 90 + 50 * place)
        )
        tail = [(left + size * 0.2, top + size * 0.6), (left + size * 0.35, top + size * 0.6)]
        draw.polygon([*tail, (left + size * 0.15, top + size * 0.75)], fill=(*_color(light), 90 + 50 * place))


def _bars(draw: ImageDraw.ImageDraw, light: str) -> None:
    """Bars that grow, with one quiet month."""
    for place, share in enumerate([0.25, 0.4, 0.35, 0.55, 0.2, 0.7, 0.85]):
        left = 150 + place * 135
        draw.rounded_rectangle((left, 560 - 460 * share, left + 90, 560), 14, fill=(*_color(light), 110 + 20 * place))


def _lens(draw: ImageDraw.ImageDraw, light: str) -> None:
    """Rings of a lens."""
    for place, radius in enumerate([280, 215, 150, 85]):
        box = (600 - radius, 315 - radius, 600 + radius, 315 + radius)
        draw.ellipse(box, fill=(*_color(light), 35 + 35 * place))


def _color(text: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(text.removeprefix("#"))
    return red, green, blue
