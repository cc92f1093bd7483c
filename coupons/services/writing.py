"""Coupons changed by the team."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Count

from coupons.codes import code_key, tidy_code
from coupons.models import Coupon, CouponCode, CouponOffer, Redemption
from coupons.models.coupons import LOCKED_FIELDS
from coupons.search import SEARCH_KIND, words_about
from coupons.selectors.finding import owners_of
from coupons.services.due import schedule_end
from coupons.services.errors import ActionRefused, CodeTaken, LimitBelowUsed, TermsLocked
from coupons.services.rules import check_terms, named_in
from coupons.services.terms import COLUMNS, CouponTerms
from coupons.status import Action, may
from kwiga import clock
from offers.models import Offer
from schools import search
from schools.journal import record_event
from schools.models import User


@transaction.atomic
def change_coupon(*, coupon: Coupon, terms: CouponTerms, actor: User | None) -> Coupon:
    """Write new terms; orders keep theirs. The journal names the fields that differ; no change, no event.

    Raises TermsRefused, CodeTaken, ActionRefused for an archived coupon, TermsLocked for what a used one gave, and
    LimitBelowUsed.
    """
    locked = lock_coupon(coupon)
    if not may(locked, Action.CHANGE, clock.now()):
        raise ActionRefused
    check_terms(terms, named_in([terms]))
    code = locked.codes.get()
    changed = _changed(locked, code, terms)
    _check_locked(locked, changed)
    if "max_uses" in changed:
        count_anew(locked, terms.max_uses)
    if "max_uses_per_contact" in changed:
        _check_per_contact(locked, terms.max_uses_per_contact)
    if changed:
        _write(locked, code, terms, changed, actor)
    return locked


@transaction.atomic
def link_offer(*, coupon: Coupon, offer: Offer, is_linked: bool, actor: User | None) -> None:
    """Tick or untick a coupon on the form of an offer. Raises ActionRefused for an archived one or one for all."""
    locked = lock_coupon(coupon)
    if not may(locked, Action.CHANGE, clock.now()) or locked.for_all_offers:
        raise ActionRefused
    linked = CouponOffer.objects.filter(coupon=locked, offer=offer)
    if linked.exists() == is_linked:
        return
    if is_linked:
        _add_offers(locked, [offer.pk])
    else:
        linked.delete()
    _touch(locked)
    record_event("coupon.changed", subject=locked, actor=actor, data={"fields": ["offer_ids"]})


def lock_coupon(coupon: Coupon) -> Coupon:
    """The coupon as it is now, locked against uses and other edits to the end of the transaction."""
    return Coupon.objects.select_for_update(of=("self",)).get(pk=coupon.pk)


def uses_of(coupon: Coupon) -> int:
    """Held and confirmed uses by the ledger."""
    return Redemption.objects.filter(coupon=coupon, state__in=Redemption.COUNTED).count()


def count_anew(locked: Coupon, max_uses: int | None) -> None:
    """Bring the counter of a locked coupon in line with a limit: filled from the ledger when one is first set.

    Raises LimitBelowUsed.
    """
    if max_uses is None:
        locked.uses = 0
    elif locked.max_uses is None:
        locked.uses = uses_of(locked)
    if max_uses is not None and locked.uses > max_uses:
        raise LimitBelowUsed("max_uses", locked.uses)


def _check_per_contact(locked: Coupon, limit: int | None) -> None:
    if limit is None or not locked.is_used:
        return
    counted = Redemption.objects.filter(coupon=locked, state__in=Redemption.COUNTED)
    most = counted.values("contact").annotate(times=Count("pk")).order_by("-times").first()
    if most and most["times"] > limit:
        raise LimitBelowUsed("max_uses_per_contact", most["times"])


def _changed(coupon: Coupon, code: CouponCode, terms: CouponTerms) -> list[str]:
    changed = [name for name in COLUMNS if getattr(coupon, name) != getattr(terms, name)]
    if code.code != tidy_code(terms.code):
        changed.append("code")
    linked = set(CouponOffer.objects.filter(coupon=coupon).values_list("offer_id", flat=True))
    return [*changed, "offer_ids"] if linked != set(terms.offer_ids) else changed


def _check_locked(coupon: Coupon, changed: list[str]) -> None:
    locked = [name for name in changed if name == "code" or name in LOCKED_FIELDS]
    if coupon.is_used and locked:
        raise TermsLocked(locked)


def _write(coupon: Coupon, code: CouponCode, terms: CouponTerms, changed: list[str], actor: User | None) -> None:
    _take_over(coupon, terms)
    _touch(coupon, *COLUMNS, "uses")
    if "code" in changed:
        _write_code(code, terms)
    if "offer_ids" in changed:
        CouponOffer.objects.filter(coupon=coupon).exclude(offer__in=terms.offer_ids).delete()
        _add_offers(coupon, terms.offer_ids)
    search.index(SEARCH_KIND, coupon.pk, *words_about(coupon, terms.code))
    if "ends_at" in changed:
        schedule_end(coupon)
    record_event("coupon.changed", subject=coupon, actor=actor, data={"fields": sorted(changed)})


def _touch(coupon: Coupon, *fields: str) -> None:
    """Save, and let a checkout that has read the coupon before look at it again."""
    coupon.updated_at = clock.now()
    coupon.save(update_fields=[*fields, "updated_at"])


def _take_over(coupon: Coupon, terms: CouponTerms) -> None:
    for name in COLUMNS:
        setattr(coupon, name, getattr(terms, name))


def _write_code(code: CouponCode, terms: CouponTerms) -> None:
    code.code, code.code_key = tidy_code(terms.code), code_key(terms.code)
    owner = owners_of([terms.code]).get(code.code_key)
    if owner and owner.pk != code.coupon_id:
        raise CodeTaken(owner)
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError as error:
        raise CodeTaken from error


def _add_offers(coupon: Coupon, offer_ids: Iterable[int]) -> None:
    rows = [CouponOffer(school_id=coupon.school_id, coupon=coupon, offer_id=pk) for pk in sorted(set(offer_ids))]
    if rows:
        CouponOffer.objects.bulk_create(rows, ignore_conflicts=True)
