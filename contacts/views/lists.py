"""Lists of contacts in the dashboard: below /<school>/contacts/lists/."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.list_uses import uses_of_list
from contacts.models import Contact, ContactList, ContactListMember
from contacts.search import SEARCH_KIND
from contacts.selectors import contacts_matching
from contacts.services import lists
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import page_of
from schools import search
from schools.access import requires
from schools.roles import Right, allows

FOUND_SHOWN = 20


class ListForm(forms.Form):
    """What a list is called."""

    name = forms.CharField(label=_("Name of the list"), max_length=120)


@requires(Right.VIEW_CONTACTS)
@require_safe
def list_list(request: Any) -> HttpResponse:
    """All lists, newest first."""
    rows = ContactList.objects.filter(archived_at=None).annotate(
        people=Count("members", distinct=True),
        uses=Count("coupons", filter=Q(coupons__archived_at=None), distinct=True),
    )
    context = {"page": page_of(rows, request), "form": ListForm()}
    return render(request, "contacts/list_list.html", context | _rights(request))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def list_new(request: Any) -> HttpResponse:
    """Make a list; a refused name comes back with the reason."""
    form = ListForm(request.POST)
    if form.is_valid():
        try:
            made = lists.create_list(name=form.cleaned_data["name"], actor=request.user)
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The list is made. Put people in."))
            return redirect("contacts:lists_detail", request.school.slug, made.token)
    return render(request, "contacts/list_form.html", {"form": form})


@requires(Right.VIEW_CONTACTS)
@require_safe
def list_detail(request: Any, token: str) -> HttpResponse:
    """Who is in the list, what uses it, and people to put in."""
    contact_list = _found(token)
    typed = request.GET.get("q", "").replace("\0", "")[:200]
    members = ContactListMember.objects.filter(contact_list=contact_list).select_related("contact")
    inside = members
    for hits in search.found(SEARCH_KIND, typed):
        inside = inside.filter(contact__in=hits.values("object_id"))
    context = {
        "contact_list": contact_list,
        "typed": typed,
        "page": page_of(inside, request),
        "found": _others(contact_list, typed),
        "count": members.count(),
        "uses": uses_of_list(contact_list),
    }
    return render_partial(request, "contacts/list_detail.html", "people", context | _rights(request))


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_edit(request: Any, token: str) -> HttpResponse:
    """Another name."""
    contact_list = _found(token)
    form = ListForm(request.POST or None, initial={"name": contact_list.name})
    if request.method == "POST" and form.is_valid():
        try:
            lists.rename_list(contact_list=contact_list, name=form.cleaned_data["name"], actor=request.user)
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:lists_detail", request.school.slug, token)
    return render(request, "contacts/list_form.html", {"form": form, "contact_list": contact_list})


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_delete(request: Any, token: str) -> HttpResponse:
    """Ask first; a list that something live uses is kept."""
    contact_list = _found(token)
    uses = uses_of_list(contact_list)
    if request.method != "POST":
        context = {"contact_list": contact_list, "uses": uses, "is_live": any(use.is_live for use in uses)}
        return render(request, "contacts/list_deletion.html", context)
    try:
        lists.delete_list(contact_list=contact_list, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("contacts:lists_detail", request.school.slug, token)
    messages.success(request, _("The list “%(name)s” is deleted.") % {"name": contact_list.name})
    return redirect("contacts:lists", request.school.slug)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def list_add(request: Any, token: str) -> HttpResponse:
    """Put the chosen people in."""
    contact_list = _found(token)
    chosen = Contact.objects.filter(token__in=request.POST.getlist("contact"))
    count = lists.add_members(contact_list=contact_list, contacts=chosen, actor=request.user)
    text = ngettext("%(count)d person is in the list now.", "%(count)d people are in the list now.", count)
    messages.success(request, text % {"count": count})
    return redirect("contacts:lists_detail", request.school.slug, token)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def list_remove(request: Any, token: str) -> HttpResponse:
    """Take one person out."""
    contact_list = _found(token)
    contact = Contact.objects.filter(token=request.POST.get("contact", "")).first()
    if contact and lists.remove_member(contact_list=contact_list, contact=contact, actor=request.user):
        messages.success(request, _("%(name)s is not in the list any more.") % {"name": contact})
    return redirect("contacts:lists_detail", request.school.slug, token)


def _found(token: str) -> ContactList:
    return get_object_or_404(ContactList.objects, token=token, archived_at=None)


def _others(contact_list: ContactList, typed: str) -> list[Contact]:
    """People who fit the words and are not in the list yet."""
    if not typed.strip():
        return []
    members = ContactListMember.objects.filter(contact_list=contact_list).values("contact_id")
    return list(contacts_matching(typed, {}).exclude(pk__in=members).newest_first()[:FOUND_SHOWN])  # type: ignore[attr-defined]


def _rights(request: Any) -> dict[str, bool]:
    role = request.member.role
    return {"may_manage": allows(role, Right.MANAGE_CONTACTS), "may_see_coupons": allows(role, Right.VIEW_COUPONS)}
