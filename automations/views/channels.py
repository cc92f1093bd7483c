"""Telegram channels: their pages, and the test button."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from automations.forms.connections import ChannelForm
from automations.models import TelegramChannel
from automations.telegram import channels
from automations.telegram.client import ChatGone
from automations.telegram.sending import secret_name
from kwiga.errors import DomainError
from kwiga.vault import VaultError
from schools.access import asks_again, manages_scopes, requires
from schools.models import Secret
from schools.roles import Right
from schools.tenancy.scope import school_scope


@requires(Right.MANAGE_CONNECTIONS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def channel_new(request: Any) -> HttpResponse:
    """Connect a chat."""
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            channel = channels.add_channel(facts=form.facts(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The channel is connected. Try it with a test message."))
            return redirect("connections:channel", request.school.slug, channel.token)
    return render(request, "automations/connections/channel.html", {"form": form})


@requires(Right.MANAGE_CONNECTIONS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def channel_page(request: Any, token: str) -> HttpResponse:
    """One chat: its settings, what is told there, and whether it works."""
    channel = _channel(token)
    form = _form_of(channel, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        channels.change_channel(channel=channel, facts=form.facts(), actor=request.user)
        messages.success(request, _("Saved."))
        return redirect("connections:channel", request.school.slug, token)
    return render(request, "automations/connections/channel.html", {"form": form, "channel": channel})


@requires(Right.MANAGE_CONNECTIONS)
@manages_scopes
@require_POST
def channel_trial(request: Any, token: str) -> HttpResponse:
    """Post a message to the chat now, between two scopes."""
    try:
        messages.success(request, _post(request, token))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("connections:channel", request.school.slug, token)


@requires(Right.MANAGE_CONNECTIONS)
@require_POST
def channel_remove(request: Any, token: str) -> HttpResponse:
    channels.remove_channel(channel=_channel(token), actor=request.user)
    messages.success(request, _("The channel is removed, and the token of its bot forgotten."))
    return redirect("connections:list", request.school.slug)


def _post(request: Any, token: str) -> Any:
    with school_scope(request.school):
        channel = _channel(token)
        try:
            trial = channels.trial_of(channel, request.school.name)
        except VaultError as error:
            raise Http404 from error
    failure: ChatGone | None = None
    try:
        channels.post_trial(trial)
    except ChatGone as gone:
        failure = gone
    with school_scope(request.school):
        channels.note_trial(channel=channel, failure=failure)
    if failure:
        raise channels.ChannelRefused(_("Telegram refuses: %(answer)s") % {"answer": failure})
    return _("The message is out. Look into the chat.")


def _form_of(channel: TelegramChannel, data: Any) -> ChannelForm:
    stored = Secret.objects.filter(name=secret_name(channel)).first()
    initial = {name: getattr(channel, name) for name in ("name", "chat_id", "events", "names_people", "is_on")}
    return ChannelForm(data, initial=initial, ending=stored.last_four if stored else None)


def _channel(token: str) -> TelegramChannel:
    channel = TelegramChannel.objects.filter(token=token).first()
    if channel is None:
        raise Http404
    return channel
