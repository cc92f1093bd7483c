"""Importing coupons: the file is read and kept, then the coupons are made in pieces that survive a kill."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from coupons.importing import Cells, Known, LineRefused, judged, known_to, terms_of
from coupons.models import CouponImport, CouponImportLine
from coupons.services.creating import create_coupons
from coupons.services.terms import CouponTerms
from kwiga import clock
from kwiga.errors import DomainError
from schools.journal import record_event
from schools.models import OutboxRow, School, User
from schools.outbox.effects import TransactionalEffect, register
from schools.outbox.queue import enqueue
from schools.tenancy.scope import current_school_id

KIND = "coupon_import"
PIECE = 500
State = CouponImportLine.State


@transaction.atomic
def keep_import(*, lines: Sequence[Cells], file_name: str, actor: User | None) -> CouponImport:
    """Keep what a file says, with the reasons of the lines that would be refused now; no coupon is made yet."""
    kept = CouponImport.objects.create(school_id=current_school_id(), file_name=file_name[:120], created_by=actor)
    reasons = judged(lines, known_to(lines))
    rows = [
        CouponImportLine(
            school_id=kept.school_id, coupon_import=kept, number=number, cells=dict(line), error=reason[:300]
        )
        for number, (line, reason) in enumerate(zip(lines, reasons, strict=True), start=2)
    ]
    CouponImportLine.objects.bulk_create(rows, batch_size=2_000)
    return kept


@transaction.atomic
def start_import(*, coupon_import: CouponImport, actor: User | None) -> CouponImport:
    """Have the worker make the coupons; asked twice it starts once."""
    locked = CouponImport.objects.select_for_update(of=("self",)).get(pk=coupon_import.pk)
    if locked.started_at is None:
        locked.started_at = clock.now()
        locked.save(update_fields=["started_at"])
        _next_piece(locked, 0)
        record_event("coupon.import_started", subject=locked, actor=actor)
    return locked


class ImportEffect(TransactionalEffect):
    """The next lines of an import. Done in one transaction with the lines' marks, so a kill repeats nothing."""

    label = _("Import of coupons")

    def apply(self, row: OutboxRow) -> None:
        """Make what is waiting; the rest is the next row's."""
        kept = CouponImport.objects.select_related("created_by").get(pk=row.payload["import"])
        waiting = CouponImportLine.objects.filter(coupon_import=kept, state=State.WAITING)
        lines = list(waiting.filter(number__gt=row.payload["behind"]).order_by("number")[:PIECE])
        school = School.objects.get(pk=current_school_id())
        with timezone.override(school.time_zone), translation.override(school.language):
            reasons = _make(kept, lines)
        _mark(lines, reasons)
        if len(lines) == PIECE:
            _next_piece(kept, lines[-1].number)
        else:
            kept.finished_at = clock.now()
            kept.save(update_fields=["finished_at"])


def register_own() -> None:
    """Register the effect of this module."""
    register(KIND, ImportEffect())


def _make(kept: CouponImport, lines: Sequence[CouponImportLine]) -> dict[int, str]:
    """Make the coupons of these lines; the reasons of those that no coupon was made of, by the line's key."""
    known = known_to([line.cells for line in lines])
    said = {line.pk: _terms_or_refusal(kept, line, known) for line in lines}
    terms = {pk: each for pk, each in said.items() if isinstance(each, CouponTerms)}
    made = create_coupons(terms=list(terms.values()), actor=kept.created_by)
    answers = said | dict(zip(terms, made, strict=True))
    return {pk: str(each)[:300] for pk, each in answers.items() if isinstance(each, DomainError)}


def _terms_or_refusal(kept: CouponImport, line: CouponImportLine, known: Known) -> CouponTerms | LineRefused:
    try:
        return terms_of(line.cells, known, made_by=f"Import {kept.file_name}"[:120])
    except LineRefused as refusal:
        return refusal


def _mark(lines: Sequence[CouponImportLine], reasons: Mapping[int, str]) -> None:
    made = [line.pk for line in lines if line.pk not in reasons]
    CouponImportLine.objects.filter(pk__in=made).update(state=State.MADE, error="")
    refused = [line for line in lines if line.pk in reasons]
    for line in refused:
        line.state, line.error = State.REFUSED, reasons[line.pk]
    CouponImportLine.objects.bulk_update(refused, ["state", "error"])


def _next_piece(kept: CouponImport, behind: int) -> None:
    enqueue(KIND, dedupe_key=f"import:{kept.pk}:{behind}", payload={"import": kept.pk, "behind": behind})
