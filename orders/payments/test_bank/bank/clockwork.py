"""What the bank does by itself: finish slow payments, end old sessions, tell the shop until it listens."""

import heapq
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import urllib3

from orders.payments.test_bank.bank.books import CANCELED, OPEN, PENDING, Books, Notice, Refusal, Session
from orders.payments.test_bank.signing import HEADER, signature_of

# After these many seconds a notice is told again, then every hour, for three days.
BACKOFF = (1, 2, 4, 8, 15, 30, 60, 120, 300, 900, 3600)
_GIVE_UP_SECONDS = 3 * 24 * 3600
_TELLERS = 8


class Clockwork:
    """A thread that wakes when something is due, and a few that talk."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self._due: list[tuple[float, str, str]] = []
        self._wake = threading.Condition()
        self._tellers = ThreadPoolExecutor(_TELLERS, thread_name_prefix="teller")
        self._pool = urllib3.PoolManager(maxsize=_TELLERS, retries=False, timeout=urllib3.Timeout(connect=3, read=10))

    def start(self) -> None:
        """Take up what the ledger says is due, and go on."""
        for session in list(self.books.sessions.values()):
            self.watch(session)
        for notice in list(self.books.notices.values()):
            if not notice.acked:
                self._put(notice.due_at, "notice", notice.id)
        threading.Thread(target=self._run, name="clockwork", daemon=True).start()

    def watch(self, session: Session) -> None:
        """Come back to a session when its money is due, or when it ends."""
        if session.status == PENDING and session.due_at is not None:
            self._put(session.due_at, "money", session.id)
        elif session.status == OPEN and session.ends_at is not None:
            self._put(session.ends_at, "end", session.id)

    def tell(self, session: Session, kind: str, *, in_seconds: float = 0.0) -> Notice:
        """Have the shop told, now or in a while."""
        notice = self.books.add_notice(session, kind, in_seconds=in_seconds)
        self._put(notice.due_at, "notice", notice.id)
        return notice

    def tell_again(self, notice: Notice) -> None:
        """The same notice once more, whatever the shop said to it."""
        self._tellers.submit(self._send, notice)

    def _put(self, at: float, what: str, name: str) -> None:
        with self._wake:
            heapq.heappush(self._due, (at, what, name))
            self._wake.notify()

    def _run(self) -> None:
        while True:
            what, name = self._next()
            if what == "notice":
                self._tellers.submit(self._deliver, self.books.notices[name])
            elif what == "money":
                self._finish(self.books.sessions[name])
            else:
                self._end(self.books.sessions[name])

    def _next(self) -> tuple[str, str]:
        with self._wake:
            while True:
                wait = self._due[0][0] - time.time() if self._due else None
                if wait is not None and wait <= 0:
                    _at, what, name = heapq.heappop(self._due)
                    return what, name
                self._wake.wait(wait)

    def _finish(self, session: Session) -> None:
        try:
            self.books.pay(session, amount_minor=session.amount_minor, currency=session.currency)
        except Refusal:
            return
        self.tell(session, "payment.paid")

    def _end(self, session: Session) -> None:
        if self.books.close(session):
            self.tell(session, f"payment.{CANCELED}")

    def _deliver(self, notice: Notice) -> None:
        status = self._send(notice)
        if notice.acked or time.time() - self.books.sessions[notice.session].created_at > _GIVE_UP_SECONDS:
            return
        print(f"notice {notice.kind} not taken, status {status}", flush=True)
        self._put(notice.due_at, "notice", notice.id)

    def _send(self, notice: Notice) -> int:
        session = self.books.sessions[notice.session]
        body = json.dumps(
            {"id": notice.id, "kind": notice.kind, "session": session.id, "reference": session.reference}
        ).encode()
        secret = self.books.accounts[session.account]
        headers = {"Content-Type": "application/json", HEADER: signature_of(secret, body, int(time.time()))}
        try:
            answer = self._pool.request("POST", session.notice_url, body=body, headers=headers, redirect=False)
            status = answer.status
        except urllib3.exceptions.HTTPError:
            status = 0
        again = BACKOFF[min(notice.attempts, len(BACKOFF) - 1)]
        self.books.count_attempt(notice, status, time.time() + again)
        return status
