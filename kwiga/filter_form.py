"""Filters of a list: a GET form whose bad values are dropped; the address holds its whole state."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

Choices = Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True)
class Chip:
    """A filter that is on: what it says, and the address of the list without it."""

    label: str
    value: str
    without: str


class FilterForm(forms.Form):
    """What a list can be narrowed to; a list names its own fields. `quiet` ones have places of their own, no chip."""

    quiet: tuple[str, ...] = ("q", "state")
    narrows_nothing: tuple[str, ...] = ()

    q = forms.CharField(required=False, max_length=200)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="filter_%s")
        for name, choices in self.choices().items():
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *choices]
        for each in self.fields.values():
            each.depends = True  # type: ignore[attr-defined]  # nobody calls a filter optional
        self.full_clean()

    def choices(self) -> dict[str, Choices]:
        """The values of each list of choices; a list without any names none."""
        return {}

    @property
    def values(self) -> dict[str, Any]:
        """The filters that are on."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrowed(self) -> bool:
        return any(name not in self.narrows_nothing for name in self.values)

    @property
    def chips(self) -> Iterator[Chip]:
        """The filters that are on, but for those that have places of their own."""
        for name, value in self.values.items():
            if name not in self.quiet:
                yield Chip(str(self.fields[name].label), self._spoken(name, value), self.address(**{name: ""}))

    @property
    def states(self) -> list[tuple[str | Promise, str, bool]]:
        """The states as links: label, address, whether it is the one shown."""
        chosen = self.values.get("state", "")
        field: Any = self.fields["state"]
        return [(label, self.address(state=value), value == chosen) for value, label in field.choices]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a button that acts on everything that fits has to carry along."""
        return [(name, self.data[name]) for name in self.values]

    def address(self, **changes: str) -> str:
        """The query of this list with other values, on its first page."""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in ({**dict(self.kept), **changes}).items() if value})
        return f"?{query.urlencode()}"

    def _spoken(self, name: str, value: Any) -> str:
        if isinstance(value, date):
            return format_date(value, "medium", locale=to_locale(get_language() or "en"))
        return "" if value is True else str(dict(getattr(self.fields[name], "choices", []))[value])
