"""What was decided is never changed afterwards (R5), and what failed is kept whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage import audit, dead_letters
from storage.engine import Books
from tests.clock import MONDAY_TEN


def _line(action: str, **changes: Any) -> dict[str, Any]:
    return {
        "at": MONDAY_TEN,
        "person_id": 1,
        "conversation_id": 2,
        "action": action,
        "subject": "",
        "details": "{}",
    } | changes


async def test_lines_are_found_by_what_they_are_about(books: Books) -> None:
    async with books.unit() as unit:
        await audit.write(
            unit,
            [_line("made", subject="YY-1"), _line("other", subject="YY-2"), _line("moved", subject="YY-1")],
        )
        await audit.write(unit, [])
        await audit.write(unit, [_line("joined", at=MONDAY_TEN + timedelta(hours=1), person_id=None)])
        assert [row.action for row in await audit.about(unit, "YY-1")] == ["made", "moved"]
        late = await audit.since(unit, MONDAY_TEN + timedelta(microseconds=1))
        assert [(row.action, row.person_id, row.subject) for row in late] == [("joined", None, "")]
        assert len(await audit.since(unit, MONDAY_TEN)) == 4


async def test_when_something_was_last_done_to_each_of_many(books: Books) -> None:
    later = MONDAY_TEN + timedelta(hours=1)
    async with books.unit() as unit:
        made, moved = _line("made", subject="YY-1"), _line("moved", subject="YY-1", at=later)
        await audit.write(unit, [made, made | {"at": later}, made | {"subject": "YY-2"}, moved])
        found = await audit.latest(unit, "made", ["YY-1", "YY-2", "YY-3"])
        assert found == {"YY-1": later, "YY-2": MONDAY_TEN}
        assert await audit.latest(unit, "made", []) == {}


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'nothing'", "DELETE FROM audit"])
async def test_the_database_refuses_to_change_the_log(books: Books, change: str) -> None:
    """R5: not even by hand."""
    async with books.unit() as unit:
        await audit.write(unit, [_line("confirmed", subject="YY-1")])
    with pytest.raises(DBAPIError, match="append-only: write a new line"):
        async with books.unit() as unit:
            await unit.run(text(change))
    async with books.unit() as unit:
        assert [row.action for row in await audit.about(unit, "YY-1")] == ["confirmed"]


async def test_no_line_is_written_over(sqlite_url: str, postgres_books: Books) -> None:
    """R5: the ways around UPDATE and DELETE that each database has."""
    lines = Books(sqlite_url)
    for books, way in (
        (postgres_books, "TRUNCATE audit"),
        (
            lines,
            "INSERT OR REPLACE INTO audit (id, at, action, subject, details) VALUES (1, 'x', 'x', 'x', 'x')",
        ),
    ):
        async with books.unit() as unit:
            await audit.write(unit, [_line("confirmed", subject="YY-1")])
        with pytest.raises(DBAPIError, match="append-only"):
            async with books.unit() as unit:
                await unit.run(text(way))
    await lines.close()


async def test_dead_letters_are_kept_whole(books: Books) -> None:
    async with books.unit() as unit:
        for number in ("41", "42"):
            await dead_letters.keep(
                unit, MONDAY_TEN, "update", number, '{"text": "你好"}', "ValueError\n" * 400
            )
        assert [tuple(row)[1:6] for row in await dead_letters.all_of(unit)] == [
            (MONDAY_TEN, "update", number, '{"text": "你好"}', "ValueError\n" * 400)
            for number in ("41", "42")
        ]
