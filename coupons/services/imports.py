"""Importing coupons: the file is read and kept, then the coupons are made in pieces that survive a kill."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from coupons.importing import Cells, Known, LineRefused, judged, known_to, terms_of
from coupons.models import CouponImport, CouponImportLine
from coupons.services.creating import create_coupons
from coupons.services.terms import CouponTerms
from kwiga.errors import DomainError
from schools import imports
from schools.models import User
from schools.outbox.effects import register
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
    started: CouponImport = imports.start(ImportEffect(), coupon_import, event="coupon.import_started", actor=actor)
    return started


class ImportEffect(imports.ImportEffect):
    """Makes the coupons of a file."""

    label = _("Import of coupons")
    kind, imports, piece = KIND, CouponImport, PIECE

    def lines_of(self, kept: CouponImport) -> QuerySet[CouponImportLine]:
        return CouponImportLine.objects.filter(coupon_import=kept)

    def work(self, kept: CouponImport, lines: Sequence[CouponImportLine]) -> None:
        _mark(lines, _make(kept, lines))


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
