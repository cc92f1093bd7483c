"""Verbs and questions of a school's connections to payment providers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from orders.models import PaymentConnection
from orders.payments.protocol import Account, Capabilities, Provider
from orders.payments.registry import provider_of
from orders.services import reconciling
from schools.journal import record_event
from schools.models import User
from schools.services.secrets import reveal_secrets, store_secret
from schools.tenancy.scope import current_school_id

_RIBBON_SECONDS = 300


class ConnectionRefused(DomainError):
    """The connection cannot be made or changed like this."""


@dataclass(frozen=True, kw_only=True)
class ConnectionTerms:
    """What the form says. A secret that is missing or empty stays as it is."""

    title: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


def current_connections() -> QuerySet[PaymentConnection]:
    """All that are not archived, in the order buyers see them."""
    return PaymentConnection.objects.filter(archived_at=None).order_by("position", "pk")


def connections_for(
    currency: str, total_minor: int, *, is_guest: bool, is_recurring: bool = False
) -> list[PaymentConnection]:
    """The ways in which this sum can be paid just now, best first. A guest is a buyer who has not signed in (K10)."""
    enabled = [connection for connection in current_connections().filter(is_enabled=True) if _is_known(connection)]
    return [
        connection
        for connection in enabled
        if _takes(provider_of(connection.provider).capabilities, currency, total_minor, is_guest, is_recurring)
    ]


def account_of(connection: PaymentConnection) -> Account:
    """Who the school is at the provider, its secrets opened; for the calls to the provider, never for a page.

    Raises vault.VaultError when a secret does not open.
    """
    names = secret_names(connection)
    opened = reveal_secrets(names.values())
    return Account(
        school_id=connection.school_id,
        token=connection.token,
        is_test=connection.is_test,
        options=connection.options,
        secrets={key: opened[name] for key, name in names.items() if name in opened},
    )


def origins_of(connections: Iterable[PaymentConnection]) -> list[str]:
    """Where forms that lead to these providers go, for the form-action of the pay page. Opens no secret."""
    found: set[str] = set()
    for each in connections:
        account = Account(
            school_id=each.school_id, token=each.token, is_test=each.is_test, options=each.options, secrets={}
        )
        found.update(provider_of(each.provider).origins(account))
    return sorted(found)


def secret_names(connection: PaymentConnection) -> dict[str, str]:
    """The names under which the connection's secrets are stored, by the name of their field."""
    fields = provider_of(connection.provider).settings_fields
    return {each.name: f"payments:{connection.token}:{each.name}" for each in fields if each.is_secret}


def takes_test_money() -> bool:
    """Whether buyers of the open scope's school can pay with test money; remembered for a few minutes."""
    key = _ribbon_key()
    answer: bool | None = cache.get(key)
    if answer is None:
        answer = current_connections().filter(is_enabled=True, is_test=True).exists()
        cache.set(key, answer, _RIBBON_SECONDS)
    return answer


@transaction.atomic
def connect(
    *,
    provider: str,
    title: str = "",
    options: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    actor: User | None,
) -> PaymentConnection:
    """Connect the open scope's school to a provider. Raises ConnectionRefused for values that are wrong."""
    kind = _offered(provider)
    terms = ConnectionTerms(title=title, options=options or {}, secrets=dict(kind.new_secrets()) | _typed(secrets))
    _refuse_wrong(kind, terms.options, terms.secrets)
    last = PaymentConnection.objects.aggregate(last=Max("position"))["last"]
    connection = PaymentConnection.objects.create(
        school_id=current_school_id(),
        provider=provider,
        title=terms.title,
        options=dict(terms.options),
        is_test=kind.is_test(terms.options, terms.secrets),
        position=0 if last is None else last + 1,
    )
    _store(connection, terms.secrets, actor)
    if kind.capabilities.online:
        reconciling.begin(connection)
    record_event("connection.added", subject=connection, actor=actor, data={"provider": provider})
    _forget_ribbon()
    return connection


