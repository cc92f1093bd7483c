"""Providers without a page and without an interface: a person says that the money is there."""

from collections.abc import Mapping
from typing import NoReturn

from django.utils.translation import gettext_lazy as _

from orders.payments.protocol import (
    Account,
    Forged,
    Notice,
    NotPossible,
    PaymentState,
    Provider,
    RefundState,
    Session,
    SessionRequest,
)


class OfflineProvider(Provider):
    """Nothing is asked over the network: there are no sessions, no notices, and refunds are made by hand."""

    def origins(self, account: Account) -> tuple[str, ...]:
        """No page of anybody else."""
        return ()

    def open_session(self, account: Account, request: SessionRequest) -> Session:
        """Always refused."""
        _refuse()

    def read_state(self, account: Account, provider_ref: str) -> PaymentState:
        """Always refused."""
        _refuse()

    def close_session(self, account: Account, provider_ref: str) -> PaymentState:
        """Always refused."""
        _refuse()

    def refund(
        self, account: Account, provider_ref: str, *, reference: str, amount_minor: int, currency: str
    ) -> RefundState:
        """Always refused: the money goes back the way it came."""
        _refuse()

    def read_notice(self, account: Account, headers: Mapping[str, str], body: bytes) -> Notice:
        """Nobody can speak for it."""
        raise Forged(self.key)

    def check(self, account: Account) -> str:
        """There is nothing to try."""
        return str(_("Nothing has to be tried: buyers see the details, and you confirm the money."))


def _refuse() -> NoReturn:
    raise NotPossible(_("This way of paying has no page and no interface: it is handled by people."))
