"""The bank's interface for shops: JSON, a key for each account, and knobs that make it slow or have it fail."""

import threading
import time
from dataclasses import asdict, dataclass
from typing import Any

from orders.payments.test_bank.bank.books import Books, Refusal, Session
from orders.payments.test_bank.bank.clockwork import Clockwork
from orders.payments.test_bank.signing import form_signature

_SHOWN = (
    "id",
    "reference",
    "status",
    "amount_minor",
    "currency",
    "paid_minor",
    "paid_currency",
    "failure",
    "ends_at",
)


@dataclass
class Knobs:
    """How the interface behaves for one account: seconds each call takes, and how many of the next ones fail."""

    slow_seconds: float = 0.0
    failures: int = 0
    status: int = 503


class Interface:
    """Every call: method, path without `/api/`, query, the key, and what was sent. Raises Refusal."""

    def __init__(self, books: Books, clockwork: Clockwork, address: str) -> None:
        self._books, self._clockwork, self._address = books, clockwork, address
        self._knobs: dict[str, Knobs] = {}
        self._lock = threading.Lock()

    def call(self, method: str, path: str, query: dict[str, str], key: str, sent: Any) -> dict[str, Any]:
        """The answer, to be sent as JSON with 200."""
        account = self._books.account_of(key)
        if (method, path) == ("POST", "knobs"):
            return self._turn(account, _object(sent))
        self._misbehave(account)
        match [method, *path.split("/")]:
            case ["GET", "account"]:
                return {"account": account}
            case ["POST", "sessions"]:
                return self._open(account, _object(sent))
            case ["GET", "sessions"]:
                changed = self._books.changed_since(account, _number(query.get("since", "0")))
                return {"sessions": [self._shown(session) for session in changed]}
            case ["GET", "sessions", name]:
                return self._shown(self._books.session_of(account, name))
            case ["POST", "sessions", name, "close"]:
                return self._close(self._books.session_of(account, name))
            case ["POST", "sessions", name, "refunds"]:
                return self._refund(self._books.session_of(account, name), _object(sent))
        raise Refusal("unknown_call", 404)

    def _open(self, account: str, wanted: dict[str, Any]) -> dict[str, Any]:
        session = self._books.open_session(account, wanted)
        self._clockwork.watch(session)
        return self._shown(session)

    def _close(self, session: Session) -> dict[str, Any]:
        if self._books.close(session):
            self._clockwork.tell(session, "payment.canceled")
        return self._shown(session)

    def _refund(self, session: Session, wanted: dict[str, Any]) -> dict[str, Any]:
        if set(wanted) != {"reference", "amount_minor", "currency"} or type(wanted["amount_minor"]) is not int:
            raise Refusal("unknown_or_missing_field")
        refund, is_new = self._books.refund(session, **wanted)
        if is_new:
            self._clockwork.tell(session, "refund.succeeded")
        return asdict(refund)

    def _shown(self, session: Session) -> dict[str, Any]:
        by_form = session.entry == "form"
        secret = self._books.accounts[session.account]
        fields = {"session": session.id, "signature": form_signature(secret, session.id)} if by_form else {}
        return {name: getattr(session, name) for name in _SHOWN} | {
            "url": f"{self._address}/enter" if by_form else f"{self._address}/pay/{session.id}",
            "fields": fields,
            "refunds": [asdict(refund) for refund in session.refunds],
        }

    def _turn(self, account: str, wanted: dict[str, Any]) -> dict[str, Any]:
        try:
            knobs = Knobs(**wanted)
        except TypeError as error:
            raise Refusal("unknown_knob") from error
        with self._lock:
            self._knobs[account] = knobs
        return asdict(knobs)

    def _misbehave(self, account: str) -> None:
        with self._lock:
            knobs = self._knobs.get(account, Knobs())
            fails = knobs.failures > 0
            knobs.failures -= fails
        time.sleep(knobs.slow_seconds)
        if fails:
            raise Refusal("out_of_order", knobs.status)


def _object(sent: Any) -> dict[str, Any]:
    if not isinstance(sent, dict):
        raise Refusal("not_an_object")
    return sent


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Refusal("not_a_number") from error
