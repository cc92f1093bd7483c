"""Sums of money as the current language writes them."""

from django import template

from kwiga.money import format_money

register = template.Library()


@register.simple_tag
def money(amount_minor: int, currency: str) -> str:
    """{% money offer.price_minor offer.currency %}: "UAH 1,200"."""
    return format_money(amount_minor, currency)
