"""`{% load files %}{% file_url course.cover %}`"""

from typing import Any

from django import template

from schools.files import file_url as address_of

register = template.Library()


@register.simple_tag
def file_url(stored: Any) -> str:
    """The path of a public file, on the dashboard and on its school's site."""
    return address_of(stored)
