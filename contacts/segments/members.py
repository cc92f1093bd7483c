"""Who fits conditions, at the moment it is asked."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.models import Contact
from contacts.segments.breadth import of_few
from contacts.segments.facts import SegmentFact, fact_of
from contacts.segments.language import Condition, ConditionsRefused, Group, as_json, parse
from contacts.segments.operators import Operator

NOBODY = Q(pk__in=())


@dataclass(frozen=True)
class _Read:
    """A condition with its fact, its operator, and its value in the shape that the operator takes."""

    fact: SegmentFact
    operator: Operator
    value: Any


def contacts_in(conditions: Any) -> QuerySet[Contact]:
    """The contacts of the open scope that fit, in no order; erased ones never do. Raises ConditionsRefused."""
    return Contact.objects.known().filter(condition_of(parse(conditions)))


def fits(conditions: Any, contact: Contact) -> bool:
    """Whether the contact fits now, by one statement. Raises ConditionsRefused."""
    return bool(fitting_among(conditions, [contact.pk]))


def fitting_among(conditions: Any, contacts: Collection[int]) -> set[int]:
    """Which of these few contacts, by id, fit now, by one statement. Raises ConditionsRefused."""
    with of_few():
        return set(contacts_in(conditions).filter(pk__in=contacts).values_list("pk", flat=True))


def checked(conditions: Any) -> dict[str, Any]:
    """The conditions as they are stored. Raises ConditionsRefused for a shape, fact, operator or value that is none."""
    group = parse(conditions)
    for condition in group.conditions:
        _read(condition)
    return as_json(group)


def condition_of(group: Group) -> Q:
    """The group as one condition on contacts; what cannot be read (any more) fits nobody."""
    combine = and_ if group.match == "all" else or_
    return reduce(combine, [condition_of(part) if isinstance(part, Group) else _one(part) for part in group.parts])


def sentence_of(conditions: Any) -> str:
    """The conditions as a plain sentence in the current language. Raises ConditionsRefused."""
    return capfirst(clause_of(conditions)) + "."


def clause_of(conditions: Any) -> str:
    """The conditions as the end of a sentence in the current language. Raises ConditionsRefused."""
    return _said(parse(conditions), Names())


def problems_in(conditions: Any) -> list[str]:
    """What conditions name that is not there any more, in sentences; each fits nobody. Raises ConditionsRefused."""
    names = Names()
    found = [_problem(condition, names) for condition in parse(conditions).conditions]
    return list(dict.fromkeys(filter(None, found)))


def _one(condition: Condition) -> Q:
    try:
        read = _read(condition)
    except ConditionsRefused:
        return NOBODY
    return read.fact.condition(read.operator.key, read.value)


def _read(condition: Condition) -> _Read:
    fact = fact_of(condition.fact)
    operator = fact.operator(condition.op) if fact else None
    if fact is None or operator is None:
        raise ConditionsRefused(_("A condition asks about something that is not known."))
    value = operator.takes.accept(condition.value)
    if value == "" and operator.takes.key == "choice" and not fact.any_label:
        raise ConditionsRefused(_("A condition is compared with something of another kind."))
    return _Read(fact, operator, value)


class Names:
    """What facts choose from, asked once for each fact however many conditions are said."""

    def __init__(self) -> None:
        self._known: dict[str, list[tuple[str, str]]] = {}

    def of(self, read: _Read) -> list[tuple[str, str]]:
        """The choices of a fact whose value is one of them."""
        if read.operator.takes.key not in ("choice", "percent"):
            return []
        key = read.fact.key
        if key not in self._known:
            self._known[key] = read.fact.all_choices()
        return self._known[key]


def _said(group: Group, names: Names) -> str:
    joint = _(" and ") if group.match == "all" else _(" or ")
    return joint.join(
        _said_inside(part, names) if isinstance(part, Group) else _say(part, names) for part in group.parts
    )


def _said_inside(group: Group, names: Names) -> str:
    said = _said(group, names)
    return f"({said})" if len(group.parts) > 1 else said


def _say(condition: Condition, names: Names) -> str:
    try:
        read = _read(condition)
    except ConditionsRefused:
        return _("something that is not known any more")
    fact, operator = read.fact, read.operator
    words = {"fact": _inside(fact), "operator": operator.label}
    words["value"] = operator.takes.say(read.value, names.of(read))
    if operator.key in fact.sentences:
        return str(fact.sentences[operator.key]) % words
    if operator.takes.key == "days":
        words["operator"] = str(operator.label).replace("…", str(words["value"]))
        return _("%(fact)s: %(operator)s") % words
    return (_("%(fact)s: %(operator)s %(value)s") if words["value"] else _("%(fact)s: %(operator)s")) % words


def _inside(fact: SegmentFact) -> str:
    """The label as it stands inside a sentence; what the school named itself stays as it was written."""
    label = str(fact.label)
    is_plain = not fact.key.startswith("field:") and label[1:2].islower()
    return label[:1].lower() + label[1:] if is_plain else label


def _problem(condition: Condition, names: Names) -> str:
    try:
        read = _read(condition)
    except ConditionsRefused:
        return _("A condition asks about something that is not there any more.")
    token = read.value["of"] if isinstance(read.value, dict) and "of" in read.value else read.value
    if read.operator.takes.key not in ("choice", "percent") or read.fact.choices is None:
        return ""
    if token in dict(names.of(read)):
        return ""
    return _("“%(fact)s” names something that was deleted.") % {"fact": read.fact.label}
