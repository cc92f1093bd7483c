"""Notes of the team on an order."""

from django.db import transaction

from orders.models import Order, OrderComment
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


@transaction.atomic
def add_comment(*, order: Order, text: str, actor: User | None) -> OrderComment:
    """Write a note that the buyer never sees."""
    comment = OrderComment.objects.create(
        school_id=current_school_id(), order=order, author=actor, text=text.strip()[:2_000]
    )
    record_event("order.commented", subject=order, actor=actor, data={"comment": comment.pk})
    return comment
