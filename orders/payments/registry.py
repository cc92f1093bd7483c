"""The providers this installation knows."""

from orders.payments.protocol import Provider

_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Make a provider known; called in `OrdersConfig.ready()`."""
    _providers[provider.key] = provider


def provider_of(key: str) -> Provider:
    """The provider with this key. Raises LookupError."""
    return _providers[key]


def providers() -> tuple[Provider, ...]:
    """All of them, in the order of registration."""
    return tuple(_providers.values())
