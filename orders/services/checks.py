"""What a checkout must bring along before it becomes an order."""

from collections.abc import Iterable

from offers.models import Offer, OfferQuestion
from offers.selectors import questions_of, terms_of
from orders.errors import AnswerMissing, PhoneMissing, SignInNeeded, TermsNotAccepted

ANSWER_LENGTH = 1_000


def check_buyer(offer: Offer, *, is_signed_in: bool, phone: str) -> None:
    """Raises SignInNeeded and PhoneMissing as the offer asks."""
    if not offer.guest_checkout and not is_signed_in:
        raise SignInNeeded
    if offer.phone == Offer.Phone.REQUIRED and not phone.strip():
        raise PhoneMissing


def answers_to(offer: Offer, given: Iterable[tuple[int, str]]) -> list[dict[str, str]]:
    """The answers as the order keeps them, beside the wording of their questions. Raises AnswerMissing."""
    texts = {question_id: text.strip()[:ANSWER_LENGTH] for question_id, text in given}
    questions = questions_of(offer)
    for question in questions:
        _check_answer(question, texts.get(question.pk, ""))
    return [{"label": question.label, "text": texts[question.pk]} for question in questions if texts.get(question.pk)]


def _check_answer(question: OfferQuestion, text: str) -> None:
    if question.is_required and not text:
        raise AnswerMissing(question.pk)


def accepted_versions(offer: Offer, language: str, accepted: Iterable[int]) -> list[int]:
    """The versions the buyer accepted among those in force. Raises TermsNotAccepted with the required ones missing."""
    ticked = set(accepted)
    shown = terms_of(offer, language)
    missing = [each.version.pk for each in shown if each.is_required and each.version.pk not in ticked]
    if missing:
        raise TermsNotAccepted(missing)
    return [each.version.pk for each in shown if each.version.pk in ticked]
