"""The log: one JSON object a line on standard error, without tokens, phones, plates, names or words of customers.

Of an exception only its kind and the places in the code are written. Its message is left out: a database quotes
the row that it refuses, a parser the text that it cannot read.
"""

from __future__ import annotations

import errno
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final, TextIO, cast

import structlog
from structlog.stdlib import ProcessorFormatter

from bot.settings import Settings

TOKEN: Final = re.compile(r"\b\d+:[A-Za-z0-9_-]{20,}")
PHONE: Final = re.compile(
    r"(?<![\d.])(?:(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|0\d{2,3}[ -]\d{4}[ -]?\d{3,4})(?!\d)"
)
PLATE: Final = re.compile(r"[\u4e00-\u9fff][A-Za-z][·. -]?[A-Za-z0-9]{4}[A-Za-z0-9\u4e00-\u9fff]{1,2}")
QUOTED: Final = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u300c[^\u300d]*\u300d")
"""What the messaging service quotes of a message that it refuses is somebody's words."""
LONGEST: Final = 300  # characters of one text
MOST_PLACES: Final = 20  # of one exception: the innermost ones
CHATTY: Final = ("httpx", "httpcore", "apscheduler", "aiogram", "aiosqlite", "alembic")

Fields = MutableMapping[str, Any]


def set_up_log(level_name: str, secrets: Iterable[str] = ()) -> None:
    """Log from `level_name` (LOG_LEVEL) on; `secrets` appear nowhere. Libraries speak through the same door."""
    level = getattr(logging, level_name)
    last: list[Any] = [
        exceptions_told,
        Discretion(secrets),
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    first: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    paper = _Paper(sys.stderr)
    handler = logging.StreamHandler(paper)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[ProcessorFormatter.remove_processors_meta, *last],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first, _first_line],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, paper)),
    )
    sys.excepthook = _died


class _Paper:
    """Where the log is written. A disk that is full, or a reader that has gone, must not end the work."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()


def secrets_of(settings: Settings) -> list[str]:
    """What must appear nowhere, whatever it looks like: token, webhook secret, the database's password."""
    password = re.search(r"://[^:@/]*:([^@/]*)@", settings.database_url)
    return [
        settings.bot_token.get_secret_value(),
        settings.webhook_secret.get_secret_value(),
        password[1] if password else "",
    ]


# ---------------------------------------------------------------- exceptions


def exceptions_told(_logger: Any, _method: str, fields: Fields) -> Fields:
    """An exception becomes `error`, its kind, and `where`, the places that it came through; no word of it is kept."""
    given = fields.pop("exc_info", None)
    error = (
        given
        if isinstance(given, BaseException)
        else (given if isinstance(given, tuple) else sys.exc_info())[1]
    )
    if given and error is not None:
        fields["error"] = error
        fields["where"] = [*_places(error)][-MOST_PLACES:]
    for name, value in fields.items():
        if isinstance(value, BaseException):
            fields[name] = kind_of(value)
    return fields


def kind_of(error: BaseException) -> str:
    """What kind of exception it is, with the database's or the system's code, and what caused it."""
    if isinstance(error, BaseExceptionGroup):
        inner = ", ".join(kind_of(each) for each in error.exceptions)
        return f"{type(error).__name__} [{inner}]"
    code = _code(error)
    said = type(error).__name__ + (f" {code}" if code else "")
    cause = error.__cause__ or getattr(error, "orig", None)
    return f"{said} from {kind_of(cause)}" if isinstance(cause, BaseException) else said


def _code(error: BaseException) -> str:
    for name in ("sqlite_errorname", "sqlstate"):
        if code := getattr(error, name, None):
            return str(code)
    return errno.errorcode.get(error.errno or 0, "") if isinstance(error, OSError) else ""


def _places(error: BaseException) -> Iterator[str]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _places(each)
    if error.__cause__ is not None:
        yield from _places(error.__cause__)
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"


def _died(kind: type[BaseException], error: BaseException, _trace: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger(__name__).critical("the program ends by a mistake of its own", exc_info=error)


# ---------------------------------------------------------------- what is not for the log


class Discretion:
    """Takes out of every value what is not for the log; a value that is no plain one is told by its kind alone."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        """`secrets` are taken out wherever they stand."""
        kept = sorted(filter(None, secrets), key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, kept))) if kept else None

    def __call__(self, _logger: Any, _method: str, fields: Fields) -> Fields:
        """The same fields, fit to be written."""
        return {name: self._plain(value, quotes=name != "reason") for name, value in fields.items()}

    def text(self, text: str) -> str:
        """`text` without secrets, phone numbers and plates."""
        for pattern in filter(None, (self._secrets, TOKEN, PHONE, PLATE)):
            text = pattern.sub("***", text)
        return text[:LONGEST]

    def _plain(self, value: Any, *, quotes: bool) -> Any:
        if isinstance(value, str):
            return self.text(value if quotes else QUOTED.sub("…", value))
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, date | timedelta):
            return str(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._plain(each, quotes=quotes) for name, each in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._plain(each, quotes=quotes) for each in value]
        return type(value).__name__


def _first_line(_logger: Any, _method: str, fields: Fields) -> Fields:
    """Of a library's message only its first line: behind it asyncio quotes the exception."""
    fields["event"] = str(fields["event"]).partition("\n")[0]
    return fields
