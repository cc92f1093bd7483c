"""Conditions on words, whatever their case."""

from django.db.models import Q


def text_is(column: str, op: str, value: str | None) -> Q:
    """Whether the words in a column that is never null are as asked; empty ones contain nothing."""
    if op in ("filled", "empty"):
        return Q(**{column: ""}) if op == "empty" else ~Q(**{column: ""})
    lookup = {"is": "iexact", "is_not": "iexact", "starts": "istartswith"}.get(op, "icontains")
    if column == "email" and lookup == "iexact":
        lookup = "exact"  # emails are kept folded, and the index holds them so
    fits = Q(**{f"{column}__{lookup}": value})
    return ~fits if op in ("is_not", "not_contains") else fits
