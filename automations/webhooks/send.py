"""A call that a step makes: ordered with the run, sent by the worker, at least once under one id (K05)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from automations.models import RunStep, WebhookDelivery
from automations.sealing import seal, unseal
from automations.webhooks.rendering import body_with, headers_with, url_with
from automations.webhooks.signing import signature_headers, signing_secrets
from kwiga import clock, outbound
from schools.models import OutboxRow
from schools.outbox.claims import ATTEMPTS
from schools.outbox.effects import EffectError, ExternalEffect
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id, school_scope

KIND = "webhook"
_KEPT_ANSWER = 1000


@transaction.atomic
def order_call(
    *, run_step: RunStep, url: str, headers: Iterable[Iterable[str]], body: str, values: Mapping[str, str]
) -> WebhookDelivery:
    """Order one POST in the open scope's transaction; a step that is done again keeps the call it ordered.

    `url`, `headers` and `body` are as the school wrote them, `values` fill their placeholders. What is sent lies sealed
    in the outbox until it is out.
    """
    if run_step.pk is None:
        run_step.save()
    delivery, is_new = WebhookDelivery.objects.get_or_create(
        school_id=current_school_id(),
        run_step=run_step,
        defaults={"webhook_id": f"msg_{run_step.run.token}_{run_step.position}", "url": url[:1000]},
    )
    if is_new:
        key = dedupe_key(delivery)
        call = [url_with(url, values), headers_with(headers, values), body_with(body, values)]
        payload = {"delivery": delivery.pk, "sealed": seal(json.dumps(call), _name(key))}
        enqueue(KIND, dedupe_key=key, payload=payload)
    return delivery


def dedupe_key(delivery: WebhookDelivery) -> str:
    """The key of the delivery's row in the outbox."""
    return f"delivery:{delivery.pk}"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One try, ready to go out."""

    school_id: int
    delivery_id: int
    attempt: int
    url: str
    headers: Mapping[str, str]
    body: str


class WebhookEffect(ExternalEffect[Call, outbound.Answer]):
    """Whoever is killed between the answer and the record calls again, with the same webhook-id."""

    label = _("Webhook")

    def prepare(self, row: OutboxRow) -> Call | None:
        delivery = WebhookDelivery.objects.select_related("run_step__run__contact").get(pk=row.payload["delivery"])
        if delivery.run_step.run.contact.erased_at:
            row.payload = {"delivery": delivery.pk}
            _close(delivery, WebhookDelivery.State.FAILED)
            return None
        url, headers, body = json.loads(unseal(row.payload["sealed"], _name(row.dedupe_key)))
        signed = signature_headers(signing_secrets(), webhook_id=delivery.webhook_id, at=clock.now(), body=body)
        usual = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Kwiga-Webhooks/1"}
        return Call(
            school_id=row.school_id,
            delivery_id=delivery.pk,
            attempt=row.attempts,
            url=url,
            headers=_merged(usual, headers) | signed,
            body=body,
        )

    def perform(self, prepared: Call) -> outbound.Answer:
        try:
            answer = outbound.post(prepared.url, body=prepared.body.encode(), headers=prepared.headers)
        except outbound.AddressRefused as refused:
            raise _failed(prepared, f"AddressRefused {refused.reason}") from refused
        except outbound.NoAnswer as silence:
            raise _failed(prepared, f"NoAnswer {silence}") from silence
        if not answer.is_ok:
            raise _failed(prepared, f"WebhookRefused {answer.status}", answer)
        return answer

    def record(self, row: OutboxRow, outcome: outbound.Answer) -> None:
        row.payload = {"delivery": row.payload["delivery"]}
        delivery = _locked(row.payload["delivery"])
        delivery.attempts += 1
        _write_answer(delivery, outcome)
        _close(delivery, WebhookDelivery.State.SENT)


def _failed(call: Call, reason: str, answer: outbound.Answer | None = None) -> EffectError:
    """What the log says of a try, written at once, and what the outbox keeps. The last try ends the delivery."""
    with school_scope(call.school_id):
        delivery = _locked(call.delivery_id)
        delivery.attempts += 1
        _write_answer(delivery, answer)
        is_over = call.attempt >= ATTEMPTS
        _close(delivery, WebhookDelivery.State.FAILED if is_over else WebhookDelivery.State.WAITING)
    return EffectError(reason)


def _locked(pk: int) -> WebhookDelivery:
    rows = WebhookDelivery.objects.select_related("run_step__run__contact")
    return rows.select_for_update(of=("self",)).get(pk=pk)


def _write_answer(delivery: WebhookDelivery, answer: outbound.Answer | None) -> None:
    delivery.status_code = answer.status if answer else None
    is_erased = delivery.run_step.run.contact.erased_at is not None  # what receivers say may name whom they heard of
    delivery.answer = answer.text.replace("\x00", "")[:_KEPT_ANSWER] if answer and not is_erased else ""
    delivery.duration_ms = answer.duration_ms if answer else None


def _close(delivery: WebhookDelivery, state: str) -> None:
    delivery.state = state
    delivery.ended_at = None if state == WebhookDelivery.State.WAITING else clock.now()
    delivery.save(update_fields=["state", "attempts", "status_code", "answer", "duration_ms", "ended_at"])


def _merged(usual: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The usual headers where the school set none of the same name."""
    named = {name.lower() for name in own}
    return {name: text for name, text in usual.items() if name.lower() not in named} | dict(own)


def _name(key: str) -> str:
    return f"webhook:{key}"
