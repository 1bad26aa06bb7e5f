"""The database, SQLite or PostgreSQL, and one transaction of it (`Unit`).

Statements are written with SQLAlchemy and executed by us: its engine asks too much of the processor for each. What only
one database or a migration needs is imported there: every start waits for the rest.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import pysqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

from storage.sqlite_driver import SqliteFile, settings
from storage.statements import Statements

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

BUSY_SECONDS = 30.0  # how long SQLite waits for a writer of another process before it gives up
MEMORY = ":memory:"


class Link(Protocol):
    """A connection; `connection` is the driver's. Raises DBAPIError.

    Every statement goes by one of `fetch`, `fetch_many`, `execute`, `execute_many`.
    """

    @property
    def connection(self) -> Any:
        """The driver's."""

    @property
    def is_lost(self) -> bool:
        """Whether it is good for nothing any more."""

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""

    async def begin(self, *, writes: bool) -> None:
        """Begin a transaction."""

    async def commit(self) -> None:
        """Wait until the disk has it."""

    async def rollback(self) -> None:
        """Undo it."""

    def abandon(self) -> None:
        """Undo it without waiting for anybody."""

    async def order(self, sql: str) -> None:
        """Execute a statement about the transaction itself."""

    async def fetch(self, sql: str, values: Sequence[Any]) -> tuple[Sequence[str], list[Any]]:
        """Execute: the names of the columns and the rows."""

    async def fetch_many(self, sql: str, several: Iterable[Sequence[Any]]) -> tuple[Sequence[str], list[Any]]:
        """Execute once per set of values: the rows of all, in their order."""

    async def execute(self, sql: str, values: Sequence[Any]) -> int:
        """Execute: how many rows were touched."""

    async def execute_many(self, sql: str, several: Iterable[Sequence[Any]]) -> None:
        """Execute once per set of values."""

    async def close(self) -> None:
        """Let go."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One transaction. Everything that one event causes is written through one unit, or not at all.

    Raises DBAPIError, and StatementError for a value that its column cannot hold.
    """

    link: Link
    statements: Statements
    is_postgres: bool

    async def rows(self, statement: Any, parameters: Any = None) -> list[Any]:
        """All rows of `statement`; given a list of parameter sets, it is executed once for each."""
        if isinstance(parameters, list):
            return await self._rows_of_many(statement, parameters)
        ready = self.statements.ready(statement, parameters or {})
        return ready.text.rows(*await self.link.fetch(*ready.filled(parameters or {})))

    async def _rows_of_many(self, statement: Any, several: Sequence[Mapping[str, Any]]) -> list[Any]:
        ready = self.statements.ready(statement, several[0])
        filled = [ready.filled(each) for each in several]
        return ready.text.rows(*await self.link.fetch_many(filled[0][0], [values for _, values in filled]))

    async def records(self, statement: Any) -> list[dict[str, Any]]:
        """All rows of `statement` as dictionaries that may be changed."""
        return [dict(row._mapping) for row in await self.rows(statement)]  # noqa: SLF001 - public, whatever its name says

    async def one(self, statement: Any, parameters: Any = None) -> Any | None:
        """The first row of `statement`, or None."""
        rows = await self.rows(statement, parameters)
        return rows[0] if rows else None

    async def run(self, statement: Any, parameters: Any = None) -> int:
        """Execute; how many rows it touched."""
        ready = self.statements.ready(statement, parameters or {})
        return await self.link.execute(*ready.filled(parameters or {}))

    async def run_many(self, statement: Any, parameters: Iterable[Mapping[str, Any]]) -> None:
        """Execute once per parameter set, all with the same names, as one round trip; nothing at all for none."""
        several = list(parameters)
        if not several:
            return
        ready = self.statements.ready(statement, several[0])
        filled = [ready.filled(each) for each in several]
        await self.link.execute_many(filled[0][0], [values for _, values in filled])

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What the block writes is undone if it raises; what was written before it stays."""
        await self.link.order("SAVEPOINT here")
        try:
            yield
        except Exception:
            with suppress(DBAPIError):  # then the whole transaction is lost
                await self.link.order("ROLLBACK TO SAVEPOINT here")
                await self.link.order("RELEASE SAVEPOINT here")
            raise
        await self.link.order("RELEASE SAVEPOINT here")

    def insert_new(
        self, table: Table, *, unless: Iterable[str] = (), returning: Iterable[str] = ()
    ) -> Insert:
        """INSERT that silently skips a row whose key (or the columns `unless`) is there already.

        The columns `returning` come back of each row that is new.
        """
        return _insert_new(self.is_postgres, table, tuple(unless), tuple(returning))

    def upsert(self, table: Table, key: Iterable[str], change: Iterable[str]) -> Insert:
        """INSERT, or where `key` is there already, overwrite the columns `change`."""
        return _upsert(self.is_postgres, table, tuple(key), tuple(change))


@cache
def _insert_new(
    is_postgres: bool, table: Table, unless: tuple[str, ...], returning: tuple[str, ...]
) -> Insert:
    statement: Insert
    if is_postgres:
        from sqlalchemy.dialects import postgresql

        statement = postgresql.insert(table).on_conflict_do_nothing(index_elements=list(unless) or None)
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing(index_elements=list(unless) or None)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


@cache
def _upsert(is_postgres: bool, table: Table, key: tuple[str, ...], change: tuple[str, ...]) -> Insert:
    if is_postgres:
        from sqlalchemy.dialects import postgresql

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

    `synchronous` is SQLite's (FULL survives a power cut, NORMAL only a crash). At most `pool_size` units at a time.
    """

    def __init__(self, url: str, *, synchronous: str = "FULL", pool_size: int = 5) -> None:
        self.url = make_url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        self._synchronous = synchronous
        if not self.is_postgres and self.url.database not in (None, MEMORY):
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self._dialect = _dialect(self.is_postgres)
        self._statements = Statements(self._dialect)
        self._room = asyncio.Semaphore(pool_size)
        self._idle: list[Link] = []
        # On SQLite only one can write. Whoever waits here holds no connection that the one ahead might want.
        self._turn = nullcontext() if self.is_postgres else asyncio.Lock()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """One transaction for writing: committed at the end of the block, rolled back if it raises."""
        async with self._turn, self._link() as link, self.transaction(link) as unit:
            yield unit

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[Unit]:
        """One transaction for reading only; on SQLite it never waits for a writer."""
        async with self._link() as link, self.transaction(link, writes=False) as unit:
            yield unit

    @asynccontextmanager
    async def transaction(self, link: Link, *, writes: bool = True) -> AsyncIterator[Unit]:
        """One transaction on a connection of one's own (`connect`)."""
        try:
            await link.begin(writes=writes)
            yield Unit(link, self._statements, self.is_postgres)
            await link.commit()
        except Exception:
            with suppress(DBAPIError):
                await link.rollback()
            raise
        except BaseException:  # whoever is cancelled may have been waiting for a server that is silent
            link.abandon()
            raise

    async def connect(self, **options: Any) -> Link:
        """A connection of one's own. `options` are asyncpg's."""
        if self.is_postgres:
            from storage.postgres_driver import PostgresLink

            return await PostgresLink.to(self.url, self._dialect, **options)
        return SqliteFile(self.url.database or MEMORY, self._synchronous, BUSY_SECONDS)

    async def close(self) -> None:
        """Let go of all connections."""
        while self._idle:
            await self._idle.pop().close()
        if "engine" in vars(self):
            await self.engine.dispose()

    @asynccontextmanager
    async def _link(self) -> AsyncIterator[Link]:
        async with self._room:
            while self._idle and self._idle[-1].is_lost:
                self._idle.pop()
            link = self._idle.pop() if self._idle else await self.connect()
            try:
                yield link
            finally:
                if not link.is_lost and link.is_in_transaction:
                    link.abandon()
                if not link.is_lost:
                    self._idle.append(link)

    @cached_property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's own engine: for migrations, which alembic executes with it."""
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(self.url, hide_parameters=True)
        if self.is_postgres:
            return engine

        @event.listens_for(engine.sync_engine, "connect")
        def connect(connection: Any, _: Any) -> None:
            connection.isolation_level = None  # or the driver begins and commits by itself
            cursor = connection.cursor()
            for pragma in settings(self._synchronous):
                cursor.execute(pragma)
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        return engine


def _dialect(is_postgres: bool) -> Dialect:
    """What writes the text of statements."""
    if is_postgres:
        from sqlalchemy.dialects.postgresql import asyncpg

        return asyncpg.dialect()  # type: ignore[no-untyped-call]
    return pysqlite.dialect(dbapi=sqlite3)
