"""Settings > Fields of contacts: what the school writes about people beyond the common facts."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import ContactField
from contacts.own_fields import fields_in_use
from contacts.services import fields
from kwiga.errors import DomainError
from schools.access import requires
from schools.roles import Right

MOST_CHOICES, CHOICE_LENGTH = 100, 100


class FieldForm(forms.Form):
    """A field: its name, and for one of several the choices. The kind is chosen once."""

    label = forms.CharField(label=_("Name of the field"), max_length=80)
    kind = forms.ChoiceField(
        label=_("Kind"), choices=ContactField.Kind.choices, help_text=_("It stays as it is once the field is made.")
    )
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For a field of the kind “One of several”: one choice on each line."),
    )

    def __init__(self, data: Any = None, *, field: ContactField | None = None) -> None:
        initial = {"label": field.label, "choices": "\n".join(field.choices)} if field else {}
        super().__init__(data, initial=initial)
        self._kind = field.kind if field else None
        if field:
            del self.fields["kind"]
            if field.kind != ContactField.Kind.CHOICE:
                del self.fields["choices"]

    def clean_choices(self) -> list[str]:
        typed = (" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines())
        choices = list(dict.fromkeys(filter(None, typed)))
        if self._kind is None and self.cleaned_data.get("kind") != ContactField.Kind.CHOICE:
            return []
        if not choices:
            raise forms.ValidationError(_("Write at least one choice."))
        if len(choices) > MOST_CHOICES:
            raise forms.ValidationError(_("%(count)d choices at most.") % {"count": MOST_CHOICES})
        if any(len(choice) > CHOICE_LENGTH for choice in choices):
            raise forms.ValidationError(_("A choice has %(count)d signs at most.") % {"count": CHOICE_LENGTH})
        return choices


@requires(Right.MANAGE_SETTINGS)
@require_safe
def field_list(request: Any) -> HttpResponse:
    """The fields in their order, and those put away."""
    archived = ContactField.objects.filter(archived_at__isnull=False).order_by("label", "pk")
    return render(request, "contacts/field_list.html", {"fields": fields_in_use(), "archived": archived})


@requires(Right.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def field_new(request: Any) -> HttpResponse:
    """Make a field."""
    form = FieldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            fields.create_field(**form.cleaned_data, actor=request.user)
        except DomainError as error:
            form.add_error("label", str(error))
        else:
            messages.success(request, _("The field is made. It stands on every contact's form now."))
            return redirect("contacts:fields", request.school.slug)
    return render(request, "contacts/field_form.html", {"form": form})


@requires(Right.MANAGE_SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def field_edit(request: Any, token: str) -> HttpResponse:
    """Another name, other choices."""
    field = get_object_or_404(ContactField.objects, token=token)
    form = FieldForm(request.POST if request.method == "POST" else None, field=field)
    if request.method == "POST" and form.is_valid():
        choices = form.cleaned_data.get("choices", [])
        try:
            fields.change_field(field=field, label=form.cleaned_data["label"], choices=choices, actor=request.user)
        except DomainError as error:
            form.add_error("label", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("contacts:fields", request.school.slug)
    return render(request, "contacts/field_form.html", {"form": form, "field": field})


@requires(Right.MANAGE_SETTINGS)
@require_POST
def field_move(request: Any, token: str, move: str) -> HttpResponse:
    """One place up or down, put away, or brought back."""
    field = get_object_or_404(ContactField.objects, token=token)
    try:
        if move in ("up", "down"):
            fields.move_field(field=field, up=1 if move == "up" else -1, actor=request.user)
        elif move == "archive":
            fields.archive_field(field=field, actor=request.user)
            messages.success(request, _("The field is archived. What contacts have is kept for when it comes back."))
        elif move == "restore":
            fields.restore_field(field=field, actor=request.user)
            messages.success(request, _("The field is back."))
        else:
            raise Http404
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("contacts:fields", request.school.slug)
