"""The forms of steps: each reads one kind's settings and writes them back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings as django_settings
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from automations.forms import choices
from automations.forms.parts import PartForm, Settings, choice, number
from automations.forms.words import WordsForm
from automations.models import Step
from automations.webhooks.checks import address_problems, body_problems, header_problems
from contacts.models import Tag

MAIL, TELEGRAM = "mail", "telegram"
FOREVER, DAYS = "forever", "days"


class WaitForm(PartForm):
    days = number(_("Days"), least=0, most=365, required=False)
    hours = number(_("Hours"), least=0, most=24 * 30, required=False)
    minutes = number(_("Minutes"), least=0, most=24 * 60, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for each in self.fields.values():
            each.depends = True  # type: ignore[attr-defined]

    def clean(self) -> Settings:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            self.add_error("days", _("Enter how long to wait."))
        return data

    def settings(self) -> Settings:
        return {name: self.cleaned_data[name] or 0 for name in ("days", "hours", "minutes")}


class ListAddForm(PartForm):
    list = choice(_("List"), choices.one_list)


class TagForm(PartForm):
    tag = forms.CharField(
        label=_("Tag"),
        max_length=Tag._meta.get_field("name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "tags"}),
        help_text=_("A new tag is made when it is first put on somebody."),
    )

    @property
    def tags(self) -> list[str]:
        """Names for suggestions."""
        return choices.tag_names()

    def clean_tag(self) -> str:
        return " ".join(self.cleaned_data["tag"].split())


class AccessForm(PartForm):
    course = choice(_("Course"), choices.one_course)
    lasts = forms.ChoiceField(
        label=_("For how long"),
        choices=[(FOREVER, _("Without an end")), (DAYS, _("For a number of days"))],
        widget=forms.RadioSelect,
    )
    days = number(_("Days"), least=1, most=3650, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["days"].depends = True  # type: ignore[attr-defined]

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        return settings | {"lasts": DAYS if settings.get("days") else FOREVER}

    def clean(self) -> Settings:
        data = super().clean() or {}
        if data.get("lasts") == DAYS and not data.get("days") and "days" not in self.errors:
            self.add_error("days", _("Enter for how many days."))
        return data

    def settings(self) -> Settings:
        data = self.cleaned_data
        return {"course": data["course"], "days": data["days"] if data["lasts"] == DAYS else None}


@dataclass(frozen=True)
class Text:
    """The mail in one language, as fields; `is_open` when there is something to see or to fix."""

    code: str
    name: str
    subject: BoundField
    body: BoundField
    is_open: bool


class MailForm(WordsForm):
    """Subject and text in the languages of the product; the school's own language has to be there."""

    worded: tuple[str, ...] = ()

    is_news = forms.BooleanField(
        label=_("News: goes only to people who may be written to, within the send limits"),
        required=False,
        help_text=_("Leave it off only for a notice about something the person ordered."),
    )

    def __init__(self, data: Any = None, *, language: str, settings: Settings | None = None, **more: Any) -> None:
        self.codes = sorted(dict(django_settings.LANGUAGES), key=lambda code: code != language)
        self.base_fields = dict(self.base_fields)  # type: ignore[misc]
        for code in self.codes:
            is_own = code == language
            self.base_fields[f"subject_{code}"] = forms.CharField(
                label=_("Subject"),
                max_length=200,
                required=is_own,
                empty_value="",
                widget=forms.TextInput(attrs={"lang": code}),
            )
            self.base_fields[f"body_{code}"] = forms.CharField(
                label=_("Text"),
                max_length=20_000,
                required=is_own,
                widget=forms.Textarea(attrs={"lang": code, "rows": 8}),
            )
        self.worded = tuple(name for name in self.base_fields if name != "is_news")
        super().__init__(data, settings=settings, **more)
        for name in self.worded:
            self.fields[name].depends = True  # type: ignore[attr-defined]

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        shown: Settings = {"is_news": settings.get("is_news", True)}
        for code, text in (settings.get("texts") or {}).items():
            shown |= {f"subject_{code}": text.get("subject", ""), f"body_{code}": text.get("body", "")}
        return shown

    def clean(self) -> Settings:
        data = super().clean() or {}
        for code in self.codes[1:]:
            subject, body = data.get(f"subject_{code}", ""), data.get(f"body_{code}", "")
            if bool(subject.strip()) != bool(body.strip()):
                missing = "body" if subject.strip() else "subject"
                self.add_error(f"{missing}_{code}", _("Write subject and text, or leave both empty."))
        return self.cleaned_data

    @property
    def texts(self) -> Iterator[Text]:
        """The fields, language by language."""
        names = dict(django_settings.LANGUAGES)
        for at, code in enumerate(self.codes):
            subject, body = self[f"subject_{code}"], self[f"body_{code}"]
            is_open = at == 0 or bool(subject.errors or body.errors)
            yield Text(code, str(names[code]), subject, body, is_open)

    def settings(self) -> Settings:
        data = self.cleaned_data
        texts = {}
        for code in self.codes:
            subject, body = data[f"subject_{code}"].strip(), data[f"body_{code}"].replace("\r\n", "\n").strip()
            if body:
                texts[code] = {"subject": subject, "body": body}
        return {"texts": texts, "is_news": data["is_news"]}


