"""Legal terms: the name of a document, and a wording in each language."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kwiga.richtext import RichTextField, plain_text
from offers.models import TermsVersion
from offers.services import DocumentTexts
from offers.services.rules import is_safe_link
from schools.forms.choices import languages


class DocumentForm(forms.Form):
    name = forms.CharField(label=_("Name for the team"), max_length=120)
    is_in_footer = forms.BooleanField(label=_("Link in the footer of the store"), required=False)


class TextForm(forms.Form):
    """The wording in one language: a text or a link. Left empty, the language has none."""

    title = forms.CharField(label=_("Title for buyers"), max_length=160, required=False)
    body = RichTextField(label=_("Text"), max_length=200_000, required=False)
    url = forms.CharField(
        label=_("Link to the text"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "placeholder": "https://"}),
        help_text=_("Instead of the text, when it lies on a page of your own."),
    )

    def __init__(self, data: Any = None, *, language: str, language_name: str, is_main: bool, **more: Any) -> None:
        self.language, self.language_name, self.is_main = language, language_name, is_main
        super().__init__(data, prefix=f"text-{language}", **more)
        self.fields["title"].required = is_main

    @property
    def says_something(self) -> bool:
        data = self.cleaned_data
        return bool(data.get("title") or data.get("url") or plain_text(data.get("body", "")).strip())

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if url and not is_safe_link(url):
            raise forms.ValidationError(_("Enter an address that begins with https://."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        if self.says_something:
            self._check_wording(data)
        return data

    def _check_wording(self, data: dict[str, Any]) -> None:
        has_text, has_link = bool(plain_text(data["body"]).strip()), bool(data["url"])
        if not data["title"]:
            self.add_error("title", _("Each text needs a title."))
        if has_text == has_link:
            self.add_error("body", _("Give either the text or a link to it."))


def text_forms(data: Any, version: TermsVersion | None, school_language: str) -> list[TextForm]:
    """A form for each language of the product, the school's own first, filled with what a version says."""
    known = {text.language: text for text in version.texts.all()} if version else {}
    ordered = sorted(languages(), key=lambda pair: pair[0] != school_language)
    return [
        TextForm(
            data,
            language=code,
            language_name=name,
            is_main=code == school_language,
            initial={part: getattr(known[code], part) for part in ("title", "body", "url")} if code in known else {},
        )
        for code, name in ordered
    ]


def typed_texts(forms_: list[TextForm]) -> tuple[DocumentTexts, ...]:
    """What valid forms say, language by language."""
    return tuple(DocumentTexts(language=form.language, **form.cleaned_data) for form in forms_ if form.says_something)
