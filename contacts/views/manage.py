"""Contacts in the dashboard."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.card import history_of, sections
from contacts.countries import country_name
from contacts.emails import normalize_email
from contacts.filters import LISTS_SHOWN, TAGS_SHOWN, ContactFilterForm
from contacts.finding import contacts_fitting
from contacts.forms import ContactForm
from contacts.mailing.suppression import suppressed
from contacts.models import Contact, ContactList, ContactTag, Tag
from contacts.own_fields import lines_of
from contacts.selectors import COUNT_LIMIT, lists_of
from contacts.services import people
from contacts.services.fields import write_values
from contacts.services.invitations import send_sign_in_link
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import count_beside, page_of
from schools.access import requires
from schools.activity import entries_of
from schools.roles import Right, allows

HISTORY_SHOWN = 20
MAILS_SHOWN = 10


@requires(Right.VIEW_CONTACTS)
@require_safe
def contact_list(request: Any) -> HttpResponse:
    """Contacts, newest first; the address holds search and filters."""
    form = ContactFilterForm(request.GET)
    contacts = contacts_fitting(form.wanted())
    page = page_of(contacts.prefetch_related(_tags()), request)
    context = {"form": form, "page": page, "count": count_beside(page, contacts, COUNT_LIMIT)}
    return render_partial(request, "contacts/contact_list.html", "list", context | _rights(request))


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def contact_new(request: Any) -> HttpResponse:
    """Add somebody who has bought nothing yet."""
    form = ContactForm(request.POST or None, email=request.GET.get("email", ""))
    if request.method == "POST" and form.is_valid():
        try:
            contact = _added(form, request.user)
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
    contact = get_object_or_404(Contact.objects.known(), token=token)
    form = ContactForm(request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            _changed(contact, form, request.user)
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
        **_own_parts(contact),
    }
    rights = {} if contact.erased_at else _rights(request)
    return render(request, "contacts/contact_card.html", context | rights)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def contact_link(request: Any, token: str) -> HttpResponse:
    """Mail the contact a link to sign in."""
    contact = get_object_or_404(Contact.objects.known(), token=token)
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
    contact = get_object_or_404(Contact.objects.known(), token=token)
    people.end_sessions(contact=contact, actor=request.user)
    messages.success(request, _("Signed out everywhere."))
    return redirect("contacts:card", request.school.slug, contact.token)


def _tags() -> Any:
    return Prefetch("contact_tags", ContactTag.objects.select_related("tag").order_by("tag__name_key"))


@transaction.atomic
def _added(form: ContactForm, actor: Any) -> Contact:
    contact = people.add_contact(facts=form.facts(), actor=actor)
    write_values(contact=contact, values=form.values(), actor=actor)
    return contact


@transaction.atomic
def _changed(contact: Contact, form: ContactForm, actor: Any) -> None:
    people.change_contact(contact=contact, facts=form.facts(), actor=actor)
    write_values(contact=contact, values=form.values(), actor=actor)


def _own_parts(contact: Contact) -> dict[str, Any]:
    """What this app knows: own fields, tags, lists, mails."""
    mails = list(contact.mails.order_by("-created_at", "-id")[: MAILS_SHOWN + 1])
    lists = lists_of(contact)
    put_in = {each.pk for each in lists}
    by_hand = ContactList.objects.filter(archived_at=None, conditions__isnull=True).order_by("name", "pk")
    return {
        "lines": lines_of(contact),
        "country": country_name(contact.country) if contact.country else "",
        "tags": Tag.objects.filter(contact_tags__contact=contact).order_by("name_key"),
        "known_tags": Tag.objects.order_by("name_key")[:TAGS_SHOWN],
        "lists": lists,
        "other_lists": [each for each in by_hand[:LISTS_SHOWN] if each.pk not in put_in],
        "mails": mails[:MAILS_SHOWN],
        "has_more_mails": len(mails) > MAILS_SHOWN,
        "is_suppressed": suppressed(contact.email),
    }


def _known(form: ContactForm) -> Contact | None:
    """The contact whose email was typed, to lead there instead."""
    if not form.is_bound or "email" not in form.errors:
        return None
    return Contact.objects.filter(email=normalize_email(str(form["email"].value() or ""))).first()


def _rights(request: Any) -> dict[str, bool]:
    role = request.member.role
    return {
        "may_manage": allows(role, Right.MANAGE_CONTACTS),
        "may_export": allows(role, Right.EXPORT_CONTACTS),
        "may_erase": allows(role, Right.ERASE_CONTACTS),
    }
