"""`{% lucide %}` with a memory: the package copies and writes the XML of an icon anew each time a page shows it."""

from functools import lru_cache
from typing import Any

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
def lucide(name: str, *, size: int | None = 24, **attributes: Any) -> SafeString:
    """The icon of that name as inline SVG; raises IconDoesNotExist for any other name."""
    return _drawn(name, size, tuple(sorted(attributes.items())))


@lru_cache(maxsize=512)
def _drawn(name: str, size: int | None, attributes: tuple[tuple[str, Any], ...]) -> SafeString:
    return SafeString(draw(name, size=size, **dict(attributes)))
