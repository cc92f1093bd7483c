"""Sentences of Django and allauth that our catalogues say better than theirs.

Ours win over a library's, and a sentence is extracted from where it stands in our sources: here. Each is spelled as
the library spells it; tests/kwiga/test_catalogues.py says when a library drops one.
"""

from django.utils.translation import gettext_noop as _

SENTENCES = (
    # Forms
    _("This field is required."),
    _("Enter a valid email address."),
    _("Select a valid choice. %(value)s is not one of the available choices."),
    # Passwords
    _("Your password can’t be entirely numeric."),
    _("The password is too similar to the %(verbose_name)s."),
    # Signing in
    _("Forgot your password?"),
    _("Please type your current password."),
    _("Current Password"),
    _("New Password"),
    _("New Password (again)"),
    _("The email address and/or password you specified are not correct."),
    _("Successfully signed in as %(name)s."),
    _("Be patient, you are sending too many requests."),
    # One's addresses
    _("This email address is already associated with this account."),
    _("You cannot remove your primary email address (%(email)s)."),
    _("Primary email address set."),
    _("Removed email address %(email)s."),
    # What we mail when an account changes
    _("Email Changed"),
    _("Email Confirmation"),
    _("Email Removed"),
    _("Email address %(deleted_email)s has been removed from your account."),
    _("Password Changed"),
    _("Password Reset"),
    _("Password Set"),
    _("Your password has been reset."),
    _("Your password has been set."),
    _("You are receiving this mail because the following change was made to your account:"),
    _(
        "If you do not recognize this change then please take proper security precautions immediately. The change to "
        "your account originates from:\n\n- IP address: %(ip)s\n- Browser: %(user_agent)s\n- Date: %(timestamp)s"
    ),
)