@transaction.atomic
def change_connection(
    *, connection: PaymentConnection, terms: ConnectionTerms, actor: User | None
) -> PaymentConnection:
    """Write new settings; secrets that are not given stay. Raises ConnectionRefused."""
    locked = _locked(connection)
    kind, fresh = provider_of(locked.provider), _typed(terms.secrets)
    known = {**account_of(locked).secrets, **fresh}
    _refuse_wrong(kind, terms.options, known)
    locked.title, locked.options = terms.title, dict(terms.options)
    locked.is_test = kind.is_test(terms.options, known)
    locked.save(update_fields=["title", "options", "is_test"])
    _store(locked, fresh, actor)
    record_event("connection.changed", subject=locked, actor=actor, data={"provider": locked.provider})
    _forget_ribbon()
    return locked


@transaction.atomic
def enable_connection(*, connection: PaymentConnection, actor: User | None) -> PaymentConnection:
    """Offer it to buyers."""
    return _switch(connection, "connection.enabled", actor, is_enabled=True)


@transaction.atomic
def disable_connection(*, connection: PaymentConnection, actor: User | None) -> PaymentConnection:
    """Offer it to nobody; what is open goes on and is still reconciled."""
    return _switch(connection, "connection.disabled", actor, is_enabled=False)


@transaction.atomic
def raise_connection(*, connection: PaymentConnection, actor: User | None) -> PaymentConnection:
    """Show it to buyers one place earlier."""
    rows = list(current_connections().select_for_update(of=("self",)))
    place = next((place for place, row in enumerate(rows) if row.pk == connection.pk), 0)
    if place:
        rows[place - 1], rows[place] = rows[place], rows[place - 1]
        for position, row in enumerate(rows):
            row.position = position
        PaymentConnection.objects.bulk_update(rows, ["position"])
        record_event("connection.moved", subject=connection, actor=actor, data={"provider": connection.provider})
    return connection


@transaction.atomic
def archive(*, connection: PaymentConnection, actor: User | None) -> PaymentConnection:
    """Put it away for good: no buyer pays through it any more; notices about what was paid are still heard."""
    locked = _locked(connection)
    if locked.archived_at is None:
        locked.archived_at, locked.is_enabled = clock.now(), False
        locked.save(update_fields=["archived_at", "is_enabled"])
        record_event("connection.archived", subject=locked, actor=actor, data={"provider": locked.provider})
        _forget_ribbon()
    return locked


def _switch(connection: PaymentConnection, event: str, actor: User | None, **values: bool) -> PaymentConnection:
    locked = _locked(connection)
    if locked.archived_at:
        raise ConnectionRefused(_("This connection is archived. Add a new one."))
    for name, value in values.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(values))
    record_event(event, subject=locked, actor=actor, data={"provider": locked.provider})
    _forget_ribbon()
    return locked


def _locked(connection: PaymentConnection) -> PaymentConnection:
    return PaymentConnection.objects.select_for_update(of=("self",)).get(pk=connection.pk)


def _store(connection: PaymentConnection, values: Mapping[str, str], actor: User | None) -> None:
    names = secret_names(connection)
    for key, value in values.items():
        store_secret(name=names[key], value=value, actor=actor)


def _typed(secrets: Mapping[str, str] | None) -> dict[str, str]:
    return {key: value.strip() for key, value in (secrets or {}).items() if value.strip()}


def _refuse_wrong(kind: Provider, options: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    given = {**options, **secrets}
    for each in kind.settings_fields:
        if each.is_required and not each.choices and not given.get(each.name):
            raise ConnectionRefused(_("Fill in “%(field)s”.") % {"field": each.label})
    if problem := kind.problem_with(options, secrets):
        raise ConnectionRefused(problem)


def _offered(key: str) -> Provider:
    try:
        kind = provider_of(key)
    except LookupError as error:
        raise ConnectionRefused(_("This store does not know this provider.")) from error
    if not kind.is_available():
        raise ConnectionRefused(_("This provider cannot be connected here."))
    return kind


def _is_known(connection: PaymentConnection) -> bool:
    try:
        return provider_of(connection.provider).is_available()
    except LookupError:
        return False


def _takes(able: Capabilities, currency: str, total_minor: int, is_guest: bool, is_recurring: bool) -> bool:
    return (
        (able.guest or not is_guest)
        and (able.recurring or not is_recurring)
        and (able.currencies is None or currency in able.currencies)
        and total_minor >= able.minimum_minor.get(currency, 1)
    )


def _ribbon_key() -> str:
    return f"s:{current_school_id()}:test-money"


def _forget_ribbon() -> None:
    key = _ribbon_key()
    transaction.on_commit(lambda: cache.delete(key), robust=True)
