"""What the buttons of the bank's page do."""

from collections.abc import Mapping

from orders.payments.test_bank.bank.books import FAILED, PAID, Books, Refusal, Session
from orders.payments.test_bank.bank.clockwork import Clockwork

_LATE_SECONDS, _REPEATS = 10.0, 5


def act(books: Books, clockwork: Clockwork, session: Session, typed: Mapping[str, str]) -> bool:
    """Do what was pressed; whether the buyer goes back to the shop then. Raises Refusal."""
    wanted = typed.get("do", "")
    if wanted == "pay":
        _pay(books, session, typed.get("sum", "right"))
        _tell(clockwork, session, f"payment.{PAID}", typed)
    elif wanted == "later":
        books.pay_later(session, _seconds(typed.get("seconds", "")))
        clockwork.watch(session)
    elif wanted == "decline":
        books.decline(session)
        _tell(clockwork, session, f"payment.{FAILED}", typed)
    elif wanted == "close":
        if books.close(session):
            _tell(clockwork, session, "payment.canceled", typed)
    elif wanted in {"repeat", "reverse"}:
        _again(books, clockwork, session, newest_only=wanted == "repeat")
    elif wanted != "leave":
        raise Refusal("unknown_button")
    return wanted not in {"repeat", "reverse"}


def _pay(books: Books, session: Session, kind: str) -> None:
    less = session.amount_minor - max(1, session.amount_minor // 10)
    other = "EUR" if session.currency != "EUR" else "USD"
    books.pay(
        session,
        amount_minor=max(1, less) if kind == "less" else session.amount_minor,
        currency=other if kind == "other" else session.currency,
    )


def _tell(clockwork: Clockwork, session: Session, kind: str, typed: Mapping[str, str]) -> None:
    how = typed.get("notices", "once")
    if how == "none":
        return
    notice = clockwork.tell(session, kind, in_seconds=_LATE_SECONDS if how == "late" else 0.0)
    if how == "twice":
        for _ in range(_REPEATS - 1):
            clockwork.tell_again(notice)
    elif how == "reverse":
        clockwork.tell(session, "payment.started", in_seconds=0.5)


def _again(books: Books, clockwork: Clockwork, session: Session, *, newest_only: bool) -> None:
    sent = [notice for notice in books.notices.values() if notice.session == session.id]
    for notice in reversed(sent[-1:] if newest_only else sent):
        clockwork.tell_again(notice)


def _seconds(text: str) -> float:
    return min(float(text), 86_400.0) if text.isdecimal() else 5.0
