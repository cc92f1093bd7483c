"""Writing, copying and deleting offers."""

from dataclasses import fields, replace
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.html import linebreaks
from django.utils.translation import gettext_lazy as _

from kwiga import clock
from kwiga.richtext import clean
from offers.models import Offer, OfferItem, OfferMail, OfferQuestion, OfferTermsDocument
from offers.selectors import items_of, questions_of
from offers.services.errors import OfferRefused
from offers.services.moves import lock_offer
from offers.services.rules import check_terms
from offers.services.terms import LISTS, DocumentTerms, ItemTerms, MailTerms, OfferTerms, QuestionTerms
from schools import search
from schools.journal import record_event
from schools.models import User
from schools.tenancy.scope import current_school_id

COLUMNS = tuple(field.name for field in fields(OfferTerms) if field.name not in LISTS)


@transaction.atomic
def create_offer(*, terms: OfferTerms, actor: User | None, token: str | None = None) -> Offer:
    """A new draft in the open scope's school; `token` fixes the public address (12 characters). Raises OfferRefused."""
    check_terms(terms)
    offer = Offer(school_id=current_school_id(), **_columns(terms))
    if token:
        offer.token = token
    offer.save(force_insert=True)
    _write_lists(offer, terms)
    record_event("offer.created", subject=offer, actor=actor)
    return offer


@transaction.atomic
def change_offer(*, offer: Offer, terms: OfferTerms, actor: User | None) -> Offer:
    """Write new terms on a draft or published offer; orders keep theirs.

    Raises OfferRefused for an archived one, and for fewer seats than are taken.
    """
    locked = lock_offer(offer)
    if locked.status == Offer.Status.ARCHIVED:
        raise OfferRefused(_("An archived offer cannot be changed. Restore it first."))
    check_terms(terms, locked.seats_taken)
    for name, value in _columns(terms).items():
        setattr(locked, name, value)
    locked.updated_at = clock.now()
    locked.save(update_fields=[*COLUMNS, "updated_at"])
    _write_lists(locked, terms)
    record_event("offer.changed", subject=locked, actor=actor)
    return locked


@transaction.atomic
def copy_offer(*, offer: Offer, actor: User | None) -> Offer:
    """A draft that says the same under a new address: no orders, no taken seats, no promo dates (K11)."""
    terms = terms_in(offer)
    title = (_("Copy of %(title)s") % {"title": terms.title})[:160]
    copied = replace(terms, title=title, promo_starts_at=None, promo_ends_at=None, promo_price_minor=None)
    fresh = create_offer(terms=copied, actor=actor)
    record_event("offer.copied", subject=fresh, actor=actor, data={"from": offer.pk})
    return fresh


@transaction.atomic
def delete_offer(*, offer: Offer, actor: User | None) -> None:
    """Delete a draft that nobody has ordered. Raises OfferRefused for any other: those are archived."""
    locked = lock_offer(offer)
    if locked.status != Offer.Status.DRAFT:
        raise OfferRefused(_("Only a draft can be deleted."))
    pk = locked.pk
    try:
        with transaction.atomic():
            locked.delete()
    except ProtectedError as error:
        raise OfferRefused(_("This offer has orders, so it stays. You can archive it.")) from error
    search.index("offer", pk)
    record_event("offer.deleted", actor=actor, data={"offer": pk, "title": offer.title})


def terms_in(offer: Offer) -> OfferTerms:
    """What the offer says now, as terms."""
    questions = questions_of(offer)
    return OfferTerms(
        **{name: getattr(offer, name) for name in COLUMNS},
        items=tuple(
            ItemTerms(course_id=item.course_id, module_id=item.module_id, lesson_id=item.lesson_id)
            for item in items_of(offer)
        ),
        questions=tuple(QuestionTerms(label=row.label, is_required=row.is_required, pk=row.pk) for row in questions),
        documents=tuple(
            DocumentTerms(document_id=row.document_id, is_required=row.is_required)
            for row in offer.terms.order_by("id")
        ),
        mails=tuple(
            MailTerms(occasion=row.occasion, mode=row.mode, subject=row.subject, body=row.body)
            for row in offer.mails.order_by("id")
        ),
    )


def _columns(terms: OfferTerms) -> dict[str, Any]:
    return {name: getattr(terms, name) for name in COLUMNS} | {"description": _html(terms.description)}


def _html(text: str) -> str:
    """Cleaned HTML; text without any tag gets its paragraphs from empty lines."""
    return clean(text if "<" in text else linebreaks(text, autoescape=True))


def _write_lists(offer: Offer, terms: OfferTerms) -> None:
    _write_items(offer, terms.items)
    _write_questions(offer, terms.questions)
    _write_documents(offer, terms.documents)
    _write_mails(offer, terms.mails)
    search.index("offer", offer.pk, offer.title, offer.summary, offer.category)


def _write_items(offer: Offer, items: tuple[ItemTerms, ...]) -> None:
    """A course chosen as a whole swallows its parts, and a module its lessons are left to the picker."""
    whole = {item.course_id for item in items if not (item.module_id or item.lesson_id)}
    wanted = {
        (item.course_id, item.module_id, item.lesson_id)
        for item in items
        if item.course_id not in whole or not (item.module_id or item.lesson_id)
    }
    known = {(row.course_id, row.module_id, row.lesson_id): row for row in OfferItem.objects.filter(offer=offer)}
    OfferItem.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in wanted]).delete()
    OfferItem.objects.bulk_create(
        OfferItem(school_id=offer.school_id, offer=offer, course_id=course, module_id=module, lesson_id=lesson)
        for course, module, lesson in sorted(wanted - set(known), key=repr)
    )


def _write_questions(offer: Offer, questions: tuple[QuestionTerms, ...]) -> None:
    known = {row.pk: row for row in OfferQuestion.objects.filter(offer=offer)}
    kept = {question.pk for question in questions} & set(known)
    OfferQuestion.objects.filter(pk__in=set(known) - kept).delete()
    for position, question in enumerate(questions):
        row = known.get(question.pk or 0) or OfferQuestion(school_id=offer.school_id, offer=offer)
        row.label, row.is_required, row.position = question.label, question.is_required, position
        row.save()


def _write_documents(offer: Offer, documents: tuple[DocumentTerms, ...]) -> None:
    wanted = {document.document_id: document.is_required for document in documents}
    known = {row.document_id: row for row in OfferTermsDocument.objects.filter(offer=offer)}
    OfferTermsDocument.objects.filter(pk__in=[row.pk for pk, row in known.items() if pk not in wanted]).delete()
    for pk, is_required in wanted.items():
        row = known.get(pk) or OfferTermsDocument(school_id=offer.school_id, offer=offer, document_id=pk)
        row.is_required = is_required
        row.save()


def _write_mails(offer: Offer, mails: tuple[MailTerms, ...]) -> None:
    """One row for each occasion that is not told by the standard mail."""
    wanted = {mail.occasion: mail for mail in mails}
    known = {row.occasion: row for row in OfferMail.objects.filter(offer=offer)}
    OfferMail.objects.filter(pk__in=[row.pk for key, row in known.items() if key not in wanted]).delete()
    for occasion, mail in wanted.items():
        row = known.get(occasion) or OfferMail(school_id=offer.school_id, offer=offer, occasion=occasion)
        row.mode, row.subject, row.body = mail.mode, mail.subject, mail.body
        row.save()