class NotifyForm(WordsForm):
    worded = ("text",)

    by = forms.ChoiceField(
        label=_("How"),
        choices=[(MAIL, _("By mail to the team")), (TELEGRAM, _("In a Telegram channel"))],
        widget=forms.RadioSelect,
        initial=MAIL,
    )
    channel = choice(_("Channel"), choices.one_channel, required=False)
    text = forms.CharField(label=_("Text"), max_length=2_000, widget=forms.Textarea(attrs={"rows": 4}))

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        return {"by": MAIL} | settings

    def clean(self) -> Settings:
        data = super().clean() or {}
        if data.get("by") == TELEGRAM and not data.get("channel"):
            self.add_error("channel", _("Choose a channel. Channels are connected in the settings."))
        return self.cleaned_data

    def settings(self) -> Settings:
        data = self.cleaned_data
        return {"by": data["by"], "channel": data["channel"] if data["by"] == TELEGRAM else "", "text": data["text"]}


class WebhookForm(WordsForm):
    worded = ("url", "headers", "body")

    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("It begins with https:// and is called with POST, signed by the school's secret."),
    )
    headers = forms.CharField(
        label=_("Headers"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "code", "spellcheck": "false"}),
        help_text=_("One on each line: name, colon, value."),
    )
    body = forms.CharField(
        label=_("Body"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "class": "code", "spellcheck": "false"}),
        help_text=_("JSON. Words are filled in so that it stays valid. Empty: contact and event in our own form."),
    )

    @classmethod
    def shown(cls, settings: Settings) -> Settings:
        lines = [f"{name}: {value}" for name, value in settings.get("headers", [])]
        return settings | {"headers": "\n".join(lines)}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if problems := list(address_problems(url)):
            raise forms.ValidationError(problems)
        return url

    def clean_headers(self) -> str:
        for line in self.cleaned_data["headers"].splitlines():
            name, colon, _value = line.partition(":")
            if line.strip() and not (colon and name.strip() and name.strip().replace("-", "").isalnum()):
                raise forms.ValidationError(_("“%(line)s” is no header.") % {"line": line.strip()})
        text: str = self.cleaned_data["headers"]
        if problems := list(header_problems(_pairs(text))):
            raise forms.ValidationError(problems)
        return text

    def clean_body(self) -> str:
        body: str = self.cleaned_data["body"].strip()
        if problems := list(body_problems(body)):
            raise forms.ValidationError(problems)
        return body

    def settings(self) -> Settings:
        headers = _pairs(self.cleaned_data["headers"])
        return {"url": self.cleaned_data["url"], "headers": headers, "body": self.cleaned_data["body"]}


def _pairs(text: str) -> list[list[str]]:
    lines = [line.partition(":") for line in text.splitlines() if line.strip()]
    return [[name.strip(), value.strip()] for name, _colon, value in lines]


SIMPLE: dict[str, type[PartForm]] = {
    Step.Kind.WAIT: WaitForm,
    Step.Kind.LIST_ADD: ListAddForm,
    Step.Kind.LIST_REMOVE: ListAddForm,
    Step.Kind.TAG: TagForm,
    Step.Kind.UNTAG: TagForm,
    Step.Kind.ACCESS: AccessForm,
    Step.Kind.STOP: PartForm,
}
