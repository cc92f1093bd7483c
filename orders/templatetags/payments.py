"""What pages say about payments."""

from django import template

from orders.services.connections import takes_test_money
from schools.tenancy.scope import in_scope

register = template.Library()


@register.simple_tag
def test_money() -> bool:
    """{% test_money as is_test %}: whether buyers of this school can pay with test money. Remembered, so cheap."""
    return in_scope() and takes_test_money()
