"""What the bank knows: accounts, payment sessions, refunds, notices. Each move is written down, then counted."""

import re
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from orders.payments.test_bank.bank.ledger import Entry, Ledger
from orders.payments.test_bank.signing import notice_secret

KEY = re.compile(r"tb_[A-Za-z0-9]{24,64}")
OPEN, PENDING, PAID, FAILED, CANCELED = "open", "pending", "paid", "failed", "canceled"


class Refusal(Exception):
    """What was asked for cannot be done; `code` says why, `status` is HTTP's."""

    def __init__(self, code: str, status: int = 400) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass
class Refund:
    """Money given back, at once."""

    id: str
    reference: str
    amount_minor: int
    status: str = "succeeded"


@dataclass
class Session:
    """One payment to be taken. What was paid may differ from what was asked for: testers can have it so."""

    id: str
    account: str
    reference: str
    order_number: str
    title: str
    amount_minor: int
    currency: str
    language: str
    return_url: str
    notice_url: str
    ends_at: float | None
    entry: str
    return_by: str
    created_at: float
    status: str = OPEN
    failure: str = ""
    paid_minor: int | None = None
    paid_currency: str = ""
    due_at: float | None = None  # when a payment that takes its time is done
    moved_at: float = 0.0
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds)


@dataclass
class Notice:
    """Something to be told to the shop, until it says 2xx."""

    id: str
    session: str
    kind: str
    due_at: float
    attempts: int = 0
    acked: bool = False


WANTED = {
    "reference",
    "order_number",
    "title",
    "amount_minor",
    "currency",
    "language",
    "return_url",
    "notice_url",
    "ends_at",
    "entry",
    "return_by",
}


