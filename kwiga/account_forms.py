"""The forms of sign-in that end in a mail."""

from contextlib import suppress
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.core.mail import mailers
from django.utils.translation import gettext_lazy as _

from kwiga.accounts import MAIL_FAILED


class MailNeeded:
    """A form that is refused while the mail server is down, with everything still in its fields.

    It asks the server before it looks whether the account exists: an outage then tells nothing about accounts, and an
    unknown address takes about as long as a known one.
    """

    def clean(self) -> Any:
        cleaned = super().clean()  # type: ignore[misc]
        mailer = mailers.default
        try:
            mailer.open()
        except OSError as error:
            raise forms.ValidationError(MAIL_FAILED) from error
        with suppress(OSError):
            mailer.close()
        return cleaned


class SignupForm(MailNeeded, allauth_forms.SignupForm):
    name = forms.CharField(label=_("Your name"), required=False, max_length=120)
    field_order = ("email", "password1", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"


class RequestLoginCodeForm(MailNeeded, allauth_forms.RequestLoginCodeForm):
    pass


class ResetPasswordForm(MailNeeded, allauth_forms.ResetPasswordForm):
    pass


class AddEmailForm(MailNeeded, allauth_forms.AddEmailForm):
    pass
