"""What a move of a coupon asks for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.instants import InstantField


class ExtensionForm(forms.Form):
    """The new end; empty for none."""

    ends_at = InstantField(
        label=_("Valid until"), is_end=True, help_text=_("A day alone ends with that day. Empty: no expiration.")
    )
