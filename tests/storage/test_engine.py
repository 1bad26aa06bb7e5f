"""One transaction: all of it or nothing, and on SQLite the lock that keeps the last slot from being sold twice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from storage import dead_letters, inbox, places
from storage.bays import BAY_DAYS
from storage.engine import Books
from storage.people import PEOPLE
from storage.places import PLACES
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from pathlib import Path


async def test_all_or_nothing(books: Books) -> None:
    async def fails() -> None:
        async with books.unit() as unit:
            await dead_letters.keep(unit, MONDAY_TEN, "update", "1", "", "")
            raise KeyError

    with pytest.raises(KeyError):
        await fails()
    async with books.glance() as unit:
        assert await dead_letters.all_of(unit) == []


async def test_readings_come_out_of_one_moment_and_do_not_wait(books: Books) -> None:
    async with books.unit() as writer, books.glance() as reader:
        await dead_letters.keep(writer, MONDAY_TEN, "update", "1", "", "")
        assert await dead_letters.all_of(reader) == []


async def test_read_then_write_loses_nothing(books: Books) -> None:
    """Twenty read a counter and write it back: on SQLite a writer is alone from its first reading on."""
    async with books.unit() as unit:
        await places.bind(unit, 0, False)

    async def count() -> None:
        async with books.unit() as unit:
            found = select(PLACES.c.chat_id).where(PLACES.c.queue == "workshop")
            row = await unit.one(found.with_for_update() if unit.is_postgres else found)
            assert row is not None
            await unit.run(update(PLACES).where(PLACES.c.queue == "workshop").values(chat_id=row.chat_id + 1))

    await asyncio.gather(*(count() for _ in range(20)))
    async with books.glance() as unit:
        row = await unit.one(select(PLACES.c.chat_id).where(PLACES.c.queue == "workshop"))
        assert row is not None
        assert row.chat_id == 20


async def test_references_are_kept(books: Books) -> None:
    with pytest.raises(IntegrityError):
        async with books.unit() as unit:
            await unit.run(
                text("INSERT INTO staff_roles (person_id, role, since) VALUES (404, 'advisor', '2026-11-23')")
            )


async def test_new_rows_beside_known_ones(books: Books) -> None:
    async with books.unit() as unit:
        key = {"bay": "1", "day": MONDAY_TEN.date()}
        await unit.run(unit.insert_new(BAY_DAYS).values(**key, mask=1))
        await unit.run_many(unit.insert_new(BAY_DAYS), [key | {"mask": 2}, key | {"bay": "2", "mask": 3}])
        assert [row.mask for row in await unit.rows(select(BAY_DAYS).order_by(BAY_DAYS.c.bay))] == [1, 3]
        await unit.run_many(unit.upsert(BAY_DAYS, ("bay", "day"), ("mask",)), [key | {"mask": 5}])
        records = await unit.records(select(BAY_DAYS).order_by(BAY_DAYS.c.bay))
        assert [row["mask"] for row in records] == [5, 3]


async def test_only_the_named_key_is_forgiven(books: Books) -> None:
    """A row that breaks another rule than `unless` is an error, not silence."""
    person = {"id": 1, "user_id": 7, "first_seen": MONDAY_TEN}
    async with books.unit() as unit:
        await unit.run(insert(PEOPLE).values(**person))
    with pytest.raises(IntegrityError):
        async with books.unit() as unit:
            await unit.run(unit.insert_new(PEOPLE, unless=("user_id",)).values(**(person | {"user_id": 8})))


@pytest.mark.parametrize(("synchronous", "kept_as"), [("FULL", 2), ("NORMAL", 1)])
async def test_sqlite_is_opened_to_survive(tmp_path: Path, synchronous: str, kept_as: int) -> None:
    """WAL and, unless told otherwise, FULL; the folder is made."""
    books = Books(f"sqlite+aiosqlite:///{tmp_path / 'data' / 'desk.db'}", synchronous=synchronous)
    async with books.glance() as unit:
        found = [
            (await unit.rows(text(f"PRAGMA {name}")))[0][0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", kept_as, 1]
    await books.close()


async def test_numbers_as_large_as_the_service_gives_them(books: Books) -> None:
    async with books.unit() as unit:
        assert await inbox.note(unit, 2**52, [2**62], MONDAY_TEN) == {2**62}
