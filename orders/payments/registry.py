"""The providers this installation knows."""

from django.utils.functional import Promise

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


def label_of(key: str) -> str | Promise:
    """What staff read for a provider's key; the key itself when this installation does not know it."""
    return _providers[key].label if key in _providers else key


def register_own() -> None:
    """Register the providers that come with the product."""
    from orders.payments.bank_transfer.provider import BankTransfer
    from orders.payments.records.provider import Free, Outside
    from orders.payments.stripe.provider import Stripe
    from orders.payments.test_bank.provider import TestBank

    for provider in (Stripe(), BankTransfer(), TestBank(), Free(), Outside()):
        register(provider)
