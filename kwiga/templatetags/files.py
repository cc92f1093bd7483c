"""Addresses of uploaded files: `{% load files %}{{ offer.cover|file_url }}`."""

from django import template

from schools import files
from schools.models import StoredFile

register = template.Library()


@register.filter
def file_url(stored: StoredFile) -> str:
    """The path of a public file on the host that shows the page."""
    return files.file_url(stored)
