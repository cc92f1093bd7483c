"""What a checkout must bring along before it becomes an order."""

from collections.abc import Iterable

from offers.models import Offer
from offers.selectors import terms_of
from orders.errors import AnswerMissing, PhoneMissing, SignInNeeded, TermsNotAccepted
from orders.selectors.sale import Question, Sale

ANSWER_LENGTH = 1_000


def check_buyer(offer: Offer, *, is_signed_in: bool, phone: str) -> None:
    """Raises SignInNeeded and PhoneMissing as the offer asks."""
    if not offer.guest_checkout and not is_signed_in:
        raise SignInNeeded
    if offer.phone == Offer.Phone.REQUIRED and not phone.strip():
        raise PhoneMissing


def answers_to(questions: Iterable[Question], given: Iterable[tuple[int, str]]) -> list[dict[str, str]]:
    """The answers as the order keeps them, beside the wording of their questions. Raises AnswerMissing."""
    texts = {question_id: text.strip()[:ANSWER_LENGTH] for question_id, text in given}
    answered = [(question, texts.get(question.id, "")) for question in questions]
    for question, text in answered:
        if question.is_required and not text:
            raise AnswerMissing(question.id)
    return [{"label": question.label, "text": text} for question, text in answered if text]


def accepted_versions(sale: Sale, language: str, accepted: Iterable[int]) -> list[int]:
    """The versions the buyer accepted among those in force. Raises TermsNotAccepted with the required ones missing."""
    ticked = set(accepted)
    shown = terms_of(sale.offer, language) if sale.has_terms else []
    missing = [each.version.pk for each in shown if each.is_required and each.version.pk not in ticked]
    if missing:
        raise TermsNotAccepted(missing)
    return [each.version.pk for each in shown if each.version.pk in ticked]
