"""Structured logs: request and task ids on each line, personal data and secrets on none (trust D7)."""

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


def _shared() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        keep_allowed,
    ]


def logging_settings(*, debug: bool) -> dict[str, Any]:
    """Django's LOGGING; configures structlog on the way."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.dev.ConsoleRenderer() if debug else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared(),
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
        },
    }
