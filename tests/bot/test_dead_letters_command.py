"""`dead-letters`: what an operator sees (no customer's words, unless asked for) and decides, while the bot works."""

from __future__ import annotations

import asyncio
import fcntl
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot.dead_letters import gist
from bot.run import app
from bot.store_file import write_template
from storage import audit, dead_letters, upgrade
from storage.dead_letters import DeadLetterState
from storage.engine import Books

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
UPDATE = {
    "update_id": 900,
    "callback_query": {
        "id": "77",
        "from": {"id": 8, "is_bot": False, "first_name": "李娜娜", "username": "lina"},
        "message": {"message_id": 3, "chat": {"id": 8, "type": "private"}, "text": "车牌粤B12345"},
        "data": "1z.2.day:13812345678",
    },
    "location": {"latitude": 22.543096},
}
TIMER = {
    "conversation": 12,
    "name": "hold_over",
    "due_at": "2026-11-23T02:00:00+00:00",
    "what": "李娜娜",
    "why": "",
}
CANARIES = ("李娜娜", "lina", "粤B12345", "13812345678", "22.54")
ERROR = """Traceback (most recent call last):
  File "/srv/desk/service/desk.py", line 10, in handle
    await self._one(play, update)
  File "/srv/desk/dialogs/booking.py", line 120, in quote
    raise KeyError(words)
KeyError: '粤B12345'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/desk/storage/engine.py", line 33, in rows
    raise NotSupported(error)
sqlalchemy.exc.DataError: 李娜娜
[SQL: INSERT INTO people]
[parameters: ('13812345678', 'lina')]
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A shop with three dead letters, whose bot is at work: it has the file."""

    async def furnish() -> None:
        books = Books(_url(tmp_path))
        await upgrade.upgrade(books)
        async with books.unit() as unit:
            payload = json.dumps(UPDATE, ensure_ascii=False)
            await dead_letters.keep(unit, AT, "update", "900", payload, ERROR)
            await dead_letters.keep(unit, AT, "timer", "34", json.dumps(TIMER, ensure_ascii=False), ERROR)
            await dead_letters.keep(unit, AT, "update", "901", "half of {", "")
        await books.close()

    asyncio.run(furnish())
    monkeypatch.chdir(tmp_path)
    write_template(tmp_path / "store.yaml")
    with (tmp_path / "data" / "bot.sqlite3.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tmp_path


def _url(shop: Path) -> str:
    return f"sqlite+aiosqlite:///{shop / 'data' / 'bot.sqlite3'}"


def _told(shop: Path, *words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["dead-letters", *words])
    assert done.exit_code == code, done.output
    return done.output


def _states(shop: Path) -> list[str]:
    async def read() -> list[str]:
        books = Books(_url(shop))
        async with books.glance() as unit:
            found = [row.state for row in await dead_letters.all_of(unit)]
        await books.close()
        return found

    return asyncio.run(read())


def test_the_list_says_when_what_and_why_but_nobodys_words(shop: Path) -> None:
    first, second, third, hint = _told(shop).splitlines()
    assert first.split("\u3000") == [
        *("1", "2026-11-23 10:00", "消息 U900", "待处理"),
        "sqlalchemy.exc.DataError（storage/engine.py:33 rows）",
    ]
    assert "定时 T34" in second
    assert third.endswith("?")
    assert "replay" in hint


def test_show_masks_whatever_a_person_has_written(shop: Path) -> None:
    """The update stays readable: who by number, which button, which kind of chat; its words only with --plain."""
    shown = _told(shop, "show", "1")
    assert [one for one in CANARIES if one in shown] == []
    assert '"data": "1z.2.day:"' in shown
    assert '"type": "private"' in shown
    assert '"id": 8' in shown
    assert "KeyError" in shown
    assert "dialogs/booking.py:120 quote" in shown
    plain = _told(shop, "show", "u900", "--plain")
    assert [one for one in CANARIES if one not in plain] == []
    timer = _told(shop, "show", "T34")
    assert '"hold_over"' in timer
    assert "李娜娜" not in timer
    assert "half of" not in _told(shop, "show", "3")


def test_decisions_are_written_beside_the_running_bot(shop: Path) -> None:
    """It has the lock of the file; what is asked for waits for its next look, and what is settled stays settled."""
    assert "已登记重新处理：1" in _told(shop, "replay", "U900")
    assert _states(shop) == ["asked", "kept", "kept"]
    assert "没有改动：1" in _told(shop, "replay", "1")
    assert "不再处理：1、3" in _told(shop, "let-go", "3", "1")
    assert "没有改动：1" in _told(shop, "replay", "1")
    assert "已登记重新处理：2" in _told(shop, "replay", "--all")
    assert _states(shop) == ["let_go", "asked", "let_go"]
    assert len(_told(shop).splitlines()) == 2
    assert len(_told(shop, "--all").splitlines()) == 4
    assert "了结于" in _told(shop, "show", "3")
    assert "没有待处理" in _told(shop, "replay", "--all")

    async def recorded() -> list[tuple[str, str]]:
        books = Books(_url(shop))
        async with books.glance() as unit:
            lines = [
                (line.action, line.subject) for line in await audit.since(unit, AT - timedelta(days=9_999))
            ]
        await books.close()
        return lines

    assert asyncio.run(recorded()) == [
        ("replay_asked", "D1"),
        ("put_aside", "D1"),
        ("put_aside", "D3"),
        ("replay_asked", "D2"),
    ]


def test_mistakes_are_one_line(shop: Path) -> None:
    assert "4" in _told(shop, "show", "4", code=2)
    assert "U7、x" in _told(shop, "let-go", "1", "U7", "x", code=2)
    assert "编号" in _told(shop, "replay", code=2)
    assert "编号" in _told(shop, "let-go", "--all", code=2)
    assert "bury" in _told(shop, "bury", "1", code=2)
    assert _states(shop) == [DeadLetterState.KEPT] * 3


def test_an_error_without_places_is_still_named() -> None:
    assert (gist("ValueError: 粤B12345"), gist("")) == ("ValueError", "?")
