"""Copies of the books: consistent while work goes on, put back whole, refused with a reason and a cure."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, func, select, text

from storage import audit, conversations, dead_letters, upgrade
from storage.backup import (
    NUMBERS_APART,
    BackupRefused,
    BooksInUse,
    Damaged,
    NewerBooks,
    NoBooks,
    NotOurBooks,
    TargetExists,
    UsePostgresTools,
    backup,
    restore,
)
from storage.backup_shelf import latest, put_on_shelf
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def books(sqlite_url: str) -> AsyncIterator[Books]:
    opened = Books(sqlite_url)
    yield opened
    await opened.close()


async def _keep(books: Books, reference: str) -> None:
    async with books.unit() as unit:
        await dead_letters.keep(unit, MONDAY_TEN, "update", reference, "{}", "")


async def _references(url: str) -> list[str]:
    books = Books(url)
    try:
        async with books.glance() as unit:
            return [row.reference for row in await dead_letters.all_of(unit)]
    finally:
        await books.close()


async def test_what_was_put_away_comes_back(books: Books, sqlite_url: str, tmp_path: Path) -> None:
    await _keep(books, "before")
    await backup(books, tmp_path / "kept" / "monday.db")
    await _keep(books, "after")
    await books.close()
    await restore(sqlite_url, tmp_path / "kept" / "monday.db")
    assert await _references(sqlite_url) == ["before"]
    assert stat.S_IMODE((tmp_path / "kept" / "monday.db").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["monday.db"]
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]


async def test_it_comes_back_where_nothing_is_left(books: Books, tmp_path: Path) -> None:
    """On a new machine."""
    await _keep(books, "before")
    await backup(books, tmp_path / "monday.db")
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'desk.db'}"
    await restore(url, tmp_path / "monday.db")
    assert await _references(url) == ["before"]


async def test_work_goes_on_during_a_backup(books: Books, tmp_path: Path) -> None:
    """Pairs are written in one transaction each: a backup never holds half a pair, nor does it stop the writer."""
    done = asyncio.Event()
    written = 0

    async def write() -> None:
        nonlocal written
        while not done.is_set():
            async with books.unit() as unit:
                for half in ("left", "right"):
                    await dead_letters.keep(unit, MONDAY_TEN, "update", f"{written}-{half}", "x" * 2_000, "")
            written += 1

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(write())
        counts = []
        for number in range(5):
            before = written
            await backup(books, tmp_path / f"{number}.db")
            found = await _references(f"sqlite+aiosqlite:///{tmp_path / f'{number}.db'}")
            assert [name.partition("-")[2] for name in found] == ["left", "right"] * (len(found) // 2)
            assert before <= len(found) // 2 <= written + 1
            counts.append(len(found))
        done.set()
    assert counts == sorted(counts)


async def test_a_restored_audit_log_is_still_append_only(
    books: Books, sqlite_url: str, tmp_path: Path
) -> None:
    """R5: the copy takes the protection along."""
    async with books.unit() as unit:
        await audit.write(unit, [{"at": MONDAY_TEN, "action": "confirmed"}])
    await backup(books, tmp_path / "monday.db")
    await books.close()
    await restore(sqlite_url, tmp_path / "monday.db")
    again = Books(sqlite_url)
    with pytest.raises(Exception, match="append-only"):
        async with again.unit() as unit:
            await unit.run(delete(audit.AUDIT))
    await again.close()


async def test_an_old_journal_is_not_mixed_into_the_restored_books(
    books: Books, sqlite_url: str, tmp_path: Path
) -> None:
    """After a crash committed work lies in -wal only; it belongs to the books that are replaced."""
    await _keep(books, "before")
    await backup(books, tmp_path / "monday.db")
    await _keep(books, "after")
    left = {name: (tmp_path / name).read_bytes() for name in ("desk.db", "desk.db-wal", "desk.db-shm")}
    await books.close()
    for name, content in left.items():
        (tmp_path / name).write_bytes(content)
    await restore(sqlite_url, tmp_path / "monday.db")
    assert not (tmp_path / "desk.db-wal").exists()
    assert not (tmp_path / "desk.db-shm").exists()
    assert await _references(sqlite_url) == ["before"]


async def test_damaged_books_can_be_replaced(books: Books, sqlite_url: str, tmp_path: Path) -> None:
    await _keep(books, "before")
    await backup(books, tmp_path / "monday.db")
    await books.close()
    (tmp_path / "desk.db").write_bytes(b"coffee" * 2_000)
    (tmp_path / "desk.db-wal").write_bytes(b"coffee" * 2_000)
    await restore(sqlite_url, tmp_path / "monday.db")
    assert await _references(sqlite_url) == ["before"]


async def test_no_restore_while_the_books_are_open(books: Books, sqlite_url: str, tmp_path: Path) -> None:
    """Even if nobody writes at that moment."""
    await _keep(books, "before")
    await backup(books, tmp_path / "monday.db")
    await _keep(books, "after")
    with pytest.raises(BooksInUse, match="stop the bot") as refused:
        await restore(sqlite_url, tmp_path / "monday.db")
    assert refused.value.reason == "in_use"
    await _keep(books, "still at work")
    assert await _references(sqlite_url) == ["before", "after", "still at work"]


async def test_a_backup_of_a_newer_release_is_refused(books: Books, sqlite_url: str, tmp_path: Path) -> None:
    async with books.unit() as unit:
        await unit.run(text("UPDATE alembic_version SET version_num = '9999'"))
    await backup(books, tmp_path / "monday.db")
    await books.close()
    with pytest.raises(NewerBooks, match=r"9999.*install that release"):
        await restore(sqlite_url, tmp_path / "monday.db")


async def test_a_damaged_backup_is_refused(books: Books, sqlite_url: str, tmp_path: Path) -> None:
    for number in range(200):
        await _keep(books, f"{number}" * 10)
    await backup(books, tmp_path / "monday.db")
    await books.close()
    with (tmp_path / "monday.db").open("r+b") as file:
        file.truncate((tmp_path / "monday.db").stat().st_size - 8_192)
    with pytest.raises(Damaged, match="older backup"):
        await restore(sqlite_url, tmp_path / "monday.db")
    assert len(await _references(sqlite_url)) == 200


async def test_numbers_given_out_after_the_backup_never_come_to_mean_something_else(
    books: Books, sqlite_url: str, tmp_path: Path
) -> None:
    """A button that somebody still sees from the lost minutes: restored books begin new conversations far behind."""
    moment = {"asked_at": MONDAY_TEN, "opened_at": MONDAY_TEN}
    fields = {"dialog": "booking", "step": "choose_day", "state": "{}", "version": 1} | moment
    async with books.unit() as unit:
        last = [await conversations.begin(unit, fields) for _ in range(3)][-1]
    await backup(books, tmp_path / "monday.db")
    async with books.unit() as unit:
        lost = [await conversations.begin(unit, fields) for _ in range(500)]
    await books.close()
    await restore(sqlite_url, tmp_path / "monday.db")
    again = Books(sqlite_url)
    async with again.unit() as unit:
        assert await conversations.begin(unit, fields) > lost[-1]
        assert set(await conversations.find(unit, lost)) == set()
        placeholder = (await conversations.find(unit, [last + NUMBERS_APART]))[last + NUMBERS_APART]
    assert (placeholder.status, placeholder.person_id, placeholder.queue) == (conversations.OVER, None, "")
    await again.close()


# ---------------------------------------------------------------- a shelf of them


async def test_the_newest_stay_on_the_shelf(books: Books, tmp_path: Path) -> None:
    """What has another name, and what is just being written, is left alone; what was cut off yesterday is cleared."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for name in ("desk-old.sqlite3", "notes.txt", ".desk-now.unfinished", ".desk-yesterday.unfinished"):
        (shelf / name).write_text("")
    os.utime(shelf / ".desk-now.unfinished", (MONDAY_TEN.timestamp(),) * 2)
    os.utime(shelf / ".desk-yesterday.unfinished", ((MONDAY_TEN - timedelta(days=2)).timestamp(),) * 2)
    thrown_away = 0
    for number in range(6):
        await _keep(books, str(number))
        file, old = await put_on_shelf(books, shelf, MONDAY_TEN + timedelta(minutes=10 * number), keep=4)
        assert latest(shelf) == latest(file) == file
        thrown_away += old
    assert thrown_away == 2
    assert sorted(each.name for each in shelf.iterdir()) == [
        ".desk-now.unfinished",
        *(f"desk-20261123T0{2 + m // 60}{m % 60:02}00Z.sqlite3" for m in (20, 30, 40, 50)),
        "desk-old.sqlite3",
        "notes.txt",
    ]
    assert await _references(f"sqlite+aiosqlite:///{file}") == ["0", "1", "2", "3", "4", "5"]


