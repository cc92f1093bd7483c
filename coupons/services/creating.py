"""Coupons made by the team, an import or an automation: one, or any number in a handful of statements."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction

from coupons.codes import code_key, tidy_code
from coupons.models import Coupon, CouponCode, CouponOffer
from coupons.search import SEARCH_KIND, words_about
from coupons.selectors.finding import owners_of
from coupons.services.due import schedule_end
from coupons.services.errors import CodeTaken, CouponError
from coupons.services.rules import Named, check_terms, named_in
from coupons.services.terms import COLUMNS, CouponTerms
from schools import search
from schools.journal import record_events
from schools.models import User
from schools.outbox.queue import gathered
from schools.tenancy.scope import current_school_id


def create_coupon(*, terms: CouponTerms, actor: User | None) -> Coupon:
    """A new coupon with its one code, live on saving unless it is a draft. Raises TermsRefused, CodeTaken."""
    (answer,) = create_coupons(terms=[terms], actor=actor)
    if isinstance(answer, CouponError):
        raise answer
    return answer


@transaction.atomic(savepoint=False)
def create_coupons(*, terms: Sequence[CouponTerms], actor: User | None) -> list[Coupon | CouponError]:
    """New coupons; for each of the terms, in their order, the coupon or why there is none.

    Of terms with the same code the first get it.
    """
    try:
        with transaction.atomic():
            return _create(terms, actor)
    except IntegrityError:
        # Somebody took a code, or removed what the terms name, since it was looked at: now that is seen.
        return _create(terms, actor)


def _create(terms: Sequence[CouponTerms], actor: User | None) -> list[Coupon | CouponError]:
    answers = _drafted(terms, actor)
    pairs = [(each, said) for each, said in zip(answers, terms, strict=True) if isinstance(each, Coupon)]
    coupons = Coupon.objects.bulk_create([coupon for coupon, _said in pairs])
    _write_codes(pairs)
    _write_offers(pairs)
    search.index_all_new(SEARCH_KIND, {coupon.pk: words_about(coupon, said.code) for coupon, said in pairs})
    with gathered():
        for coupon in coupons:
            schedule_end(coupon)
    record_events("coupon.created", subjects=coupons, actor=actor)
    return answers


def _drafted(terms: Sequence[CouponTerms], actor: User | None) -> list[Coupon | CouponError]:
    """For each of the terms a coupon that is not saved yet, or why it is refused."""
    named, owners = named_in(terms), owners_of(each.code for each in terms)
    answers: list[Coupon | CouponError] = []
    for each in terms:
        try:
            check_terms(each, named)
            key = code_key(each.code)
            if key in owners:
                raise CodeTaken(owners[key])
            owners[key] = _draft(each, named, actor)
            answers.append(owners[key])
        except CouponError as refusal:
            answers.append(refusal)
    return answers


def _draft(terms: CouponTerms, named: Named, actor: User | None) -> Coupon:
    columns = {name: getattr(terms, name) for name in COLUMNS}
    people = {"contact": named.contacts.get(columns.pop("contact_id"))}
    group = {"contact_list": named.lists.get(columns.pop("contact_list_id"))}
    origin = {"created_by": actor, "is_draft": terms.is_draft, "made_by": terms.made_by}
    return Coupon(school_id=current_school_id(), **columns, **people, **group, **origin)


def _write_codes(pairs: Sequence[tuple[Coupon, CouponTerms]]) -> None:
    rows = [
        CouponCode(school_id=coupon.school_id, coupon=coupon, code=tidy_code(terms.code), code_key=code_key(terms.code))
        for coupon, terms in pairs
    ]
    # In one order, so that two who make the same codes wait for each other and not in a circle.
    CouponCode.objects.bulk_create(sorted(rows, key=lambda row: row.code_key))


def _write_offers(pairs: Sequence[tuple[Coupon, CouponTerms]]) -> None:
    rows = [
        CouponOffer(school_id=coupon.school_id, coupon=coupon, offer_id=pk)
        for coupon, terms in pairs
        for pk in sorted(set(terms.offer_ids))
    ]
    CouponOffer.objects.bulk_create(rows)
