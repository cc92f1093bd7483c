"""Structured logs: request and task ids on each line, personal data and secrets on none (trust D7).

Three rules, and none of them has to recognize a secret: our own lines keep the keys on a list; errors keep their class
and their frames, not their words; lines of other libraries keep their text, not what is filled into it. While debugging
on one's own machine everything is shown.
"""

import logging
import sys
import traceback
from http.client import responses
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter

# Only these keys leave the process; everything else is dropped, whatever a library binds.
ALLOWED = frozenset(
    [
        "event",
        "level",
        "logger",
        "timestamp",
        "request_id",
        "task_id",
        "parent_task_id",
        "task",
        "school",
        "user_id",
        "status",
        "method",
        "view",
        "duration_ms",
        "kind",
        "row",
        "attempts",
        "count",
        "reason",
        "exception",
        "child_task_id",
        "child_task_name",
        "task_name",
    ]
)
_HIDDEN = "…"
_REASON_PHRASES = frozenset(responses.values())


def keep_allowed(_logger: Any, _name: str, line: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor that keeps the keys on the list."""
    return {key: value for key, value in line.items() if key in ALLOWED or key.startswith("_")}


def frames_and_classes(error: BaseException) -> str:
    """A traceback without the errors' words: those of the database and of mail servers quote personal data."""
    parts = []
    link: BaseException | None = error
    while link is not None:
        parts.append("".join(traceback.format_tb(link.__traceback__)) + type(link).__qualname__)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\nwhile handling\n".join(parts)


def wordless(_logger: Any, _name: str, line: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor that turns an error into `frames_and_classes`, whichever key it lies under."""
    info, given = line.pop("exc_info", None), line.pop("exception", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    error = error or given
    if isinstance(error, BaseException):
        line["exception"] = frames_and_classes(error)
    if isinstance(line.get("reason"), BaseException):
        line["reason"] = type(line["reason"]).__name__
    return line


def without_values(_logger: Any, _name: str, line: dict[str, Any]) -> dict[str, Any]:
    """A structlog processor for lines of other libraries: numbers are filled into the text, everything else is not.

    What gunicorn and Celery say of themselves (below warnings) is shown whole.
    """
    record: logging.LogRecord = line["_record"]
    values = line.pop("positional_args", None) or ()
    if record.name.startswith("django.security."):
        # These texts are made of what a stranger sent.
        line["event"] = f"refused: {record.name.rpartition('.')[2]}"
    elif not isinstance(record.msg, str):
        line["event"] = type(record.msg).__name__
    else:
        own = record.levelno < logging.WARNING and record.name.startswith(("gunicorn", "celery"))
        line["event"] = _filled(record.msg, values if own else _hidden(values))
    return line


def _hidden(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _hide(value) for key, value in values.items()}
    return tuple(_hide(value) for value in values)


def _hide(value: Any) -> Any:
    plain = isinstance(value, int | float) or (isinstance(value, str) and value in _REASON_PHRASES)
    return value if plain else _HIDDEN


def _filled(text: str, values: Any) -> str:
    # gunicorn writes the address and the words of a malformed request into the text itself.
    text = text.partition(" from ip=")[0]
    try:
        return text % values if values else text
    except (TypeError, ValueError, KeyError):
        return text


def _chain(*, debug: bool) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if debug else wordless,
        keep_allowed,
    ]


def _formatter(*, debug: bool) -> dict[str, Any]:
    renderer: Any = structlog.dev.ConsoleRenderer() if debug else structlog.processors.JSONRenderer()
    return {
        "()": ProcessorFormatter,
        "foreign_pre_chain": _chain(debug=debug) if debug else [without_values, *_chain(debug=debug)],
        "use_get_message": debug,
        "pass_foreign_args": not debug,
        "processors": [ProcessorFormatter.remove_processors_meta, renderer],
    }


def logging_settings(*, debug: bool) -> dict[str, Any]:
    """Django's LOGGING, and gunicorn's; configures structlog on the way."""
    structlog.configure(
        processors=[*_chain(debug=debug), ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": _formatter(debug=debug)},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
            "django.security.DisallowedHost": {"level": "ERROR"},
            # Celery puts the words of an error into its lines; django-structlog reports the same failures.
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            # Named, so that gunicorn's own handler is taken off.
            "gunicorn.error": {"level": "INFO", "propagate": True},
        },
    }
