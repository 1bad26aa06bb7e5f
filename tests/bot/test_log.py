"""The log says what happened and where, and never who: no token, phone, plate, name or word of a customer's."""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, TextIO

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.log import Discretion, kind_of, secrets_of, set_up_log
from bot.settings import load_settings
from dialogs.core import Said
from service.ports import Incoming, Sender
from storage.engine import Books
from tests.faults.shop import WANG
from tests.faults.test_trouble import POISON, open_desk
from tests.storage.conftest import postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.clock import FakeClock

__all__ = ["postgres_template", "sqlite_template", "sqlite_url"]  # books at HEAD

TOKEN = "4200:" + "s3cret_-" * 4
NAME, PHONE, PLATE, WORDS = "王建国", "13800138000", "粤B12345", "刹车异响很久了"
CANARIES = (TOKEN, NAME, PHONE, PLATE, WORDS)


class FullDisk(StringIO):
    """Takes nothing any more."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@contextmanager
def own_log(monkeypatch: pytest.MonkeyPatch, written: TextIO) -> Iterator[None]:
    """The log as `run` sets it up, on `written`; as it was afterwards."""
    root = logging.getLogger()
    handlers, level, config = root.handlers[:], root.level, structlog.get_config()
    known = [each for each in logging.Logger.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    levels = {each.name: each.level for each in known}
    monkeypatch.setattr(sys, "stderr", written)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    set_up_log("INFO", [TOKEN])
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, each in levels.items():
        logging.getLogger(name).setLevel(each)
    structlog.configure(**config)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What was written to the log so far."""
    written = StringIO()
    with own_log(monkeypatch, written):
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def told(lines: Callable[[], list[dict[str, Any]]]) -> dict[str, Any]:
    """The only line."""
    (line,) = lines()
    return line


# ---------------------------------------------------------------- a line


def test_a_line_is_an_object_with_time_level_and_event(lines: Callable[[], list[dict[str, Any]]]) -> None:
    structlog.get_logger().warning("letter not delivered", letter=12, answer="TryLater")
    line = told(lines)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "letter not delivered", "level": "warning", "letter": 12, "answer": "TryLater"}


def test_libraries_speak_through_the_same_door(lines: Callable[[], list[dict[str, Any]]]) -> None:
    try:
        raise ValueError(WORDS)
    except ValueError:
        logging.getLogger("asyncio").exception("Task %s failed\nfuture: <Task exception=%r>", 7, WORDS)
    line = told(lines)
    assert (line["event"], line["logger"], line["level"]) == ("Task 7 failed", "asyncio", "error")
    assert line["error"] == "ValueError"
    assert WORDS not in json.dumps(line, ensure_ascii=False)


def test_an_exception_is_told_by_its_kind_and_its_places(lines: Callable[[], list[dict[str, Any]]]) -> None:
    try:
        try:
            int(WORDS)
        except ValueError as error:
            raise RuntimeError(NAME) from error
    except RuntimeError:
        structlog.get_logger().exception("it failed")
    line = told(lines)
    assert line["error"] == "RuntimeError from ValueError"
    assert len(line["where"]) == 2
    assert {place.partition(":")[0].rpartition(".")[2] for place in line["where"]} == {"test_log"}
    assert {place.partition(" ")[2] for place in line["where"]} == {
        "test_an_exception_is_told_by_its_kind_and_its_places"
    }
    assert "exception" not in line
    assert "exc_info" not in line


def test_a_group_of_exceptions_names_them_all() -> None:
    group = BaseExceptionGroup(WORDS, [KeyError(NAME), OSError(28, WORDS)])
    assert kind_of(group) == "ExceptionGroup [KeyError, OSError ENOSPC]"


def test_a_death_is_a_line_too(lines: Callable[[], list[dict[str, Any]]]) -> None:
    sys.excepthook(RuntimeError, RuntimeError(WORDS), None)
    line = told(lines)
    assert (line["level"], line["error"]) == ("critical", "RuntimeError")


