"""What the journal's events are called: each app registers its topics in `AppConfig.ready()`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from schools.models import Event, School

Text = str | Promise


@dataclass(frozen=True)
class Subject:
    """What an event was about: its name today, and its page if there is one."""

    text: str
    url: str = ""


def _no_subjects(school: School, events: Sequence[Event]) -> dict[int, Subject]:
    return {}


def _no_detail(event: Event) -> str:
    return ""


@dataclass(frozen=True)
class Kind:
    """How one kind of event reads: "Role changed", and what `detail` makes of the event's data."""

    sentence: Text
    icon: str
    detail: Callable[[Event], str] = _no_detail


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Kinds that belong together. `subjects` names what the events are about, by the event's id, in one query."""

    label: Text
    kinds: dict[str, Kind]
    subjects: Callable[[School, Sequence[Event]], dict[int, Subject]] = _no_subjects


_topics: dict[str, Topic] = {}


def register(key: str, topic: Topic) -> None:
    """Add a topic under the word that its filter has in the address."""
    _topics[key] = topic


def topics() -> dict[str, Topic]:
    """All topics, in the order in which apps registered them."""
    return dict(_topics)


def topic_of(kind: str) -> Topic | None:
    """The topic a kind of event belongs to; None for a kind that nobody registered."""
    return next((topic for topic in _topics.values() if kind in topic.kinds), None)


def sentence_of(kind: str) -> Text:
    """What a kind reads as; the bare kind when nobody registered it."""
    topic = topic_of(kind)
    return topic.kinds[kind].sentence if topic else kind
