"""What a student keeps about themselves: name, phone, language, email, and where they are signed in."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from contacts import sessions
from contacts.forms import CodeForm, NewEmailForm, ProfileForm
from contacts.limits import mail_is_refused, try_is_refused
from contacts.models import Contact
from contacts.services import people
from contacts.services.codes import order_email_code, use_email_code
from contacts.views.sign_in import wait_until
from kwiga.errors import DomainError
from kwiga.pages import ui
from kwiga.tokens import secret_token

_PENDING = "new_email"
_OWN = ("name", "phone", "language")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: Any) -> HttpResponse:
    """Name, phone and language; the email is changed on a page of its own."""
    known = {name: getattr(request.contact, name) for name in _OWN}
    form = ProfileForm(request.POST or None, initial=known | {"language": known["language"] or get_language()})
    if request.method == "POST" and form.is_valid():
        _change(request.contact, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("student_profile")
    return render(request, "student/profile.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_email(request: Any) -> HttpResponse:
    """Ask for the new email and mail a code to it; nothing changes before the code is back."""
    form = NewEmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if email == request.contact.email:
            form.add_error("email", _("This is your email already."))
        elif until := mail_is_refused(request, email):
            form.add_error(None, wait_until(until))
        else:
            _send(request, email)
            return redirect("student_email_code")
    return render(request, "student/email.html", {"form": form})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_email_code(request: Any) -> HttpResponse:
    """Take the code from the new mailbox; other browsers are signed out."""
    pending = request.session.get(_PENDING)
    if pending is None:
        return redirect("student_email")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _confirm(request, pending, form):
        del request.session[_PENDING]
        messages.success(request, _("From now on you sign in with the new email."))
        return redirect("student_profile")
    return render(request, "student/email_code.html", {"form": form, "email": pending["email"]})


@require_POST
def sign_out_everywhere(request: Any) -> HttpResponse:
    """End the sessions of all browsers, this one as well."""
    people.end_sessions(contact=request.contact)
    sessions.sign_out(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("sign_in")


@login_not_required
@require_POST
def set_language(request: Any) -> HttpResponse:
    """The switch of the school's site; who is signed in keeps the choice, for the mails as well."""
    language = request.POST.get("language", "")
    if request.contact and language in dict(settings.LANGUAGES):
        _change(request.contact, language=language)
    return ui.set_language(request)


def _change(contact: Contact, **values: str) -> None:
    known = {name: getattr(contact, name) for name in ("email", *_OWN)}
    people.change_contact(contact=contact, facts=people.ContactFacts(**(known | values)), actor=None)


def _send(request: Any, email: str) -> None:
    browser = secret_token()
    request.session[_PENDING] = {"email": email, "browser": browser}
    order_email_code(contact=request.contact, email=email, browser=browser, language=str(get_language()))


def _confirm(request: Any, pending: dict[str, str], form: CodeForm) -> bool:
    """Change the email when the code is right; otherwise say in the form why not."""
    if until := try_is_refused(request):
        form.add_error(None, wait_until(until))
        return False
    if not use_email_code(contact=request.contact, code=form.cleaned_data["code"], **pending):
        form.add_error("code", _("This code is not right, or works no longer. Check it, or have a new one sent."))
        return False
    try:
        contact = people.confirm_email(contact=request.contact, email=pending["email"])
    except DomainError as error:
        form.add_error(None, str(error))
        return False
    sessions.sign_in(request, contact)
    return True