async def test_the_database_says_its_code_and_not_the_row(database_url: str) -> None:
    books = Books(database_url)
    row = {"id": 1, "words": WORDS}

    async def write_twice() -> None:
        async with books.unit() as unit:
            await unit.run(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, words TEXT)"))
            for _ in range(2):
                await unit.run(text("INSERT INTO notes VALUES (:id, :words)"), row)

    with pytest.raises(DBAPIError) as failed:
        await write_twice()
    said = kind_of(failed.value)
    assert said.startswith("IntegrityError from ")
    assert "SQLITE_CONSTRAINT_PRIMARYKEY" in said or "23505" in said
    await books.close()


def test_a_log_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work goes on."""
    with own_log(monkeypatch, FullDisk()):
        structlog.get_logger().error("who reads this?")
        logging.getLogger("aiohttp").error("or this?")


# ---------------------------------------------------------------- what is not for it


@pytest.mark.parametrize(
    "words",
    [
        f"https://api.telegram.org/bot{TOKEN}/sendMessage",
        "12345678:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "13800138000", "138-0013-8000", "138 0013 8000", "+8613800138000", "86 13800138000", "021-55550100",
        "粤B12345", "粤b·12345", "沪AD12345", "京A1234学",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "wrap",
    [lambda words: words, lambda words: {"a": [(words,)]}, lambda words: {words: 1}, lambda words: [{words}]],
)
def test_secrets_and_personal_data_are_taken_out_of_every_value(
    words: str, wrap: Callable[[str], Any]
) -> None:
    said = repr(Discretion([TOKEN])(None, "", {"event": f"said {words}.", "what": wrap(words)}))
    assert words not in said
    assert said.count("***") >= 2


def test_a_value_that_is_no_plain_one_is_told_by_its_kind() -> None:
    update = Incoming(1, Sender(WANG, NAME), WANG, Said(WORDS))
    assert Discretion()(None, "", {"update": update, "many": [update]}) == {
        "update": "Incoming",
        "many": ["Incoming"],
    }


def test_what_the_service_quotes_is_left_out() -> None:
    reason = 'Bad Request: can\'t parse entities: unsupported start tag "王建国" at byte offset 12'
    assert Discretion()(None, "", {"reason": reason})["reason"] == reason.replace(f'"{NAME}"', "…")
    plain = "Bad Request: chat not found"
    assert Discretion()(None, "", {"reason": plain})["reason"] == plain


def test_ordinary_words_and_figures_stay() -> None:
    fields = {"event": "row not imported", "line": 13800138000, "took": 0.25, "at": "2026-11-22T14:21:38.012345Z",
              "letter": None, "good": True, "cure": "连不上 Telegram，请检查网络和 BOT_API_BASE。"}  # fmt: skip
    assert Discretion([""])(None, "", dict(fields)) == fields


def test_the_secrets_are_those_of_the_settings() -> None:
    env = {"BOT_TOKEN": TOKEN, "DATABASE_URL": "postgresql://desk:pass-word@h/d", "WEBHOOK_SECRET": "hook"}
    assert secrets_of(load_settings(env, None)) == [TOKEN, "hook", "pass-word"]
    assert secrets_of(load_settings({}, None, token_required=False)) == ["", "", ""]


async def test_whatever_goes_wrong_nobody_is_named(
    database_url: str, clock: FakeClock, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    """A dialog that quotes the customer in its exception, a batch that fails, a dead letter."""
    async with open_desk(database_url, clock) as desk:
        raw = {"message": {"text": f"{WORDS} {PHONE}", "from": {"first_name": NAME}}}
        await desk.intake.put([Incoming(1, Sender(WANG, NAME), WANG, Said(POISON), raw=raw)])
        await desk.intake.put([Incoming(2, Sender(WANG, NAME), WANG, Said(f"{PLATE} {WORDS}"), raw=raw)])
    assert {line["event"] for line in lines()} >= {
        "batch failed, trying one by one",
        "update kept as a dead letter",
    }
    assert {line["error"] for line in lines()} == {"ZeroDivisionError"}
    written = json.dumps(lines(), ensure_ascii=False)
    assert [canary for canary in (*CANARIES, POISON) if canary in written] == []
