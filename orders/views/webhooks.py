"""What providers tell us, on the root host. The address carries the school and the secret name of the connection."""

from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kwiga.vault import VaultError
from orders.models import PaymentConnection
from orders.payments.protocol import Account, Forged, Notice, Provider
from orders.payments.registry import provider_of
from orders.services import inbox
from orders.services.connections import account_of
from schools.access import manages_scopes, open_to_guests
from schools.tenancy.scope import school_scope

logger = structlog.get_logger("orders.payments")

MOST_BYTES = 256 * 1024


class Refused(Exception):
    """A notice that leaves no trace but a line in the log, which is what counts them."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Accepted(HttpResponse):
    """200, and the work on the notice once the provider has its answer."""

    def __init__(self, question: inbox.Question) -> None:
        super().__init__("ok", content_type="text/plain")
        self._question = question

    def close(self) -> None:
        """Called by the server behind the last byte; the outbox row is there for a process that dies before."""
        try:
            inbox.process(self._question)
        except Exception as error:
            school = self._question.account.school_id
            logger.error("notice failed", reason=type(error).__name__, school=school, exc_info=error)
        super().close()


@csrf_exempt
@login_not_required
@open_to_guests
@manages_scopes
@require_POST
def webhook(request: Any, provider: str, token: str) -> HttpResponse:
    """Verify over the raw bytes, store once, answer 200, then look at the provider (P1 to P3)."""
    try:
        return _receive(request, provider, token)
    except Refused as refused:
        school = request.school.pk if request.school else None
        logger.warning("notice refused", reason=refused.reason, status=refused.status, school=school)
        return HttpResponse(refused.reason, status=refused.status, content_type="text/plain")


def _receive(request: Any, key: str, token: str) -> HttpResponse:
    body = _body(request)
    if request.school is None:
        raise Refused(404, "unknown address")
    with school_scope(request.school):
        connection, kind, account = _account(key, token)
        if request.content_type not in kind.notice_types:
            raise Refused(415, "content type")
        notice = _verified(kind, account, request.headers, body)
        if not notice.is_about_us:
            return HttpResponse("not ours", content_type="text/plain")
        question = inbox.store_notice(connection=connection, account=account, notice=notice)
    return Accepted(question) if question else HttpResponse("ok", content_type="text/plain")


def _body(request: Any) -> bytes:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Refused(413, "too long")
    body: bytes = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Refused(413, "too long")
    return body


def _account(key: str, token: str) -> tuple[PaymentConnection, Provider, Account]:
    connection = PaymentConnection.objects.filter(provider=key, token=token).first()
    if connection is None:
        raise Refused(404, "unknown address")
    try:
        return connection, provider_of(key), account_of(connection)
    except (LookupError, VaultError) as error:
        raise Refused(404, "unknown address") from error


def _verified(kind: Provider, account: Account, headers: Any, body: bytes) -> Notice:
    try:
        return kind.read_notice(account, headers, body)
    except Forged as forged:
        raise Refused(400, "signature") from forged
