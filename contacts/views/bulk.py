"""What is done to many contacts of the list at once."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from contacts.filters import ContactFilterForm
from contacts.finding import contacts_fitting
from contacts.models import Contact, ContactList, Tag
from contacts.selectors import COUNT_LIMIT
from contacts.services import batches
from contacts.services.batches import UNDOING, Change, Move
from contacts.services.tags import TAG_LENGTH
from contacts.views.undo import say_done
from kwiga.errors import DomainError
from kwiga.paging import PAGE_SIZE, count_up_to
from schools.access import requires
from schools.roles import Right

LISTS_SHOWN = TAGS_SHOWN = 200
# Each "no more news" is a few statements of its own.
UNSUBSCRIBED_AT_ONCE = 100


class ChangeForm(forms.Form):
    """What a move needs to know: a tag to write, a tag that is worn, or a list."""

    tag = forms.CharField(label=gettext_lazy("Tag"), max_length=TAG_LENGTH)
    list = forms.ChoiceField(label=gettext_lazy("List"))

    def __init__(self, data: Any, move: str) -> None:
        super().__init__(data)
        needed = {Move.TAG: "tag", Move.UNTAG: "tag", Move.LIST_ADD: "list", Move.LIST_REMOVE: "list"}.get(Move(move))
        for name in {"tag", "list"} - {needed}:
            del self.fields[name]
        if needed == "list":
            self.fields["list"].choices = _lists()  # type: ignore[attr-defined]
        if needed == "tag":
            self.fields["tag"].widget.attrs |= {"list": "known-tags", "autocomplete": "off", "autofocus": True}

    def change(self, move: str) -> Change:
        """What was decided."""
        return Change(move=Move(move), tag=self.cleaned_data.get("tag", ""), list=self.cleaned_data.get("list", ""))


@requires(Right.MANAGE_CONTACTS)
@require_POST
def bulk(request: Any) -> HttpResponse:
    """Change the ticked contacts, or all that fit: ask for what it takes first, then do it."""
    form, tokens = ContactFilterForm(request.POST), request.POST.getlist("contact")[:PAGE_SIZE]
    everything, move = bool(request.POST.get("everything")), request.POST.get("do", "")
    back = reverse("contacts:list", args=[request.school.slug]) + form.address()
    if move not in list(Move) or not (everything or tokens):
        messages.warning(request, _("Choose contacts first."))
        return redirect(back)
    confirmed = bool(request.POST.get("confirm"))
    # The fields of the filter and of the change have the same names, so the change has a prefix of its own.
    change = ChangeForm(_prefixed(request.POST) if confirmed else None, move)
    chosen = contacts_fitting(form.wanted()) if everything else _ticked(tokens)
    if confirmed and change.is_valid() and _done(request, form, chosen, change.change(move), everything=everything):
        return redirect(back)
    context = {
        "form": form,
        "change": change,
        "tokens": [] if everything else tokens,
        "everything": everything,
        "move": move,
        "count": count_up_to(chosen, COUNT_LIMIT),
        "tags": Tag.objects.order_by("name_key")[:TAGS_SHOWN] if "tag" in change.fields else [],
        "back": back,
    }
    return render(request, "contacts/bulk.html", context)


def _prefixed(data: Any) -> dict[str, str]:
    return {name: data.get(f"to_{name}", "") for name in ("tag", "list")}


def _ticked(tokens: list[str]) -> Any:
    return Contact.objects.known().filter(token__in=tokens)


def _done(request: Any, form: ContactFilterForm, chosen: Any, change: Change, *, everything: bool) -> bool:
    """Do it, or have it done; whether it was not refused."""
    at_once = UNSUBSCRIBED_AT_ONCE if change.move == Move.UNSUBSCRIBE else batches.AT_ONCE
    try:
        contacts = list(chosen.order_by("pk")[: at_once + 1])
        if len(contacts) > at_once:
            batches.change_fitting(wanted=form.wanted(), change=change, actor=request.user)
            messages.success(request, _("The contacts are being changed piece by piece; it takes a moment."))
        else:
            changed = batches.change_contacts(contacts=contacts, change=change, actor=request.user)
            _tell(request, change, changed, asked=len(contacts))
    except DomainError as error:
        messages.error(request, str(error))
        return False
    return True


def _tell(request: Any, change: Change, changed: list[int], *, asked: int) -> None:
    count = len(changed)
    text = ngettext("%(count)d contact is changed.", "%(count)d contacts are changed.", count) % {"count": count}
    if count < asked:
        text += " " + _("For the others nothing had to be done.")
    if changed and change.move in UNDOING:
        say_done(request, text, change, changed)
    else:
        messages.success(request, text)


def _lists() -> list[tuple[str, str]]:
    """Lists that are filled by hand."""
    standing = ContactList.objects.filter(archived_at=None, conditions__isnull=True).order_by("name", "pk")
    return list(standing.values_list("token", "name")[:LISTS_SHOWN])
