"""The scripts that make the tables: there and back, and what they make is what the code expects."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from storage import upgrade
from storage.engine import Books
from storage.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SCRIPTS = ScriptDirectory(str(upgrade.SCRIPTS))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture(scope="session")
def postgres_template() -> str:
    return "template1"


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    opened = Books(database_url)
    yield opened
    await opened.close()


def _shape(connection: Connection) -> Any:
    seen = inspect(connection)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in seen.get_columns(table)],
            sorted(str(index["name"]) for index in seen.get_indexes(table)),
        )
        for table in seen.get_table_names()
    }


async def _tables(books: Books) -> Any:
    async with books.engine.connect() as connection:
        return await connection.run_sync(_shape)


async def _run(books: Books, change: Any) -> None:
    await upgrade._run(books, lambda connection: change(upgrade.settings(connection)))


def test_head_is_the_newest_script() -> None:
    assert SCRIPTS.get_heads() == [upgrade.HEAD]


async def test_empty_books_have_no_revision(books: Books) -> None:
    assert await upgrade.revision(books) is None
    await upgrade.upgrade(books)
    assert await upgrade.revision(books) == upgrade.HEAD


@pytest.mark.parametrize("revision", REVISIONS)
async def test_up_down_and_up_again(books: Books, revision: str) -> None:
    before = SCRIPTS.get_revision(revision).down_revision or "base"
    assert isinstance(before, str)
    await _run(books, lambda config: command.upgrade(config, revision))
    first = await _tables(books)
    await upgrade.downgrade(books, before)
    assert await upgrade.revision(books) == (None if before == "base" else before)
    assert (await _tables(books)).keys() - {"alembic_version"} == set() or before != "base"
    await _run(books, lambda config: command.upgrade(config, revision))
    assert await _tables(books) == first


async def test_the_scripts_make_what_the_code_expects(books: Books) -> None:
    await upgrade.upgrade(books)
    await _run(books, command.check)
    assert set(await _tables(books)) == {*METADATA.tables, "alembic_version"}


async def test_a_column_the_scripts_forgot_is_noticed(books: Books) -> None:
    """The test above can fail."""
    await upgrade.upgrade(books)
    async with books.unit() as unit:
        await unit.run(text("ALTER TABLE places DROP COLUMN has_topics"))
    with pytest.raises(Exception, match="has_topics"):
        await _run(books, command.check)


async def test_several_processes_may_upgrade_at_once(database_url: str, books: Books) -> None:
    others = [Books(database_url) for _ in range(4)]
    async with asyncio.timeout(60):
        said = await asyncio.gather(*(upgrade.upgrade(one) for one in others), return_exceptions=True)
    for other in others:
        await other.close()
    assert said == [None] * len(others)
    assert await upgrade.revision(books) == upgrade.HEAD


async def test_a_failed_migration_leaves_nothing(books: Books) -> None:
    def fail(connection: Connection) -> None:
        command.upgrade(upgrade.settings(connection), upgrade.HEAD)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        await upgrade._run(books, fail)
    assert await _tables(books) == {}


def test_a_start_with_present_books_imports_no_alembic(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
from storage.engine import Books
from storage.upgrade import revision, upgrade
async def main():
    books = Books("sqlite+aiosqlite:///{tmp_path / "desk.db"}")
    if sys.argv[1] == "first":
        await upgrade(books)
        assert "alembic" in sys.modules
    else:
        await upgrade(books)
        print(await revision(books), "alembic" in sys.modules)
    await books.close()
asyncio.run(main())
"""
    for start, said in (("first", ""), ("second", f"{upgrade.HEAD} False")):
        run = subprocess.run([sys.executable, "-c", program, start], capture_output=True, text=True)
        assert (run.returncode, run.stdout.strip()) == (0, said), run.stderr
