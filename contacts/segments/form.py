"""Conditions put together on a page: rows that are added, changed and taken away by plain posts.

A page that holds the form answers its buttons itself, and includes "contacts/_conditions.html" with it:

    data = request.POST if request.method == "POST" else None
    conditions = ConditionsForm(data, conditions=stored, page=request.path)
    if conditions.pressed:
        return conditions_answer(request, conditions) or <the page again, nothing saved>
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from contacts.segments.facts import SegmentFact, all_facts
from contacts.segments.language import PARTS, ConditionsRefused, Group, parse
from contacts.segments.members import checked, contacts_in, sentence_of
from contacts.segments.tree import NAME, TYPED, Box, Row, match_of, written
from contacts.segments.values import ValueRefused
from kwiga.money import CURRENCIES
from kwiga.paging import Count, count_up_to

COUNT_LIMIT, SAMPLE = 10_000, 5


@dataclass(frozen=True)
class Found:
    """Who fits what the form says."""

    count: Count
    sample: list[Contact]
    sentence: str


class ConditionsForm:
    """The form. `may_be_empty` lets no condition stand for everybody: `conditions` is None then.

    `note` says when people are looked at; that of a list by default.
    """

    note: str | Promise = gettext_lazy("People who fit at this moment; who fits later joins by itself.")

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        conditions: Mapping[str, Any] | None = None,
        page: str = "",
        may_be_empty: bool = False,
    ) -> None:
        self.page, self.may_be_empty = page, may_be_empty
        self.data = data if data is not None and f"{NAME}-node" in data else None
        self.is_bound = self.data is not None
        self.error = ""
        self.conditions: dict[str, Any] | None = None
        if self.data is not None:
            self.root = self._posted(self.data)
            self._press(self.pressed)
        else:
            self.root = self._stored(parse(conditions)) if conditions else Box("0")
        if not self.root.parts and not may_be_empty:
            self.root.parts.append(Row("0-0"))
        self.root.number()

    @property
    def pressed(self) -> str:
        """The button of the form that was pressed; "" when the page is to be saved."""
        return self.data.get(NAME, "") if self.data is not None else ""

    def is_valid(self) -> bool:
        """Read everything into `conditions`; rows say what they miss."""
        if not self.root.parts and self.may_be_empty:
            return True
        for row in self.root.rows:
            row.error = _missing(row)
        if any(row.error for row in self.root.rows):
            return False
        try:
            self.conditions = checked(self.root.read())
        except ConditionsRefused as error:
            self.error = str(error)
        return not self.error

    @cached_property
    def found(self) -> Found | None:
        """Who fits what the form says so far; None while it is not finished, or says nothing."""
        try:
            conditions = checked(self.root.read())
        except (ValueRefused, ConditionsRefused):
            return None
        people = contacts_in(conditions)
        sample = list(people.order_by("-created_at", "-id")[:SAMPLE])
        return Found(count_up_to(people, COUNT_LIMIT), sample, sentence_of(conditions))

    @cached_property
    def facts(self) -> dict[str, SegmentFact]:
        """All facts by key: one query."""
        return {fact.key: fact for fact in all_facts()}

    @cached_property
    def topics(self) -> list[tuple[str, list[SegmentFact]]]:
        """All facts under their topics."""
        topics: dict[str, list[SegmentFact]] = {}
        for fact in self.facts.values():
            topics.setdefault(str(fact.topic), []).append(fact)
        return list(topics.items())

    @cached_property
    def shown(self) -> Box:
        """The tree with what its rows choose from: one query for each fact that knows choices."""
        known: dict[str, list[tuple[str, str]]] = {}
        for row in self.root.rows:
            if row.fact and row.takes in ("choice", "percent"):
                if row.fact.key not in known:
                    known[row.fact.key] = row.fact.all_choices()
                row.choices = known[row.fact.key]
        return self.root

    @property
    def currencies(self) -> tuple[str, ...]:
        return CURRENCIES

    @property
    def is_everybody(self) -> bool:
        """Whether no condition is asked for, and none is needed."""
        return self.may_be_empty and not self.root.parts

    @property
    def is_full(self) -> bool:
        """Whether no further part may be added."""
        return self.root.size >= PARTS

    def _stored(self, group: Group, path: str = "0") -> Box:
        box = Box(path, group.match)
        for place, part in enumerate(group.parts):
            below = f"{path}-{place}"
            if isinstance(part, Group):
                box.parts.append(self._stored(part, below))
                continue
            row = Row(below, part.fact, part.op, fact=self.facts.get(part.fact))
            if row.operator and row.operator.key == part.op:
                row.typed = written(row.operator, part.value)
            box.parts.append(row)
        return box

    def _posted(self, data: QueryDict) -> Box:
        """The tree of the paths that were sent; more of them than there may be are passed over."""
        root = Box("0", match_of(data.get(f"{NAME}-0-match")))
        boxes = {"0": root}
        for path in data.getlist(f"{NAME}-node")[: PARTS * 2]:
            above = boxes.get(path.rpartition("-")[0])
            if above is None or len(path) > 20:
                continue
            if f"{NAME}-{path}-match" in data:
                boxes[path] = Box(path, match_of(data.get(f"{NAME}-{path}-match")))
                above.parts.append(boxes[path])
            else:
                above.parts.append(self._posted_row(data, path))
        return root

    def _posted_row(self, data: QueryDict, path: str) -> Row:
        said = {name: data.get(f"{NAME}-{path}-{name}", "") for name in ("fact", "op", "was", *TYPED)}
        row = Row(path, said["fact"], said["op"], fact=self.facts.get(said["fact"]))
        if said["was"] in ("", row.was):
            row.typed = {name: said[name] for name in TYPED}
        return row

    def _press(self, button: str) -> None:
        """What a button does to the tree: "add:<path>", "group:<path>", "remove:<path>"; others change nothing."""
        verb, _colon, path = button.partition(":")
        if verb == "remove":
            self.root.remove(path)
        box = self.root.find(path)
        if box is None or self.is_full:
            return
        if verb == "add":
            box.parts.append(Row("", is_fresh=True))
        if verb == "group" and box.may_nest:
            box.parts.append(Box("", "any" if box.match == "all" else "all", [Row("", is_fresh=True)]))


def conditions_answer(request: Any, form: ConditionsForm) -> HttpResponse | None:
    """The part of the page that a pressed button changed, for htmx; None when the whole page is to be shown."""
    if not request.htmx:
        return None
    part = "contacts/_conditions_found.html" if form.pressed == "count" else "contacts/_conditions.html"
    return render(request, part, {"conditions_form": form})


def _missing(row: Row) -> str:
    try:
        row.read()
    except ValueRefused as error:
        return str(error)
    return ""