async def test_a_clock_that_was_wrong_costs_no_new_backup(books: Books, tmp_path: Path) -> None:
    """Named in the future by a clock that ran ahead: they look newer than the one of now, which stays."""
    for hours in (50, 51, 52, 0):
        file, _ = await put_on_shelf(books, tmp_path / "shelf", MONDAY_TEN + timedelta(hours=hours), keep=2)
    assert sorted((tmp_path / "shelf").iterdir())[0] == file
    assert len(list((tmp_path / "shelf").iterdir())) == 2


async def test_nothing_is_thrown_away_for_a_backup_that_failed(books: Books, tmp_path: Path) -> None:
    first, _ = await put_on_shelf(books, tmp_path / "shelf", MONDAY_TEN, keep=1)
    with pytest.raises(TargetExists):
        await put_on_shelf(books, tmp_path / "shelf", MONDAY_TEN, keep=1)
    gone = Books(f"sqlite+aiosqlite:///{tmp_path / 'gone.db'}")
    with pytest.raises(NoBooks):
        await put_on_shelf(gone, tmp_path / "shelf", MONDAY_TEN + timedelta(hours=1), keep=1)
    await gone.close()
    assert list((tmp_path / "shelf").iterdir()) == [first]


async def test_an_empty_shelf_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    with pytest.raises(NoBooks):
        await restore(sqlite_url, latest(tmp_path))


