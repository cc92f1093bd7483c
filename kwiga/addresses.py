"""Which email addresses the store writes to: Django's rule, and none that a header reads as something else (trust D3).

Between "=?" and "?=" a header holds an encoded word, which mail software decodes: the address of one mailbox can spell
the address of another.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, validate_email

ENCODED_WORD = "=?"


def validate_address(address: str) -> None:
    """Raises ValidationError unless this is one plain email address."""
    validate_email(address)
    if ENCODED_WORD in address:
        raise ValidationError(EmailValidator.message, code="invalid")


class AddressField(forms.EmailField):
    """An email address that mail can be sent to."""

    default_validators = [validate_address]
