"""How sign-in (django-allauth) is set up here."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Staff accounts by e-mail; every mail is the platform's, sent at once so that signing in needs no worker."""
