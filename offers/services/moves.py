"""From draft to sale and back: the moves of an offer, each with its line in the journal."""

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from offers.models import Offer
from offers.publishing import problems_of
from offers.services.errors import NotReady, OfferRefused
from schools.journal import record_event
from schools.models import User

_MOVES: dict[str, tuple[frozenset[str], str]] = {
    # event: (from which states, to which state)
    "offer.published": (frozenset({Offer.Status.DRAFT}), Offer.Status.PUBLISHED),
    "offer.unpublished": (frozenset({Offer.Status.PUBLISHED}), Offer.Status.DRAFT),
    "offer.archived": (frozenset({Offer.Status.DRAFT, Offer.Status.PUBLISHED}), Offer.Status.ARCHIVED),
    "offer.restored": (frozenset({Offer.Status.ARCHIVED}), Offer.Status.DRAFT),
}


@transaction.atomic
def publish_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Put a draft on sale. Raises NotReady with what is missing (K22), OfferRefused for an archived one."""
    locked = lock_offer(offer)
    if locked.status == Offer.Status.DRAFT and (problems := problems_of(locked)):
        raise NotReady(gettext("The offer cannot go on sale yet.") + " " + " ".join(problems), problems)
    return _move(locked, "offer.published", actor)


def unpublish_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Take a published offer off sale; its address then answers "no longer on sale"."""
    return _move(offer, "offer.unpublished", actor)


def archive_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Put an offer away for good: no new orders, old access stays. It can be restored as a draft."""
    return _move(offer, "offer.archived", actor)


def restore_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Bring an archived offer back as a draft."""
    return _move(offer, "offer.restored", actor)


@transaction.atomic
def _move(offer: Offer, event: str, actor: User | None) -> Offer:
    allowed_from, target = _MOVES[event]
    locked = lock_offer(offer)
    if locked.status == target:
        return locked  # asked twice: nothing to do
    if locked.status not in allowed_from:
        raise OfferRefused(_("This is not possible any more: the offer has changed meanwhile."))
    locked.status, locked.updated_at = target, clock.now()
    locked.save(update_fields=["status", "updated_at"])
    record_event(event, subject=locked, actor=actor)
    return locked


def lock_offer(offer: Offer) -> Offer:
    """The offer as it is now, held until the transaction ends."""
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
