"""Bringing the books to the shape that this release expects.

Alembic is imported only when there is something to do: a start with up-to-date books does not wait for it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from storage.engine import Books

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.ext.asyncio import AsyncConnection

HEAD = "0006"
"""The revision this release works with: the newest file of storage/migrations/versions/."""

SCRIPTS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 4_715_001  # any number, as long as nothing else of ours locks it

_IS_THERE_SQLITE = text("SELECT count(*) AS is_there FROM sqlite_master WHERE name = 'alembic_version'")
_IS_THERE_POSTGRES = text("SELECT to_regclass('alembic_version') IS NOT NULL AS is_there")


class BrokenReferences(Exception):
    """A migration left rows that point to nothing; it was rolled back. Correct the revision, then upgrade again."""


def settings(connection: Connection) -> Config:
    """What alembic has to know, without an alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


async def revision(books: Books) -> str | None:
    """The revision that the books are at; None when they are empty."""
    async with books.glance() as unit:
        row = await unit.one(_IS_THERE_POSTGRES if books.is_postgres else _IS_THERE_SQLITE)
        if row is None or not row.is_there:
            return None
        row = await unit.one(text("SELECT version_num FROM alembic_version"))
        return str(row.version_num) if row else None


def is_ahead(found: str | None) -> bool:
    """Whether a newer release has brought the books to `found`; it only added what this one does not look at."""
    return found is not None and found > HEAD


async def upgrade(books: Books) -> None:
    """Bring the books to HEAD, all revisions in one transaction; nothing to do if they are there already, or ahead.

    Several processes may call it at once: one works, the others wait and find it done.
    """
    found = await revision(books)
    if found != HEAD and not is_ahead(found):
        from alembic import command

        await _run(books, lambda connection: command.upgrade(settings(connection), HEAD))


async def downgrade(books: Books, revision: str) -> None:
    """Take the books back to `revision` ("base": to nothing). What only later revisions knew is lost."""
    from alembic import command

    await _run(books, lambda connection: command.downgrade(settings(connection), revision))


async def _run(books: Books, change: Callable[[Connection], Any]) -> None:
    async with _alone(books) as connection:
        await connection.run_sync(change)


@asynccontextmanager
async def _alone(books: Books) -> AsyncIterator[AsyncConnection]:
    """One transaction that no other migration runs beside."""
    if books.is_postgres:
        async with books.engine.begin() as connection:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
            yield connection
        return
    async with books.engine.connect() as connection:
        # To change a table SQLite makes it anew and drops the old one: while references are enforced that would
        # take along (or refuse for) every row that points to it. They are checked at the end instead.
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        await driver.execute("PRAGMA foreign_keys=OFF")
        try:
            async with connection.begin():
                yield connection
                broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
                if broken is not None:
                    raise BrokenReferences(
                        f"A row of {broken[0]} points to no row of {broken[2]}: the migration was undone. "
                        "Correct the revision, then upgrade again."
                    )
        finally:
            await driver.execute("PRAGMA foreign_keys=ON")
