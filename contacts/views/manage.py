"""Contacts in the dashboard."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.card import history_of, sections
from contacts.emails import normalize_email
from contacts.filters import ContactFilterForm
from contacts.forms import ContactForm
from contacts.models import Contact
from contacts.selectors import contacts_matching
from contacts.services import people
from contacts.services.invitations import send_sign_in_link
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import page_of
from schools.access import requires
from schools.activity import entries_of
from schools.roles import Right, allows

HISTORY_SHOWN = 20


@requires(Right.VIEW_CONTACTS)
@require_safe
def contact_list(request: Any) -> HttpResponse:
    """Contacts, newest first; the address holds search and filters."""
    form = ContactFilterForm(request.GET)
    contacts = contacts_matching(form.text, form.wanted)
    context = {"form": form, "page": page_of(contacts, request)}
    return render_partial(request, "contacts/contact_list.html", "list", context | _rights(request))


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Any) -> HttpResponse:
    """Add somebody who has bought nothing yet."""
    form = ContactForm(request.POST or None, initial={"email": request.GET.get("email", "")})
    if request.method == "POST" and form.is_valid():
        try:
            contact = people.add_contact(facts=form.facts(), actor=request.user)
        except people.EmailTaken as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("Contact added."))
            return redirect("contacts:card", request.school.slug, contact.token)
    return render(request, "contacts/contact_form.html", {"form": form, "known": _known(form)})


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_edit(request: Any, token: str) -> HttpResponse:
    """Change what is known; another email ends sessions and moves the sign-in."""
    contact = get_object_or_404(Contact.objects, token=token)
    form = ContactForm(request.POST) if request.method == "POST" else ContactForm.of(contact)
    if request.method == "POST" and form.is_valid():
        try:
            people.change_contact(contact=contact, facts=form.facts(), actor=request.user)
        except people.EmailTaken as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:card", request.school.slug, contact.token)
    return render(request, "contacts/contact_form.html", {"form": form, "contact": contact, "known": _known(form)})


@requires(Right.VIEW_CONTACTS)
@require_safe
def contact_card(request: Any, token: str) -> HttpResponse:
    """Everything about one person: what the apps know, and what happened."""
    contact = get_object_or_404(Contact.objects, token=token)
    shown = [section for section in sections() if allows(request.member.role, section.right)]
    history = list(history_of(contact)[: HISTORY_SHOWN + 1])
    context = {
        "contact": contact,
        "sections": [{"template": each.template, "data": each.context(contact)} for each in shown],
        "entries": entries_of(request.school, history[:HISTORY_SHOWN]),
        "has_more": len(history) > HISTORY_SHOWN,
    }
    return render(request, "contacts/contact_card.html", context | _rights(request))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def contact_link(request: Any, token: str) -> HttpResponse:
    """Mail the contact a link to sign in."""
    contact = get_object_or_404(Contact.objects, token=token)
    try:
        send_sign_in_link(school=request.school, contact=contact, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("A link to sign in is on its way to %(email)s.") % {"email": contact.email})
    return redirect("contacts:card", request.school.slug, contact.token)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def contact_sign_out(request: Any, token: str) -> HttpResponse:
    """End the contact's sessions in every browser."""
    contact = get_object_or_404(Contact.objects, token=token)
    people.end_sessions(contact=contact, actor=request.user)
    messages.success(request, _("Signed out everywhere."))
    return redirect("contacts:card", request.school.slug, contact.token)


def _known(form: ContactForm) -> Contact | None:
    """The contact whose email was typed, to lead there instead."""
    if not form.is_bound or "email" not in form.errors:
        return None
    return Contact.objects.filter(email=normalize_email(str(form["email"].value() or ""))).first()


def _rights(request: Any) -> dict[str, bool]:
    return {"may_manage": allows(request.member.role, Right.MANAGE_CONTACTS)}
