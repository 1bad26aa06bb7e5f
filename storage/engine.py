"""The database, SQLite or PostgreSQL, and one transaction of it (`Unit`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.dml import Insert

from storage.sqlite_driver import TAKE_WRITE_LOCK, SqliteFile

BUSY_SECONDS = 30.0  # how long SQLite waits for another writer before it gives up


@dataclass(frozen=True, slots=True)
class Unit:
    """One transaction. Everything that one event causes is written through one unit, or not at all."""

    connection: AsyncConnection
    is_postgres: bool

    async def rows(self, statement: Any, parameters: Any = None) -> list[Any]:
        """All rows of `statement`."""
        return list((await self.connection.execute(statement, parameters)).all())

    async def records(self, statement: Any) -> list[dict[str, Any]]:
        """All rows of `statement` as dictionaries that may be changed."""
        return [dict(row) for row in (await self.connection.execute(statement)).mappings()]

    async def one(self, statement: Any, parameters: Any = None) -> Any | None:
        """The first row of `statement`, or None."""
        return (await self.connection.execute(statement, parameters)).first()

    async def run(self, statement: Any, parameters: Any = None) -> int:
        """Execute; how many rows it touched (-1 where the driver does not say, as for many parameter sets)."""
        return (await self.connection.execute(statement, parameters)).rowcount

    async def run_many(self, statement: Any, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Execute once per parameter set, as one round trip; nothing at all for none."""
        several = list(parameters)
        if several:
            await self.connection.execute(statement, several)

    def insert_new(self, table: Table, *, unless: Iterable[str] = ()) -> Insert:
        """INSERT that silently skips a row whose key (or the columns `unless`) is there already."""
        return _insert_new(self.is_postgres, table, tuple(unless))

    def upsert(self, table: Table, key: Iterable[str], change: Iterable[str]) -> Insert:
        """INSERT, or where `key` is there already, overwrite the columns `change`."""
        return _upsert(self.is_postgres, table, tuple(key), tuple(change))


@cache
def _insert_new(is_postgres: bool, table: Table, unless: tuple[str, ...]) -> Insert:
    columns = list(unless) or None
    if is_postgres:
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=columns)
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=columns)


@cache
def _upsert(is_postgres: bool, table: Table, key: tuple[str, ...], change: tuple[str, ...]) -> Insert:
    if is_postgres:
        of_postgres = postgresql.insert(table)
        return of_postgres.on_conflict_do_update(
            index_elements=key, set_={name: of_postgres.excluded[name] for name in change}
        )
    of_sqlite = sqlite.insert(table)
    return of_sqlite.on_conflict_do_update(
        index_elements=key, set_={name: of_sqlite.excluded[name] for name in change}
    )


class Books:
    """The store's books: opens units on the database at `url` (an SQLAlchemy URL with an async driver).

    `synchronous` is SQLite's (FULL survives a power cut, NORMAL only a crash).
    """

    def __init__(self, url: str, *, synchronous: str = "FULL", pool_size: int = 5) -> None:
        self.url = make_url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        self.engine = _postgres(url, pool_size) if self.is_postgres else _sqlite(url, synchronous)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """One transaction for writing: committed at the end of the block, rolled back if it raises."""
        async with self.engine.begin() as connection:
            yield Unit(connection, self.is_postgres)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Unit]:
        """One transaction for reading only; on SQLite it never waits for a writer."""
        async with self.engine.connect() as connection:
            await connection.execution_options(reads_only=True)
            async with connection.begin():
                yield Unit(connection, self.is_postgres)

    async def close(self) -> None:
        """Let go of all connections."""
        await self.engine.dispose()


def _postgres(url: str, pool_size: int) -> AsyncEngine:
    return create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_pre_ping=True)


def _sqlite(url: str, synchronous: str) -> AsyncEngine:
    database = make_url(url).database or ":memory:"
    if database != ":memory:":
        Path(database).parent.mkdir(parents=True, exist_ok=True)

    async def connect() -> SqliteFile:
        file = SqliteFile(database, BUSY_SECONDS)
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            await file.execute(f"PRAGMA {pragma}")
        return file

    engine = create_async_engine(url, async_creator=connect)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes loses its snapshot and oversells the last slot:
        # writers take the write lock first.
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads_only else TAKE_WRITE_LOCK)

    return engine
