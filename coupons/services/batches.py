"""Moves of many coupons at once: a handful right away, any number through the outbox, piece by piece."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon
from coupons.selectors.lists import CouponFilter, coupons_matching
from coupons.services.moves import archive_coupon, extend_coupon, pause_coupon, resume_coupon
from coupons.status import Action
from kwiga import clock
from kwiga.errors import DomainError
from kwiga.tokens import address_token
from schools.models import OutboxRow, User
from schools.outbox.effects import TransactionalEffect, register
from schools.outbox.queue import enqueue

KIND = "coupon_moves"
PIECE = 200
MOVES = (Action.PAUSE, Action.RESUME, Action.EXTEND, Action.ARCHIVE)


@transaction.atomic
def move_coupons(*, coupons: Iterable[Coupon], move: Action, ends_at: datetime | None, actor: User | None) -> int:
    """Make the move where the table allows it, and leave the others as they are; how many were moved."""
    return sum(_move(coupon, move, ends_at, actor) for coupon in coupons)


@transaction.atomic
def move_matching(*, wanted: CouponFilter, move: Action, ends_at: datetime | None, actor: User | None) -> None:
    """Have every coupon that fits now moved by the worker; those made later are left alone."""
    at = clock.now()
    _next_piece(
        {
            "wanted": asdict(wanted),
            "move": str(move),
            "ends_at": ends_at.isoformat() if ends_at else "",
            "actor": actor.pk if actor else None,
            "batch": address_token(),
            "at": at.isoformat(),
            "behind": 0,
        }
    )


class MovesEffect(TransactionalEffect):
    """The next coupons of a batch; the rest is the next row's."""

    label = _("Change of many coupons")

    def apply(self, row: OutboxRow) -> None:
        """Do it; what was searched for may name a person, and is not kept."""
        said = row.payload
        at = datetime.fromisoformat(said["at"])
        fitting = coupons_matching(CouponFilter(**said["wanted"]), at).filter(created_at__lte=at)
        found = list(fitting.filter(pk__gt=said["behind"]).order_by("pk")[:PIECE])
        ends_at = datetime.fromisoformat(said["ends_at"]) if said["ends_at"] else None
        actor = User.objects.filter(pk=said["actor"]).first()
        move_coupons(coupons=found, move=Action(said["move"]), ends_at=ends_at, actor=actor)
        if len(found) == PIECE:
            _next_piece(said | {"behind": found[-1].pk})
        row.payload = {}


def register_own() -> None:
    """Register the effect of this module."""
    register(KIND, MovesEffect())


def _move(coupon: Coupon, move: Action, ends_at: datetime | None, actor: User | None) -> bool:
    verbs = {Action.PAUSE: pause_coupon, Action.RESUME: resume_coupon, Action.ARCHIVE: archive_coupon}
    try:
        with transaction.atomic():
            if move == Action.EXTEND:
                extend_coupon(coupon=coupon, ends_at=ends_at, actor=actor)
            else:
                verbs[move](coupon=coupon, actor=actor)
    except DomainError:
        return False  # not possible for this one
    return True


def _next_piece(facts: dict[str, Any]) -> None:
    enqueue(KIND, dedupe_key=f"{facts['batch']}:{facts['behind']}", payload=facts)
