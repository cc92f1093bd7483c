"""Who wants to know what happened: apps to the right register their handlers in `AppConfig.ready()`."""

from collections import defaultdict
from collections.abc import Callable

from schools.models import Event

Handler = Callable[[Event], None]

_handlers: defaultdict[str, list[Handler]] = defaultdict(list)


def listen(kind: str, handler: Handler) -> None:
    """Call `handler(event)` once for each event of this kind, in the scope of its school, after the change committed.

    All handlers of an event share one transaction: it is done once, or not at all and tried again. A handler that has
    something to say to the outside world enqueues a row of its own.
    """
    if handler not in _handlers[kind]:
        _handlers[kind].append(handler)


def handlers_of(kind: str) -> tuple[Handler, ...]:
    """The handlers of a kind, in the order of registration."""
    return tuple(_handlers.get(kind, ()))
