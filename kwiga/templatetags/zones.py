"""`{% load zones %}{{ school.time_zone|zone_city }}`"""

from django import template
from django.utils.translation import get_language, to_locale

from kwiga import zones

register = template.Library()


@register.filter
def zone_city(zone: object) -> str:
    """The city by which a time zone is called in the current language: "Kyiv"."""
    return zones.zone_city(str(zone), to_locale(get_language() or "en"))
