"""Lists of contacts made and changed: their name, and the conditions of a dynamic one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from contacts.models import ContactList
from contacts.segments.form import ConditionsForm, conditions_answer
from contacts.segments.language import ConditionsRefused
from contacts.services import lists
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

STATIC, DYNAMIC = "static", "dynamic"


class ListForm(forms.Form):
    """What a list is called."""

    name = forms.CharField(label=_("Name of the list"), max_length=120)


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_new(request: Any) -> HttpResponse:
    """Make a list: filled by hand, or, with `kind=dynamic`, by conditions."""
    kind = DYNAMIC if request.POST.get("kind", request.GET.get("kind")) == DYNAMIC else STATIC
    form = ListForm(request.POST if request.method == "POST" else None)
    conditions = ConditionsForm(_posted(request), page=request.path) if kind == DYNAMIC else None
    if conditions and conditions.pressed:
        return conditions_answer(request, conditions) or _page(request, _as_typed(request), conditions, None)
    if request.method == "POST" and _are_valid(form, conditions) and (made := _made(request, form, conditions)):
        messages.success(request, _("The list is made.") if conditions else _("The list is made. Put people in."))
        return redirect("contacts:lists_detail", request.school.slug, made.token)
    return _page(request, form, conditions, None)


@requires(Right.MANAGE_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def list_edit(request: Any, token: str) -> HttpResponse:
    """Another name, and other conditions for a dynamic list."""
    contact_list = get_object_or_404(ContactList.objects, token=token, archived_at=None)
    form = ListForm(request.POST if request.method == "POST" else None, initial={"name": contact_list.name})
    conditions = None
    if contact_list.is_dynamic:
        conditions = ConditionsForm(_posted(request), conditions=contact_list.conditions, page=request.path)
    if conditions and conditions.pressed:
        return conditions_answer(request, conditions) or _page(request, _as_typed(request), conditions, contact_list)
    if request.method == "POST" and _are_valid(form, conditions) and _saved(request, form, conditions, contact_list):
        messages.success(request, _("Saved."))
        return redirect("contacts:lists_detail", request.school.slug, token)
    return _page(request, form, conditions, contact_list)


def _posted(request: Any) -> Any:
    return request.POST if request.method == "POST" else None


def _as_typed(request: Any) -> ListForm:
    """The name while the conditions are put together: not looked at yet."""
    return ListForm(initial={"name": request.POST.get("name", "")})


def _are_valid(form: ListForm, conditions: ConditionsForm | None) -> bool:
    """Both are looked at, so that everything missing is said at once."""
    fits = conditions is None or conditions.is_valid()
    return form.is_valid() and fits


def _made(request: Any, form: ListForm, conditions: ConditionsForm | None) -> ContactList | None:
    """The new list; None when it was refused, and the forms say why."""
    try:
        return lists.create_list(
            name=form.cleaned_data["name"],
            actor=request.user,
            conditions=conditions.conditions if conditions else None,
        )
    except DomainError as error:
        _refused(error, form, conditions)
    return None


def _saved(request: Any, form: ListForm, conditions: ConditionsForm | None, contact_list: ContactList) -> bool:
    try:
        with transaction.atomic():
            lists.rename_list(contact_list=contact_list, name=form.cleaned_data["name"], actor=request.user)
            if conditions:
                lists.change_conditions(contact_list=contact_list, conditions=conditions.conditions, actor=request.user)
    except DomainError as error:
        _refused(error, form, conditions)
        return False
    return True


def _refused(error: DomainError, form: ListForm, conditions: ConditionsForm | None) -> None:
    if conditions and isinstance(error, ConditionsRefused):
        conditions.error = str(error)
    else:
        form.add_error("name", str(error))


def _page(
    request: Any, form: ListForm, conditions: ConditionsForm | None, contact_list: ContactList | None
) -> HttpResponse:
    context = {"form": form, "conditions_form": conditions, "contact_list": contact_list}
    return render(request, "contacts/list_form.html", context)
