"""The forms of incoming hooks and Telegram channels."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from automations.incoming.hooks import HookFacts
from automations.telegram.channels import ChannelFacts
from automations.telegram.events import EVENTS
from contacts.models import ContactList

_BOT_TOKEN = re.compile(r"[0-9]{5,20}:[A-Za-z0-9_-]{30,80}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,40}")


class HookForm(forms.Form):
    """What the hook is called, and where the people go that it tells about."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For the team: who calls this address."))
    contact_list: "forms.ModelChoiceField[ContactList]" = forms.ModelChoiceField(
        label=_("Add the contacts to a list"),
        queryset=None,
        required=False,
        empty_label=_("No list"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = ContactList.objects.filter(conditions__isnull=True, archived_at=None).order_by("name")
        self.fields["contact_list"].queryset = lists  # type: ignore[attr-defined]

    def facts(self) -> HookFacts:
        """What was typed, as the services take it."""
        return HookFacts(name=self.cleaned_data["name"], contact_list=self.cleaned_data["contact_list"])


class ChannelForm(forms.Form):
    """A chat and its bot. What is stored of the bot's token is never shown again."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("For the team."))
    bot_token = forms.CharField(
        label=_("Token of the bot"),
        max_length=120,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("BotFather in Telegram gives it to whoever makes a bot."),
    )
    chat_id = forms.CharField(
        label=_("Chat or channel"),
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("A number such as -1001234567890, or @name of a public channel. The bot has to be its admin."),
    )
    events = forms.MultipleChoiceField(
        label=_("Told without any automation"),
        choices=list(EVENTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    names_people = forms.BooleanField(
        label=_("Messages name the buyer"),
        required=False,
        help_text=_("Telegram keeps what it is sent. Without it a message says what was sold, and links to it."),
    )
    is_on = forms.BooleanField(label=_("Messages are sent"), required=False, initial=True)

    def __init__(self, *args: Any, ending: str | None = None, **kwargs: Any) -> None:
        """`ending` is the end of the stored token, None when none is stored yet."""
        super().__init__(*args, **kwargs)
        if ending is not None:
            self.fields["bot_token"].required = False
            help_text = gettext("Stored, ends with %(ending)s. Leave it empty to keep it.")
            self.fields["bot_token"].help_text = help_text % {"ending": ending or "…"}

    def clean_bot_token(self) -> str:
        typed: str = self.cleaned_data["bot_token"].strip()
        if typed and not _BOT_TOKEN.fullmatch(typed):
            raise forms.ValidationError(_("This is no token of a bot: it has a number, a colon and letters."))
        return typed

    def clean_chat_id(self) -> str:
        typed: str = self.cleaned_data["chat_id"].strip()
        if not _CHAT.fullmatch(typed):
            raise forms.ValidationError(_("Write the number of the chat, or the @name of the channel."))
        return typed

    def facts(self) -> ChannelFacts:
        """What was typed, as the services take it."""
        return ChannelFacts(**self.cleaned_data)
