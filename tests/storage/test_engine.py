"""One transaction: all of it or nothing, and on SQLite the lock that keeps the last slot from being sold twice."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import weakref
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import dead_letters, engine, inbox, places
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


# ---------------------------------------------------------------- what we execute ourselves


async def test_an_error_tells_no_values(books: Books) -> None:
    """What somebody wrote must not get into the log by way of an error."""
    key = {"bay": "粤B12345", "day": MONDAY_TEN.date(), "mask": 1}
    with pytest.raises(IntegrityError) as caught:
        async with books.unit() as unit:
            await unit.run_many(insert(BAY_DAYS), [key, key])
    assert "粤B12345" not in str(caught.value).partition("DETAIL")[0]
    assert caught.value.params is None


async def test_who_is_cancelled_leaves_nothing_behind(books: Books) -> None:
    """The transaction is undone, and whoever comes next finds no trace of it."""
    begun = asyncio.Event()

    async def hang() -> None:
        async with books.unit() as unit:
            await unit.run(insert(BAY_DAYS).values(bay="1", day=MONDAY_TEN.date(), mask=1))
            begun.set()
            await asyncio.Event().wait()

    hanging = asyncio.create_task(hang())
    await begun.wait()
    hanging.cancel()
    await asyncio.wait([hanging])
    async with books.unit() as unit:
        assert await unit.rows(select(BAY_DAYS)) == []


async def test_rows_of_many_come_in_the_order_of_what_was_asked(books: Books) -> None:
    people = [{"user_id": number, "first_seen": MONDAY_TEN} for number in (30, 10, 20)]
    statement = insert(PEOPLE).returning(PEOPLE.c.user_id, PEOPLE.c.reachable)
    async with books.unit() as unit:
        assert await unit.rows(statement, people) == [(30, True), (10, True), (20, True)]


async def test_the_same_shape_with_other_values(books: Books) -> None:
    """A text is made once for statements that differ in values only; each keeps its own."""
    days = [MONDAY_TEN.date() + timedelta(days=number) for number in range(3)]
    async with books.unit() as unit:
        for mask, day in enumerate(days):
            await unit.run(insert(BAY_DAYS).values(bay="1", day=day, mask=mask))
        found = [await unit.one(select(BAY_DAYS.c.mask).where(BAY_DAYS.c.day == day)) for day in days]
        several = select(BAY_DAYS.c.mask).where(BAY_DAYS.c.day.in_(days[1:])).order_by(BAY_DAYS.c.day)
        assert [row.mask for row in found if row] == [0, 1, 2]
        assert [row.mask for row in await unit.rows(several)] == [1, 2]
        assert await unit.run(update(BAY_DAYS).where(BAY_DAYS.c.mask > 0).values(mask=7)) == 2


async def test_a_statement_written_for_one_occasion_is_forgotten(books: Books) -> None:
    """Only one that comes again is kept: thousands that do not would fill the memory."""
    kept = select(PLACES.c.chat_id)
    first, written = (kept.where(PLACES.c.queue == queue) for queue in ("workshop", "front_desk"))
    once, again = weakref.ref(written), weakref.ref(kept)
    async with books.glance() as unit:
        for statement in (first, written, kept, kept):
            await unit.rows(statement)
    del written, kept, statement
    gc.collect()
    assert once() is None
    assert again() is not None


async def test_a_writer_waits_for_another_process_and_not_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    books = Books(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}")
    other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")  # and the file is not even in WAL mode yet
    with pytest.raises(OperationalError, match="locked"):
        async with books.glance():
            pass
    other.execute("ROLLBACK")
    async with books.glance():
        other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        async with books.unit():
            pass
    other.execute("ROLLBACK")
    async with books.unit() as unit:
        assert await unit.one(text("SELECT 1")) == (1,)
    other.close()
    await books.close()
