"""Lists of contacts in the dashboard: below /<school>/contacts/lists/."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.list_uses import uses_of_list
from contacts.listing import list_rows, listed
from contacts.models import Contact, ContactList, ContactListMember
from contacts.search import SEARCH_KIND
from contacts.segments.members import problems_in, sentence_of
from contacts.selectors import COUNT_LIMIT, contacts_matching, entries_in, members_of
from contacts.services import lists
from kwiga.errors import DomainError
from kwiga.htmx import render_partial
from kwiga.paging import count_beside, count_up_to, page_of
from schools import search
from schools.access import requires
from schools.roles import Right, allows

FOUND_SHOWN = 20


@requires(Right.VIEW_CONTACTS)
@require_safe
def list_list(request: Any) -> HttpResponse:
    """All lists, newest first."""
    page = page_of(listed(), request)
    context = {"page": page, "rows": list_rows(page.rows)}
    return render(request, "contacts/list_list.html", context | _rights(request))


@requires(Right.VIEW_CONTACTS)
@require_safe
def list_count(request: Any, token: str) -> HttpResponse:
    """How many people are in the list now, for its line in the table of lists; its page for who has no JavaScript."""
    contact_list = _found(token)
    if not request.htmx:
        return redirect("contacts:lists_detail", request.school.slug, token)
    count = count_up_to(members_of(contact_list), COUNT_LIMIT)
    return render(request, "contacts/_list_count.html", {"count": count})


@requires(Right.VIEW_CONTACTS)
@require_safe
def list_detail(request: Any, token: str) -> HttpResponse:
    """Who is in the list, what uses it, and people to put in."""
    contact_list = _found(token)
    typed = request.GET.get("q", "").replace("\0", "")[:200]
    members, inside = members_of(contact_list), entries_in(contact_list)
    person = "pk" if contact_list.is_dynamic else "contact_id"
    page = page_of(search.matching(inside, SEARCH_KIND, typed, person), request)
    context = {
        "contact_list": contact_list,
        "typed": typed,
        "page": page,
        "found": _others(contact_list, typed),
        "count": count_up_to(members, COUNT_LIMIT) if typed else count_beside(page, members, COUNT_LIMIT),
        "uses": uses_of_list(contact_list),
        **_said(contact_list),
    }
    return render_partial(request, "contacts/list_detail.html", "people", context | _rights(request))


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
    chosen = Contact.objects.known().filter(token__in=request.POST.getlist("contact"))
    try:
        count = lists.add_members(contact_list=contact_list, contacts=chosen, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        text = ngettext("%(count)d person is in the list now.", "%(count)d people are in the list now.", count)
        messages.success(request, text % {"count": count})
    return redirect("contacts:lists_detail", request.school.slug, token)


@requires(Right.MANAGE_CONTACTS)
@require_POST
def list_remove(request: Any, token: str) -> HttpResponse:
    """Take one person out."""
    contact_list = _found(token)
    contact = Contact.objects.filter(token=request.POST.get("contact", "")).first()
    try:
        if contact and lists.remove_member(contact_list=contact_list, contact=contact, actor=request.user):
            messages.success(request, _("%(name)s is not in the list any more.") % {"name": contact})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("contacts:lists_detail", request.school.slug, token)


def _found(token: str) -> ContactList:
    return get_object_or_404(ContactList.objects, token=token, archived_at=None)


def _said(contact_list: ContactList) -> dict[str, Any]:
    """What the filter of a dynamic list says, and what it names in vain."""
    if contact_list.conditions is None:
        return {"sentence": "", "problems": []}
    return {"sentence": sentence_of(contact_list.conditions), "problems": problems_in(contact_list.conditions)}


def _others(contact_list: ContactList, typed: str) -> list[Contact]:
    """People who fit the words and can be put in the list."""
    if contact_list.is_dynamic or not typed.strip():
        return []
    inside = ContactListMember.objects.filter(contact_list=contact_list, contact=OuterRef("pk"))
    others = contacts_matching(typed, {}).filter(~Exists(inside), erased_at=None)
    return list(others.newest_first()[:FOUND_SHOWN])  # type: ignore[attr-defined]


def _rights(request: Any) -> dict[str, bool]:
    role = request.member.role
    return {"may_manage": allows(role, Right.MANAGE_CONTACTS), "may_see_coupons": allows(role, Right.VIEW_COUPONS)}
