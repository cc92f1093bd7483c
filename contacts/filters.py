"""What the list of contacts can be narrowed to. Words that mean nothing narrow nothing."""

from collections.abc import Iterator

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from contacts.facts import facts
from contacts.finding import NEWS, ContactFilter
from contacts.models import ContactList, Tag
from kwiga.filter_form import Chip, Choices, FilterForm

YES, NO = "yes", "no"
TAGS_SHOWN = LISTS_SHOWN = 200


class ContactFilterForm(FilterForm):
    """The address of the list, read: `?q=`, `tag`, `list`, `news`, and one parameter for each fact."""

    quiet = ("q",)

    tag = forms.ChoiceField(required=False, label=_("Tag"))
    list = forms.ChoiceField(required=False, label=_("List"))
    news = forms.ChoiceField(required=False, label=_("News by mail"))

    def __init__(self, data: QueryDict) -> None:
        self._facts = {fact.key: fact for fact in facts()}
        super().__init__(data)

    def choices(self) -> dict[str, Choices]:
        for fact in self._facts.values():
            self.fields[fact.key] = forms.ChoiceField(required=False, label=str(fact.label))
        return {
            "tag": _tags(),
            "list": _lists(),
            "news": [(key, label) for key, (label, _condition) in NEWS.items()],
            **{key: [(YES, fact.label), (NO, fact.label_not)] for key, fact in self._facts.items()},
        }

    @property
    def chips(self) -> Iterator[Chip]:
        """The filters that are on, each with the way back; facts and news say themselves what they are."""
        for chip, name in zip(super().chips, [name for name in self.values if name not in self.quiet], strict=True):
            is_plain = name in self._facts or name == "news"
            yield Chip(chip.value, "", chip.without) if is_plain else chip

    @property
    def shown(self) -> Iterator[forms.BoundField]:
        """The fields of the panel."""
        return (self[name] for name in self.fields if name not in self.quiet)

    def wanted(self) -> ContactFilter:
        """The filter that the valid fields make."""
        values = self.values
        asked = {key: values[key] == YES for key in self._facts if key in values}
        texts = {name: values.get(name, "") for name in ("tag", "list", "news")}
        return ContactFilter(text=values.get("q", ""), facts=asked, **texts)


def _tags() -> Choices:
    return list(Tag.objects.order_by("name_key").values_list("token", "name")[:TAGS_SHOWN])


def _lists() -> Choices:
    standing = ContactList.objects.filter(archived_at=None).order_by("name", "pk")
    return list(standing.values_list("token", "name")[:LISTS_SHOWN])
