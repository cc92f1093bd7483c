"""Texts with words in double braces: which ones are known at this place, and an error for each that is not."""

from collections.abc import Collection
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from automations.forms.parts import PartForm, Settings
from automations.placeholders import NAMES
from offers.placeholders import unknown_names


class WordsForm(PartForm):
    """A form some of whose fields (`worded`) may hold words; `known` are those that mean something here."""

    worded: tuple[str, ...] = ()
    has_unknown = False  # whether a word was written that is not known, so that the known ones are shown

    def __init__(self, data: Any = None, *, known: Collection[str] = (), **more: Any) -> None:
        self.known = frozenset(known)
        super().__init__(data, **more)

    @property
    def words(self) -> list[tuple[str, str | Promise]]:
        """The words as they are written, each with what it stands for."""
        return [(f"{{{{ {name} }}}}", label) for name, label in NAMES.items() if name in self.known]

    def clean(self) -> Settings:
        data = super().clean() or {}
        for name in self.worded:
            for word in unknown_names(data.get(name) or "", self.known):
                self.add_error(name, self._sentence(word))
                self.has_unknown = True
        return self.cleaned_data

    def _sentence(self, word: str) -> str:
        if word in NAMES:
            sentence = _("“%(name)s” is not known here: nothing before this step tells it.")
        else:
            sentence = _("“%(name)s” is no word that can be filled in.")
        return str(sentence) % {"name": word}
