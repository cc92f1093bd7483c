"""The forms of an import: the file, and what its columns are."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from contacts.exports import TITLES
from contacts.importing import FIELD, LIMITS, TARGETS, Table, read_file
from contacts.models import ContactField, ContactImport, ContactList
from contacts.services.tags import TAG_LENGTH
from kwiga.csv import FileRefused, read_upload

_OVERWRITE, _FILL = "overwrite", "fill"


class ImportForm(forms.Form):
    """A CSV file; its table once it is valid."""

    file = forms.FileField(
        label=_("CSV file"),
        max_length=120,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_("At most 50,000 lines and 20 MB. The first line names the columns; one of them holds emails."),
    )
    table: Table

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        try:
            self.table = read_file(read_upload(upload, LIMITS))
        except FileRefused as error:
            raise ValidationError(str(error)) from error
        return upload


class MappingForm(forms.Form):
    """What each column is, and what holds for all lines."""

    known = forms.ChoiceField(
        label=_("People who are known already"),
        choices=[
            (_FILL, _("Fill in only what is empty")),
            (_OVERWRITE, _("Overwrite with what the file says; empty cells change nothing")),
        ],
        widget=forms.RadioSelect,
        initial=_FILL,
    )
    tags = forms.CharField(
        label=_("Tags for all"), max_length=300, required=False, help_text=_("Several with commas between.")
    )
    contact_list = forms.ChoiceField(label=_("Put all in the list"), required=False)
    agreed = forms.BooleanField(
        label=_("These people agreed to get news by mail"),
        required=False,
        help_text=_("Whoever unsubscribed, or whose address refuses mail, stays without news all the same."),
    )

    def __init__(self, *args: Any, kept: ContactImport, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns: list[str] = kept.options.get("columns", [])
        choices = _targets()
        for number, column in enumerate(self.columns):
            self.fields[_name(number)] = forms.ChoiceField(label=column, choices=choices, required=False)
            self.initial[_name(number)] = kept.mapping.get(column, "")
        self.fields["contact_list"].choices = [("", _("no list")), *_lists()]  # type: ignore[attr-defined]
        self.initial = {
            **self.initial,
            "known": _OVERWRITE if kept.options.get("overwrites") else _FILL,
            "tags": ", ".join(kept.options.get("tags", ())),
            "contact_list": kept.options.get("list", ""),
            "agreed": bool(kept.options.get("agreed")),
        }

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[_name(number)] for number in range(len(self.columns))]

    @property
    def mapping(self) -> dict[str, str]:
        """What each column is, without those that are left out."""
        said = {column: self.cleaned_data.get(_name(number), "") for number, column in enumerate(self.columns)}
        return {column: target for column, target in said.items() if target}

    @property
    def options(self) -> dict[str, Any]:
        """What holds for all lines."""
        return {
            "overwrites": self.cleaned_data["known"] == _OVERWRITE,
            "tags": self.cleaned_data["tags"],
            "list": self.cleaned_data["contact_list"],
            "agreed": self.cleaned_data["agreed"],
        }

    def clean_tags(self) -> list[str]:
        names = [" ".join(name.split()) for name in self.cleaned_data["tags"].split(",")]
        if any(len(name) > TAG_LENGTH for name in names):
            raise ValidationError(_("A tag has at most %(length)d signs.") % {"length": TAG_LENGTH})
        return list(dict.fromkeys(name for name in names if name))

    def clean(self) -> dict[str, Any]:
        chosen = [self.cleaned_data.get(_name(number), "") for number in range(len(self.columns))]
        named = [target for target in chosen if target]
        if "email" not in named:
            raise ValidationError(_("Say which column holds the emails."))
        if len(named) != len(set(named)):
            raise ValidationError(_("Two columns are said to be the same. Leave one of them out."))
        return self.cleaned_data


def _name(number: int) -> str:
    return f"column_{number}"


def _targets() -> list[tuple[str, Any]]:
    fields = ContactField.objects.filter(archived_at=None).order_by("position", "pk")
    own = [(f"{FIELD}{field.token}", field.label) for field in fields]
    return [("", _("Leave out")), *((target, TITLES[target]) for target in TARGETS), *own]


def _lists() -> list[tuple[str, str]]:
    lists = ContactList.objects.filter(conditions__isnull=True, archived_at=None).order_by("name", "pk")
    return [(each.token, each.name) for each in lists]