async def test_other_files_are_refused(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear customer " * 200)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    for name in ("letter.txt", "other.db"):
        with pytest.raises(NotOurBooks):
            await restore(sqlite_url, tmp_path / name)
    with pytest.raises(NoBooks):
        await restore(sqlite_url, tmp_path / "nowhere.db")


async def test_an_old_backup_is_never_overwritten(books: Books, tmp_path: Path) -> None:
    (tmp_path / "monday.db").write_text("last week's")
    with pytest.raises(TargetExists):
        await backup(books, tmp_path / "monday.db")
    assert (tmp_path / "monday.db").read_text() == "last week's"


async def test_there_must_be_books(tmp_path: Path) -> None:
    books = Books(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(NoBooks, match="start the bot once"):
        await backup(books, tmp_path / "monday.db")
    await books.close()
    assert not (tmp_path / "desk.db").exists()


async def test_postgres_is_sent_to_its_own_tools(tmp_path: Path) -> None:
    """The command can be copied, and no password is in it."""
    url = "postgresql+asyncpg://desk:secret@db.example/store"
    books = Books(url)
    with pytest.raises(UsePostgresTools, match="pg_dump") as put_away:
        await backup(books, tmp_path / "my store.dump")
    with pytest.raises(UsePostgresTools, match="pg_restore") as put_back:
        await restore(url, tmp_path / "my store.dump")
    await books.close()
    assert put_away.value.command == (
        f"pg_dump --format=custom '--file={tmp_path}/my store.dump' "
        "--dbname=postgresql://desk@db.example/store"
    )
    assert "secret" not in str(put_back.value)


def test_every_refusal_has_a_code_of_its_own() -> None:
    """The command line says it in Chinese by this code."""
    kinds = BackupRefused.__subclasses__()
    assert len({kind.reason for kind in kinds} - {""}) == len(kinds)


async def test_a_backup_has_the_present_revision(books: Books, tmp_path: Path) -> None:
    await backup(books, tmp_path / "monday.db")
    copy = Books(f"sqlite+aiosqlite:///{tmp_path / 'monday.db'}")
    assert await upgrade.revision(copy) == upgrade.HEAD
    async with copy.glance() as unit:
        row = await unit.one(select(func.count().label("many")).select_from(DEAD_LETTERS))
    assert row is not None
    assert row.many == 0
    await copy.close()
