"""Rows of the questions at the checkout; an empty row is no question."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from offers.models import Offer
from offers.selectors import questions_of
from offers.services import QuestionTerms
from offers.services.rules import QUESTIONS

_SPARE = 2


class QuestionForm(forms.Form):
    """One question. Emptied, it is taken away; the numbers order them."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    label = forms.CharField(label=_("Question"), max_length=160, required=False)
    is_required = forms.BooleanField(label=_("Must be answered"), required=False)
    place = forms.IntegerField(
        label=_("Place"), required=False, min_value=1, max_value=99, widget=forms.NumberInput(attrs={"min": 1})
    )


def question_forms(data: Any, offer: Offer | None) -> list[QuestionForm]:
    """The rows of the form: those sent, else those of the offer with two to spare."""
    if data is not None:
        sent = [number for number in range(QUESTIONS) if f"question-{number}-label" in data]
        return [QuestionForm(data, prefix=f"question-{number}") for number in sent]
    known = questions_of(offer) if offer else []
    shown: list[dict[str, Any]] = [
        {"pk": row.pk, "label": row.label, "is_required": row.is_required, "place": number}
        for number, row in enumerate(known, 1)
    ]
    spare: list[dict[str, Any]] = [{"place": len(known) + number} for number in range(1, _SPARE + 1)]
    rows = enumerate([*shown, *spare][:QUESTIONS])
    return [QuestionForm(initial=row, prefix=f"question-{number}") for number, row in rows]


def typed_questions(rows: list[QuestionForm]) -> tuple[QuestionTerms, ...]:
    """The questions of valid rows in the order of their numbers."""
    said = [row.cleaned_data for row in rows if row.cleaned_data.get("label")]
    said.sort(key=lambda data: data["place"] or 99)
    return tuple(QuestionTerms(label=data["label"], is_required=data["is_required"], pk=data["pk"]) for data in said)
