"""Settings > Payments: how a school's buyers can pay."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kwiga.errors import DomainError
from kwiga.vault import VaultError
from orders.models import PaymentConnection
from orders.payments.forms import ConnectionForm
from orders.payments.protocol import Account, Provider, ProviderDown, ProviderError
from orders.payments.registry import label_of, provider_of, providers
from orders.services import connections
from orders.services.sessions import notice_url
from schools.access import asks_again, manages_scopes, requires
from schools.models import Secret
from schools.roles import Right
from schools.tenancy.scope import school_scope


@requires(Right.MANAGE_PAYMENTS)
@require_safe
def connection_list(request: Any) -> HttpResponse:
    """The ways to pay in the order buyers see them, and what else can be connected."""
    rows = [(row, label_of(row.provider)) for row in connections.current_connections()]
    offered = [provider for provider in providers() if provider.is_available()]
    return render(request, "payments/connections.html", {"rows": rows, "providers": offered})


@requires(Right.MANAGE_PAYMENTS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def connection_new(request: Any) -> HttpResponse:
    """Add the way to pay that `?provider=` names."""
    kind = next((each for each in providers() if each.key == request.GET.get("provider")), None)
    if kind is None or not kind.is_available():
        return redirect("payments:list", request.school.slug)
    form = ConnectionForm(request.POST or None, provider=kind)
    if request.method == "POST" and form.is_valid():
        terms = form.terms()
        try:
            made = connections.connect(
                provider=kind.key, title=terms.title, options=terms.options, secrets=terms.secrets, actor=request.user
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("%(provider)s is connected.") % {"provider": kind.label})
            return redirect("payments:connection", request.school.slug, made.token)
    return render(request, "payments/connection_form.html", {"form": form, "provider": kind})


@requires(Right.MANAGE_PAYMENTS)
@asks_again
@require_http_methods(["GET", "HEAD", "POST"])
def connection_page(request: Any, token: str) -> HttpResponse:
    """One way to pay: its settings, its webhook address, and what can be done with it."""
    connection = _connection(token)
    kind = provider_of(connection.provider)
    form = _form_of(connection, kind, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            connections.change_connection(connection=connection, terms=form.terms(), actor=request.user)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("payments:connection", request.school.slug, token)
    context = {"form": form, "provider": kind, "connection": connection}
    if kind.capabilities.online:
        context["notice_url"] = notice_url(request.school, connection)
    return render(request, "payments/connection_form.html", context)


@requires(Right.MANAGE_PAYMENTS)
@manages_scopes
@require_POST
def connection_trial(request: Any, token: str) -> HttpResponse:
    """Try the keys at the provider, between two scopes."""
    kind, account = _trial_of(request, token)
    try:
        messages.success(request, kind.check(account))
    except ProviderDown:
        messages.error(request, _("%(provider)s does not answer. Try again later.") % {"provider": kind.label})
    except ProviderError as error:
        words = {"provider": kind.label, "answer": str(error)}
        messages.error(request, _("%(provider)s refuses: %(answer)s. Look at the keys.") % words)
    return redirect("payments:connection", request.school.slug, token)


def _trial_of(request: Any, token: str) -> tuple[Provider, Account]:
    with school_scope(request.school):
        connection = _connection(token)
        try:
            return provider_of(connection.provider), connections.account_of(connection)
        except VaultError as error:
            raise Http404 from error


def _move(verb: Callable[..., PaymentConnection], done: Any) -> Callable[..., Any]:
    """A view that does one thing with a connection and goes back."""

    @requires(Right.MANAGE_PAYMENTS)
    @require_POST
    def view(request: Any, token: str) -> HttpResponse:
        try:
            verb(connection=_connection(token), actor=request.user)
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
        return redirect("payments:list", request.school.slug)

    return view


connection_enable = _move(connections.enable_connection, _("Buyers can pay this way now."))
connection_disable = _move(connections.disable_connection, _("Buyers do not see it any more."))
connection_raise = _move(connections.raise_connection, _("The order is changed."))
connection_archive = _move(connections.archive, _("It is archived."))


def _form_of(connection: PaymentConnection, kind: Provider, data: Any) -> ConnectionForm:
    names = connections.secret_names(connection)
    endings = dict(Secret.objects.filter(name__in=names.values()).values_list("name", "last_four"))
    stored = {key: endings[name] for key, name in names.items() if name in endings}
    initial = {"title": connection.title, **connection.options}
    return ConnectionForm(data, provider=kind, endings=stored, initial=initial)


def _connection(token: str) -> PaymentConnection:
    connection = PaymentConnection.objects.filter(token=token, archived_at=None).first()
    if connection is None:
        raise Http404
    return connection
