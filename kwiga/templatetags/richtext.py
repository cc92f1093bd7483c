"""`{% load richtext %}{{ course.description|rich }}`"""

from django import template
from django.utils.safestring import SafeString

from kwiga.richtext import plain_text, shown

register = template.Library()


@register.filter
def rich(text: str | None) -> SafeString:
    """The text with its formatting, cleaned and out of htmx's reach."""
    return shown(text or "")


@register.filter
def plain(text: str | None) -> str:
    """The words of the text without their formatting."""
    return plain_text(text or "")
