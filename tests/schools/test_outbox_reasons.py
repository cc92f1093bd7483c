"""What is kept of an error, and what staff read about it."""

import pytest
from django.db import connections
from django.utils import translation

from schools.models import OutboxRow, School
from schools.outbox.drain import drain
from schools.outbox.effects import EffectError, Outage
from schools.outbox.reasons import reason_of, sentence_for
from tests.support.outbox import Applying, only_row, put, registered


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("ivan@example.com is wrong"), "ValueError"),
        (EffectError("SMTPDataError 554"), "SMTPDataError 554"),
        (EffectError(), "EffectError"),
        (Outage("TimeoutError"), "Outage: TimeoutError"),
    ],
)
def test_words_of_unknown_origin_are_not_kept(error: Exception, code: str) -> None:
    assert reason_of(error) == code


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("SMTPRecipientsRefused 550", "refused the recipient"),
        ("Outage: ConnectionRefusedError", "cannot be reached"),
        ("WorkerLost", "ended the process"),
        ("IntegrityError", "Something in the product failed"),
        ("", ""),
    ],
)
def test_every_code_has_a_sentence(code: str, part: str) -> None:
    with translation.override("en"):
        sentence = str(sentence_for(code))
    assert part in sentence and bool(sentence) is bool(code)


@pytest.mark.django_db(transaction=True, databases=["default", "relay"])
def test_a_refused_statement_is_the_rows_error_and_says_nothing_personal(school: School) -> None:
    def break_a_rule(row: OutboxRow) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("INSERT INTO schools_school (slug) VALUES ('ivan@example.com')")

    with registered("note", Applying(break_a_rule)):
        put(school, "note", 1)
        drain()
    assert only_row(school).last_error == "IntegrityError"
