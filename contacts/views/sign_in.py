"""Students sign in on the school's host: an email, a mailed code, no password."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts import sessions
from contacts.forms import CodeForm, EmailForm
from contacts.limits import mail_is_refused, try_is_refused
from contacts.links import LinkTooOld, read_claim
from contacts.services.codes import CodeOrder, order_code, use_code
from kwiga.redirects import safe_next
from kwiga.tokens import secret_token

_PENDING = "sign_in"


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Any) -> HttpResponse:
    """Ask for the email; the answer is the same whether the school knows it or not."""
    if request.method != "POST":
        wanted = safe_next(request, request.GET.get("next", ""))
        return _onward(request, wanted) if request.contact else _page(request, EmailForm(initial={"next": wanted}))
    form = EmailForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if until := mail_is_refused(request, form.cleaned_data["email"]):
        form.add_error(None, wait_until(until))
        return _page(request, form)
    return _send(request, form.cleaned_data["email"], safe_next(request, form.cleaned_data["next"]))


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: Any) -> HttpResponse:
    """Take the six digits; the same words for a wrong, old or used code and for an email nobody has."""
    pending = request.session.get(_PENDING)
    if pending is None:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if until := try_is_refused(request):
            form.add_error(None, wait_until(until))
        elif contact := _enter(pending, form.cleaned_data["code"]):
            del request.session[_PENDING]
            sessions.sign_in(request, contact)
            return _onward(request, pending["next"])
        else:
            form.add_error("code", _("This code is not right, or works no longer. Check it, or have a new one sent."))
    return render(request, "contacts/sign_in_code.html", {"form": form, "pending": pending, "hide_sign_in": True})


@login_not_required
@never_cache
@require_safe
def claim(request: Any, signed: str) -> HttpResponse:
    """The link of a mail: sign-in with the email filled in. It opens nothing by itself (K10)."""
    try:
        found = read_claim(signed)
    except LinkTooOld as error:
        messages.info(request, str(error))
        return redirect("sign_in")
    if found is None:
        raise Http404
    wanted = safe_next(request, found.next)
    if request.contact == found.contact:
        return _onward(request, wanted)
    response = _page(request, EmailForm(initial={"email": found.contact.email, "next": wanted}))
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@login_not_required
@require_POST
def sign_out(request: Any) -> HttpResponse:
    """End the session of this browser."""
    sessions.sign_out(request)
    messages.success(request, _("You are signed out."))
    return redirect("store")


def wait_until(until: datetime) -> str:
    """The sentence for somebody who has tried too often, with the time of day in the school's zone."""
    return _("That was too often. Try again at %(time)s.") % {"time": time_format(localtime(until), "TIME_FORMAT")}


def _page(request: Any, form: EmailForm) -> HttpResponse:
    return render(request, "contacts/sign_in.html", {"form": form, "hide_sign_in": True})


def _send(request: Any, email: str, wanted: str) -> HttpResponse:
    held = request.session.get(_PENDING) or {}
    # A new code to the same email keeps the browser's secret, so the older code stops working.
    is_repeated = held.get("email") == email
    browser = held["browser"] if is_repeated else secret_token()
    if is_repeated:
        messages.info(request, _("If this email is known, a new code is on its way. The older one works no longer."))
    request.session[_PENDING] = {"email": email, "browser": browser, "next": wanted}
    order_code(order=CodeOrder(email=email, browser=browser, language=str(get_language())))
    return redirect("sign_in_code")


def _enter(pending: dict[str, str], code: str) -> Any:
    language = str(get_language())
    return use_code(email=pending["email"], browser=pending["browser"], code=code, language=language)


def _onward(request: Any, wanted: str) -> HttpResponse:
    """To the page that asked for signing in, else to where the school sends its students."""
    return redirect(safe_next(request, wanted) or "student_start")