class Books:
    """All of it, under one lock."""

    def __init__(self, folder: Path) -> None:
        self.lock = threading.RLock()
        self.accounts: dict[str, str] = {}  # account -> what its notices are signed with
        self.sessions: dict[str, Session] = {}
        self.notices: dict[str, Notice] = {}
        self._by_reference: dict[tuple[str, str], str] = {}
        self._ledger = Ledger(folder)
        self._ledger.replay(self._count)

    def account_of(self, key: str) -> str:
        """The account of a key; it is opened when it is first used. The key itself is kept nowhere."""
        if not KEY.fullmatch(key):
            raise Refusal("unknown_key", 401)
        account = sha256(key.encode()).hexdigest()[:16]
        with self.lock:
            if account not in self.accounts:
                self._write({"do": "account", "account": account, "secret": notice_secret(key)})
        return account

    def open_session(self, account: str, wanted: dict[str, Any]) -> Session:
        """A session, or the one that was opened with the same reference. Nothing about the buyer is taken."""
        _check(wanted)
        with self.lock:
            known = self._by_reference.get((account, wanted["reference"]))
            if known:
                session = self.sessions[known]
                if any(getattr(session, name) != wanted[name] for name in ("amount_minor", "currency", "return_url")):
                    raise Refusal("reference_used_otherwise", 409)
                return session
            name = f"ts_{secrets.token_urlsafe(16)}"
            session = Session(id=name, account=account, created_at=time.time(), moved_at=time.time(), **wanted)
            self._write({"do": "session", "session": asdict(session)})
            return self.sessions[name]

    def session_of(self, account: str, name: str) -> Session:
        """A session of this account and no other."""
        session = self.sessions.get(name)
        if session is None or session.account != account:
            raise Refusal("unknown_session", 404)
        return session

    def changed_since(self, account: str, since: float) -> list[Session]:
        """This account's sessions that moved, oldest first."""
        with self.lock:
            moved = [each for each in self.sessions.values() if each.account == account and each.moved_at >= since]
        return sorted(moved, key=lambda each: each.moved_at)

    def pay(self, session: Session, *, amount_minor: int, currency: str) -> None:
        """The money is there."""
        with self.lock:
            if session.status not in {OPEN, PENDING}:
                raise Refusal("not_open", 409)
            self._move(session, PAID, paid_minor=amount_minor, paid_currency=currency)

    def pay_later(self, session: Session, seconds: float) -> None:
        """The buyer is done; the money comes after that many seconds."""
        with self.lock:
            self._must_be_open(session)
            self._move(session, PENDING, due_at=time.time() + seconds)

    def decline(self, session: Session) -> None:
        """The card is refused; this attempt is over."""
        with self.lock:
            self._must_be_open(session)
            self._move(session, FAILED, failure="card_declined")

    def close(self, session: Session) -> bool:
        """End an open one; whether it was. What is on its way or over stays as it is."""
        with self.lock:
            if session.status != OPEN:
                return False
            self._move(session, CANCELED)
            return True

    def refund(self, session: Session, *, reference: str, amount_minor: int, currency: str) -> tuple[Refund, bool]:
        """Give money back; the same reference again gives the same refund. The second value says whether it is new."""
        with self.lock:
            known = next((each for each in session.refunds if each.reference == reference), None)
            if known:
                if known.amount_minor != amount_minor:
                    raise Refusal("reference_used_otherwise", 409)
                return known, False
            if session.status != PAID or session.paid_minor is None:
                raise Refusal("not_paid", 409)
            if currency != session.paid_currency:
                raise Refusal("other_currency")
            if not 0 < amount_minor <= session.paid_minor - session.refunded_minor:
                raise Refusal("too_much")
            refund = Refund(id=f"tr_{secrets.token_hex(8)}", reference=reference, amount_minor=amount_minor)
            self._write({"do": "refund", "session": session.id, "refund": asdict(refund), "at": time.time()})
            return session.refunds[-1], True

    def add_notice(self, session: Session, kind: str, *, in_seconds: float = 0.0) -> Notice:
        """Put something to be told into the ledger."""
        with self.lock:
            notice = Notice(f"te_{secrets.token_hex(8)}", session.id, kind, time.time() + in_seconds)
            self._write({"do": "notice", "notice": asdict(notice)})
            return self.notices[notice.id]

    def count_attempt(self, notice: Notice, status: int, again_at: float) -> None:
        """What the shop answered (0: nothing), and when to try again if it was no 2xx."""
        with self.lock:
            self._write({"do": "told", "notice": notice.id, "status": status, "again_at": again_at})

    def _must_be_open(self, session: Session) -> None:
        if session.status != OPEN:
            raise Refusal("not_open", 409)

    def _move(self, session: Session, status: str, **facts: Any) -> None:
        self._write({"do": "move", "session": session.id, "status": status, "at": time.time(), **facts})

    def _write(self, entry: Entry) -> None:
        self._ledger.write(entry)
        self._count(entry)

    def _count(self, entry: Entry) -> None:
        getattr(self, f"_count_{entry['do']}")(entry)

    def _count_account(self, entry: Entry) -> None:
        self.accounts[entry["account"]] = entry["secret"]

    def _count_session(self, entry: Entry) -> None:
        session = Session(**entry["session"])
        self.sessions[session.id] = session
        self._by_reference[session.account, session.reference] = session.id

    def _count_move(self, entry: Entry) -> None:
        session = self.sessions[entry["session"]]
        session.status, session.moved_at = entry["status"], entry["at"]
        for name in ("failure", "paid_minor", "paid_currency", "due_at"):
            if name in entry:
                setattr(session, name, entry[name])

    def _count_refund(self, entry: Entry) -> None:
        session = self.sessions[entry["session"]]
        session.refunds.append(Refund(**entry["refund"]))
        session.moved_at = entry["at"]

    def _count_notice(self, entry: Entry) -> None:
        self.notices[entry["notice"]["id"]] = Notice(**entry["notice"])

    def _count_told(self, entry: Entry) -> None:
        notice = self.notices[entry["notice"]]
        notice.attempts += 1
        notice.acked = notice.acked or 200 <= entry["status"] < 300
        notice.due_at = entry["again_at"]


def _check(wanted: dict[str, Any]) -> None:
    """Exactly the fields there are: what a buyer is called or where to write is no business of a test."""
    if set(wanted) != WANTED:
        raise Refusal("unknown_or_missing_field")
    texts = [wanted[name] for name in WANTED - {"amount_minor", "ends_at"}]
    if not all(isinstance(text, str) and len(text) <= 500 for text in texts):
        raise Refusal("malformed")
    if type(wanted["amount_minor"]) is not int or wanted["amount_minor"] < 1:
        raise Refusal("malformed_amount")
    if not re.fullmatch(r"[A-Z]{3}", wanted["currency"]) or not wanted["reference"]:
        raise Refusal("malformed")
    if wanted["ends_at"] is not None and not isinstance(wanted["ends_at"], int | float):
        raise Refusal("malformed")
    if not all(wanted[name].startswith(("http://", "https://")) for name in ("return_url", "notice_url")):
        raise Refusal("malformed_address")
    if wanted["entry"] not in {"link", "form"} or wanted["return_by"] not in {"get", "post"}:
        raise Refusal("malformed")
