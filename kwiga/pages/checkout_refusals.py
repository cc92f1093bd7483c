"""Where on the checkout a refusal of the service is said."""

from functools import singledispatch

from kwiga.errors import DomainError
from kwiga.pages.checkout_form import CheckoutForm
from orders import errors

CONFLICT = 409


def show_refusal(form: CheckoutForm, error: DomainError) -> int:
    """Put the sentence at the field it is about, and answer the status of the page.

    Other terms are another order, so they get a fresh key; the same form sent again is to find the order it made.
    """
    form.is_valid()
    for field in _fields_of(error):
        form.add_error(field if field in form.fields else None, error.message)  # type: ignore[arg-type]
    if isinstance(error, errors.PriceChanged | errors.CouponRefused | errors.KeyReused):
        form.fresh_key()
    return CONFLICT if isinstance(error, errors.KeyReused) else 200


@singledispatch
def _fields_of(error: DomainError) -> list[str]:
    return [""]


@_fields_of.register
def _once(error: errors.OnceOnly) -> list[str]:
    return ["email"]


@_fields_of.register
def _answer(error: errors.AnswerMissing) -> list[str]:
    return [f"question_{error.question_id}"]


@_fields_of.register
def _phone(error: errors.PhoneMissing) -> list[str]:
    return ["phone"]


@_fields_of.register
def _terms(error: errors.TermsNotAccepted) -> list[str]:
    return [f"terms_{version}" for version in error.version_ids]
