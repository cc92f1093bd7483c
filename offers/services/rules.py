"""What an offer may say: rules that hold whoever writes it, a form or a program."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from courses.models import Course, Lesson, Module
from kwiga.money import CURRENCIES
from offers.models import Offer, OfferMail, TermsDocument
from offers.placeholders import NAMES, render_url
from offers.services.errors import OfferRefused
from offers.services.terms import ItemTerms, OfferTerms

PRICE_LIMIT_MINOR = 10**13
QUESTIONS = 10
Sentence = str | Promise


def check_terms(terms: OfferTerms, seats_taken: int = 0) -> None:
    """Raise OfferRefused with the first thing that cannot be."""
    for sentence in _faults(terms, seats_taken):
        raise OfferRefused(sentence)


def _faults(terms: OfferTerms, seats_taken: int) -> Iterator[Sentence]:
    yield from _price_faults(terms)
    yield from _time_faults(terms)
    if terms.seats is not None and terms.seats < seats_taken:
        yield _("%(taken)d seats are taken already: there cannot be fewer.") % {"taken": seats_taken}
    if terms.thank_you_url and not is_safe_link(terms.thank_you_url):
        yield _("The page after the purchase must begin with https://.")
    if len(terms.questions) > QUESTIONS:
        yield _("Ask at most %(count)d questions.") % {"count": QUESTIONS}
    yield from _mail_faults(terms)
    yield from _foreign_things(terms)


def _price_faults(terms: OfferTerms) -> Iterator[Sentence]:
    if terms.currency not in CURRENCIES or not 0 <= terms.price_minor <= PRICE_LIMIT_MINOR:
        yield _("Enter an amount from 0 up to a hundred billion.")
    if terms.promo_price_minor is not None and not 0 <= terms.promo_price_minor < terms.price_minor:
        yield _("The promo price must be lower than the price.")


def _time_faults(terms: OfferTerms) -> Iterator[Sentence]:
    spans: list[tuple[datetime | None, datetime | None, Sentence]] = [
        (terms.promo_starts_at, terms.promo_ends_at, _("The promo price must end after it starts.")),
        (terms.sales_start_at, terms.sales_end_at, _("The sale must end after it starts.")),
        (terms.opens_at, terms.closes_at, _("Access must end after it starts.")),
    ]
    yield from (sentence for start, end, sentence in spans if start and end and end <= start)
    if terms.open_for is not None and not 1 <= terms.open_for <= 3_650:
        yield _("Access can be open from 1 up to 3650 days or months.")


def _mail_faults(terms: OfferTerms) -> Iterator[Sentence]:
    for mail in terms.mails:
        if mail.mode == OfferMail.Mode.OWN and not (mail.subject.strip() and mail.body.strip()):
            yield _("A mail of your own needs a subject and a text.")


def is_safe_link(url: str) -> bool:
    """Whether a buyer may be sent there: https, a host of its own, no words in the host."""
    sample = render_url(url, dict.fromkeys(NAMES, "x"))
    host = urlsplit(url.partition("?")[0]).netloc
    try:
        URLValidator(schemes=["https"])(sample)
    except ValidationError:
        return False
    return not set(host) & set("{}@") and len(url) <= 500


def _foreign_things(terms: OfferTerms) -> Iterator[Sentence]:
    """Ids come from a form: each has to be of this school, and a part of the course it is named with."""
    sentence = _("Something you chose is no longer there. Look at what the offer opens and save again.")
    if not all(_fits(item) for item in terms.items) or not _all_exist(Course, {i.course_id for i in terms.items}):
        yield sentence
    modules = {(item.module_id, item.course_id) for item in terms.items if item.module_id}
    lessons = {(item.lesson_id, item.course_id) for item in terms.items if item.lesson_id}
    if modules - set(Module.objects.filter(pk__in={pk for pk, _course in modules}).values_list("pk", "course_id")):
        yield sentence
    if lessons - set(Lesson.objects.filter(pk__in={pk for pk, _course in lessons}).values_list("pk", "course_id")):
        yield sentence
    if not _all_exist(TermsDocument, {document.document_id for document in terms.documents}):
        yield _("A legal document you chose is no longer there.")


def _fits(item: ItemTerms) -> bool:
    return item.module_id is None or item.lesson_id is None


def _all_exist(model: type[Model], ids: set[int]) -> bool:
    return not ids or model._default_manager.filter(pk__in=ids).count() == len(ids)


def choices_hold(terms: OfferTerms) -> bool:
    """Whether the words that come from fixed lists are of those lists."""
    return terms.phone in Offer.Phone.values and terms.open_for_unit in Offer.Unit.values
