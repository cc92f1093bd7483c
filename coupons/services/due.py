"""The end of a coupon on the clock: an outbox row looks at it, and the journal says that it ended."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from coupons.models import Coupon
from kwiga import clock
from schools.journal import record_event
from schools.models import OutboxRow
from schools.outbox.effects import TransactionalEffect
from schools.outbox.queue import enqueue

END = "coupon_end"


def schedule_end(coupon: Coupon) -> None:
    """Look at the coupon when it ends; an end that moved has a row of its own, and the older row finds nothing."""
    if coupon.ends_at is None or coupon.ends_at <= clock.now():
        return
    at = coupon.ends_at.isoformat()
    enqueue(
        END, dedupe_key=f"coupon:{coupon.pk}:{at}", payload={"coupon": coupon.pk, "at": at}, available_at=coupon.ends_at
    )


class EndEffect(TransactionalEffect):
    label = _("End of a coupon")

    def apply(self, row: OutboxRow) -> None:
        """Say that it ended, unless it was ended before, put away, or its end was moved."""
        running = Coupon.objects.filter(is_draft=False, ended_at=None, archived_at=None)
        coupon = running.filter(pk=row.payload["coupon"], ends_at=datetime.fromisoformat(row.payload["at"])).first()
        if coupon:
            record_event("coupon.ended", subject=coupon, data={"by": "clock"})
