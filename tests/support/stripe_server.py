"""A stand-in for Stripe's interface over real HTTP on loopback: Checkout Sessions, refunds, idempotency keys, errors.

It answers as the documentation of Stripe describes, as far as the store asks: form-encoded requests, nested names, the
idempotency layer, errors as objects, webhooks signed with the endpoint's secret.
"""

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Shown = dict[str, Any]


class StripeError(Exception):
    def __init__(self, status: int, kind: str, code: str = "") -> None:
        super().__init__(code)
        self.status, self.body = status, {"error": {"type": kind, "code": code, "message": f"No: {code}."}}


class StripeServer(ThreadingHTTPServer):
    """One account's data, whatever key comes; a test turns the knobs and pays as a buyer would."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.keys = {"sk_test_good"}
        self.sessions: dict[str, Shown] = {}
        self.intents: dict[str, Shown] = {}
        self.refunds: dict[str, Shown] = {}
        self.slow_seconds, self.failures, self.requests = 0.0, 0, 0
        self._kept: dict[str, tuple[Any, int, Shown]] = {}
        self.lock = threading.RLock()

    def pay(self, name: str, *, amount: int | None = None, currency: str = "", later: bool = False) -> None:
        """The buyer enters a card that works; a slow method leaves the payment unpaid at first."""
        session = self.sessions[name]
        paid = session["amount_total"] if amount is None else amount
        intent = {
            "id": f"pi_{secrets.token_hex(8)}",
            "object": "payment_intent",
            "status": "processing" if later else "succeeded",
            "amount": paid,
            "amount_received": 0 if later else paid,
            "last_payment_error": None,
        }
        self.intents[intent["id"]] = intent
        session |= {"status": "complete", "payment_intent": intent["id"], "url": None}
        session |= {"payment_status": "unpaid" if later else "paid", "amount_total": paid}
        if currency:
            session["currency"] = currency.lower()

    def settle(self, name: str, *, failed: bool = False) -> None:
        """A slow payment arrives, or does not."""
        session = self.sessions[name]
        intent = self.intents[session["payment_intent"]]
        if failed:
            intent |= {"status": "requires_payment_method", "last_payment_error": {"code": "payment_method_declined"}}
        else:
            intent |= {"status": "succeeded", "amount_received": intent["amount"]}
            session["payment_status"] = "paid"

    def expire(self, name: str) -> None:
        self.sessions[name] |= {"status": "expired", "url": None}

    def answer(self, method: str, path: str, query: Shown, sent: Shown, key: str) -> Shown:
        match [method, *path.removeprefix("/v1/").split("/")]:
            case ["POST", "checkout", "sessions"]:
                return self._create(sent)
            case ["GET", "checkout", "sessions"]:
                return _listed([self._shown(each, {}) for each in self._found(query)])
            case ["GET", "checkout", "sessions", name]:
                return self._shown(self._session(name), query)
            case ["POST", "checkout", "sessions", name, "expire"]:
                if self._session(name)["status"] != "open":
                    raise StripeError(400, "invalid_request_error", "session_not_open")
                self.expire(name)
                return self._shown(self.sessions[name], {})
            case ["POST", "refunds"]:
                return self._refund(sent)
            case ["GET", "refunds"]:
                return _listed(
                    [each for each in self.refunds.values() if each["payment_intent"] == query["payment_intent"]]
                )
        raise StripeError(404, "invalid_request_error", "unknown_url")

    def once(self, key: str, fingerprint: Any, act: Any) -> tuple[int, Shown]:
        """The idempotency layer: the same key gives the same answer, another body under it is an error."""
        with self.lock:
            if key and key in self._kept:
                kept, status, answer = self._kept[key]
                if kept != fingerprint:
                    raise StripeError(400, "idempotency_error", "idempotency_key_in_use")
                return status, answer
            answer = act()
            if key:
                self._kept[key] = (fingerprint, 200, answer)
            return 200, answer

    def _create(self, sent: Shown) -> Shown:
        price = sent["line_items"]["0"]["price_data"]
        amount, currency = int(price["unit_amount"]), price["currency"]
        if currency == "kwd" and amount % 10:
            raise StripeError(400, "invalid_request_error", "amount_three_decimals")
        ends_at = int(sent.get("expires_at") or time.time() + 86_400)
        if not time.time() + 1_790 <= ends_at <= time.time() + 86_500:
            raise StripeError(400, "invalid_request_error", "expires_at_out_of_reach")
        name = f"cs_test_{secrets.token_hex(12)}"
        self.sessions[name] = {
            "id": name,
            "object": "checkout.session",
            "status": "open",
            "payment_status": "unpaid",
            "amount_total": amount,
            "currency": currency,
            "client_reference_id": sent["client_reference_id"],
            "metadata": sent.get("metadata", {}),
            "payment_intent": None,
            "livemode": False,
            "created": int(time.time()),
            "expires_at": ends_at,
            "url": f"https://checkout.stripe.com/c/pay/{name}",
            "customer_email": sent.get("customer_email"),
            "success_url": sent["success_url"],
        }
        return self._shown(self.sessions[name], {})

    def _found(self, query: Shown) -> list[Shown]:
        since = int((query.get("created") or {}).get("gte", 0))
        wanted = [each for each in self.sessions.values() if each["created"] >= since]
        return [each for each in wanted if query.get("status", each["status"]) == each["status"]]

    def _session(self, name: str) -> Shown:
        if name not in self.sessions:
            raise StripeError(404, "invalid_request_error", "resource_missing")
        return self.sessions[name]

    def _shown(self, session: Shown, query: Shown) -> Shown:
        expanded = "payment_intent" in (query.get("expand") or {}).values()
        intent = session["payment_intent"]
        return session | ({"payment_intent": self.intents[intent]} if expanded and intent else {})

    def _refund(self, sent: Shown) -> Shown:
        intent = self.intents.get(sent["payment_intent"])
        given = sum(
            each["amount"] for each in self.refunds.values() if each["payment_intent"] == sent["payment_intent"]
        )
        if intent is None or given + int(sent["amount"]) > intent["amount_received"]:
            raise StripeError(400, "invalid_request_error", "charge_already_refunded")
        name = f"re_{secrets.token_hex(8)}"
        currency = next(each["currency"] for each in self.sessions.values() if each["payment_intent"] == intent["id"])
        self.refunds[name] = {
            "id": name,
            "object": "refund",
            "amount": int(sent["amount"]),
            "currency": currency,
            "payment_intent": intent["id"],
            "status": "succeeded",
            "metadata": sent.get("metadata", {}),
        }
        return self.refunds[name]


class _Handler(BaseHTTPRequestHandler):
    server: StripeServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._serve(_nested(body))

    def _serve(self, sent: Shown) -> None:
        server, address = self.server, urlsplit(self.path)
        server.requests += 1
        time.sleep(server.slow_seconds)
        query, key = _nested(address.query), self.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            if server.failures > 0:
                server.failures -= 1
                raise StripeError(503, "api_error", "out_of_order")
            if key not in server.keys:
                raise StripeError(401, "invalid_request_error", "api_key_invalid")
            once = self.headers.get("Idempotency-Key", "") if self.command == "POST" else ""
            status, answer = server.once(
                once,
                (address.path, sent),
                lambda: server.answer(self.command, address.path, query, sent, key),
            )
        except StripeError as error:
            status, answer = error.status, error.body
        self._send(status, json.dumps(answer).encode())

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


def _listed(rows: list[Shown]) -> Shown:
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/list"}


def _nested(encoded: str) -> Shown:
    """ "a[b][0]=c" as {"a": {"b": {"0": "c"}}}."""
    result: Shown = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        *path, last = re.findall(r"[^\[\]]+", name)
        place = result
        for step in path:
            place = place.setdefault(step, {})
        place[last] = value
    return result


@contextmanager
def stripe_server() -> Iterator[StripeServer]:
    """A stand-in that answers inside the block."""
    with StripeServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join(5)
