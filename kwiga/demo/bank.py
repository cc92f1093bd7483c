"""The Test bank's side of the demo's past: without it, money of last month could not be given back."""

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from orders.models import Payment, PaymentConnection, Refund
from orders.payments.test_bank.bank.books import FAILED, PAID, Books, Session
from orders.payments.test_bank.bank.books import Refund as BankRefund
from orders.payments.test_bank.bank.ledger import Entry, Ledger
from orders.services.connections import account_of
from schools.sites import site_url


def tell_bank(card: PaymentConnection) -> int:
    """Write what was paid and given back into the ledger that TEST_BANK_LEDGER names; how many payments.

    The bank reads its ledger when it starts. Without the variable there is no ledger on this machine to write to.
    """
    folder = os.environ.get("TEST_BANK_LEDGER")
    if not folder or card.provider != "test_bank":
        return 0
    account = Books(Path(folder)).account_of(account_of(card).secrets["api_key"])
    ledger = Ledger(Path(folder))
    payments = Payment.objects.filter(connection=card).exclude(provider_ref="").select_related("order")
    told = list(payments.prefetch_related("refunds", "order__lines").order_by("created_at", "id"))
    home = site_url(card.school, "store")
    for payment in told:
        for entry in _entries(payment, account, home):
            ledger.write(entry)
    ledger.close()
    return len(told)


def _entries(payment: Payment, account: str, home: str) -> Iterator[Entry]:
    opened = payment.created_at.timestamp()
    session = Session(
        id=payment.provider_ref,
        account=account,
        reference=payment.token,
        order_number=payment.order.number,
        title=", ".join(line.title for line in payment.order.lines.all()),
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        language=payment.order.language,
        return_url=home,
        notice_url=home,
        ends_at=None,
        entry="link",
        return_by="get",
        created_at=opened,
        moved_at=opened,
    )
    yield {"do": "session", "session": asdict(session)}
    move = {"do": "move", "session": session.id, "at": opened + 120}
    if payment.state in Payment.CAPTURED:
        yield move | {"status": PAID, "paid_minor": payment.amount_minor, "paid_currency": payment.currency}
        for refund in payment.refunds.all():
            yield _refund(session, refund)
    else:
        yield move | {"status": FAILED, "failure": payment.failure}


def _refund(session: Session, refund: Refund) -> Entry:
    given = BankRefund(id=refund.provider_ref, reference=str(refund.pk), amount_minor=refund.amount_minor)
    at = refund.processed_at or refund.created_at
    return {"do": "refund", "session": session.id, "refund": asdict(given), "at": at.timestamp()}
