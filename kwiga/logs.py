"""Structured logs: request and task ids on each line, personal data and secrets on none (trust D7)."""

import sys
import traceback
from typing import Any

import structlog

# Only these keys leave the process; everything else is dropped, whatever a library binds.
ALLOWED = frozenset(
    "event level logger timestamp request_id task_id parent_task_id task school user_id status method view duration_ms "
    "kind row attempts count reason exception child_task_id child_task_name task_name".split()
)


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
    info = line.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    error = error or line.get("exception")
    if isinstance(error, BaseException):
        line["exception"] = frames_and_classes(error)
    return line


def _shared(*, debug: bool) -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info if debug else wordless,
        keep_allowed,
    ]


def logging_settings(*, debug: bool) -> dict[str, Any]:
    """Django's LOGGING; configures structlog on the way."""
    structlog.configure(
        processors=[*_shared(debug=debug), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.dev.ConsoleRenderer() if debug else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(debug=debug),
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
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
        },
    }
