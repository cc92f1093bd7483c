"""How sign-in (django-allauth) is set up here."""

from types import SimpleNamespace
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.clients import client_address
from kwiga.pages.ui import BRAND
from kwiga.sites import root_url
from schools.selectors import schools_of
from schools.tenancy.scope import refuse_in_scope

logger = structlog.get_logger("kwiga.accounts")

MAIL_FAILED = _("We could not send the mail just now. Wait a minute, then try again.")


class AccountAdapter(DefaultAccountAdapter):
    """Staff accounts by email; every mail is the platform's, sent at once so that signing in needs no worker."""

    def new_user(self, request: HttpRequest) -> Any:
        """A user without a name yet, created now."""
        user = super().new_user(request)
        user.created_at = clock.now()
        return user

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return first_page(request.user)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("schools:create")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send now, in the language of the page. A mail server that fails is a sentence on the next page."""
        refuse_in_scope("Sending mail")
        # Names and links in mails come from the settings, never from the request (trust T4).
        named = context | {"current_site": SimpleNamespace(name=BRAND, domain=settings.ROOT_HOST)}
        try:
            super().send_mail(template_prefix, email, named)
        except OSError as error:  # every error of smtplib is one
            logger.error("account mail not sent", reason=type(error).__name__, template=template_prefix)
            messages.error(allauth_context.request, MAIL_FAILED)

    def send_account_already_exists_mail(self, email: str) -> None:
        links = {"login_url": root_url("account_login"), "password_reset_url": root_url("account_reset_password")}
        self.send_mail("account/email/account_already_exists", email, links)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own key holds the Host header, whose port anybody can choose and so begin to count anew.
        return str(credentials.get("email", "")).lower()


def first_page(user: Any) -> str:
    """Where somebody who has just signed in goes: their school, or the list of their schools."""
    memberships = schools_of(user)
    if len(memberships) == 1:
        return reverse("school_home", args=[memberships[0].school.slug])
    return reverse("schools:start")
