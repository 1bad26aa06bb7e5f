"""The log: structured lines on standard error, without tokens, phones or plates."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

TOKEN = re.compile(r"\b\d{5,}:[A-Za-z0-9_-]{20,}")
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
PLATE = re.compile(r"[\u4e00-\u9fff][A-Z]·?[A-Z0-9]{4}[A-Z0-9\u4e00-\u9fff]{1,2}")


def set_up_log(level_name: str) -> None:
    """Log from `level_name` (LOG_LEVEL) on; libraries speak through the same door."""
    level = getattr(logging, level_name)
    logging.basicConfig(level=level, format="%(message)s", handlers=[_Masking()])
    for chatty in ("httpx", "httpcore", "apscheduler", "aiogram", "aiosqlite", "alembic"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=_stderr()),
    )


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blot out secrets and personal data wherever a value is text."""
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def masked(text: str) -> str:
    """`text` without tokens, phone numbers and plates."""
    for pattern in (TOKEN, PHONE, PLATE):
        text = pattern.sub("***", text)
    return text


class _Masking(logging.StreamHandler[Any]):
    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _stderr() -> Any:
    import sys

    return sys.stderr
