"""Verbs of offers: each one transaction, each with its line in the journal."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.errors import DomainError
from offers.models import Offer
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id


class OfferRefused(DomainError):
    """The offer may not make this move."""


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """What a person writes on an offer's form; `price_minor` in minor units of `currency`."""

    title: str
    description: str
    price_minor: int
    currency: str


@transaction.atomic
def create_offer(*, terms: OfferTerms, actor: User | None, token: str | None = None) -> Offer:
    """A new draft in the open scope's school; `token` fixes the public address (12 characters)."""
    offer = Offer(
        school_id=current_school_id(),
        title=terms.title,
        description=terms.description,
        price_minor=terms.price_minor,
        currency=terms.currency,
    )
    if token:
        offer.token = token
    offer.save(force_insert=True)
    record_event("offer.created", subject=offer, actor=actor)
    return offer


@transaction.atomic
def change_offer(*, offer: Offer, terms: OfferTerms, actor: User | None) -> Offer:
    """Write new terms on a draft or published offer. Raises OfferRefused for an archived one."""
    locked = _locked(offer)
    if locked.status == Offer.Status.ARCHIVED:
        raise OfferRefused(_("An archived offer cannot be changed. Restore it first."))
    locked.title, locked.description = terms.title, terms.description
    locked.price_minor, locked.currency = terms.price_minor, terms.currency
    locked.updated_at = clock.now()
    locked.save(update_fields=["title", "description", "price_minor", "currency", "updated_at"])
    record_event("offer.changed", subject=locked, actor=actor)
    return locked


_MOVES: dict[str, tuple[frozenset[str], str]] = {
    # event: (from which states, to which state)
    "offer.published": (frozenset({Offer.Status.DRAFT}), Offer.Status.PUBLISHED),
    "offer.unpublished": (frozenset({Offer.Status.PUBLISHED}), Offer.Status.DRAFT),
    "offer.archived": (frozenset({Offer.Status.DRAFT, Offer.Status.PUBLISHED}), Offer.Status.ARCHIVED),
    "offer.restored": (frozenset({Offer.Status.ARCHIVED}), Offer.Status.DRAFT),
}


def publish_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Put a draft on sale."""
    return _move(offer, "offer.published", actor)


def unpublish_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Take a published offer off sale; its address then answers "no longer on sale"."""
    return _move(offer, "offer.unpublished", actor)


def archive_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Put an offer away for good; it can be restored as a draft."""
    return _move(offer, "offer.archived", actor)


def restore_offer(*, offer: Offer, actor: User | None) -> Offer:
    """Bring an archived offer back as a draft."""
    return _move(offer, "offer.restored", actor)


@transaction.atomic
def _move(offer: Offer, event: str, actor: User | None) -> Offer:
    allowed_from, target = _MOVES[event]
    locked = _locked(offer)
    if locked.status == target:
        return locked  # asked twice: nothing to do
    if locked.status not in allowed_from:
        raise OfferRefused(_("This is not possible any more: the offer has changed meanwhile."))
    locked.status, locked.updated_at = target, clock.now()
    locked.save(update_fields=["status", "updated_at"])
    record_event(event, subject=locked, actor=actor)
    return locked


def _locked(offer: Offer) -> Offer:
    return Offer.objects.select_for_update(of=("self",)).get(pk=offer.pk)
