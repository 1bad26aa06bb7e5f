"""A connection to PostgreSQL: asyncpg's, which keeps every statement prepared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy import URL, exc
from sqlalchemy.engine import Dialect

KEPT_STATEMENTS = 500

# As SQLAlchemy sorts them; the first that fits.
_KINDS = (
    (asyncpg.IntegrityConstraintViolationError, exc.IntegrityError),
    (asyncpg.SyntaxOrAccessError, exc.ProgrammingError),
    (ValueError, exc.DataError),  # refused by asyncpg before it reached the server
    (asyncpg.InterfaceError, exc.InterfaceError),
    (OSError, exc.OperationalError),
)


class PostgresLink:
    """One connection (a `storage.engine.Link`). Raises DBAPIError, and OSError where there is no server."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    @classmethod
    async def to(cls, url: URL, dialect: Dialect, **options: Any) -> PostgresLink:
        """Connect; `options` are asyncpg's."""
        _, where = dialect.create_connect_args(url)
        try:
            return cls(await asyncpg.connect(**where, statement_cache_size=KEPT_STATEMENTS, **options))
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise _wrapped(error, "", is_lost=True) from error

    @property
    def is_lost(self) -> bool:
        """Whether the server, or the way there, is gone."""
        return bool(self.connection.is_closed())

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return bool(self.connection.is_in_transaction())

    async def begin(self, *, writes: bool) -> None:
        """Begin."""
        del writes  # rows are locked one by one
        await self.order("BEGIN")

    async def commit(self) -> None:
        """Wait until the disk has it."""
        await self.order("COMMIT")

    async def rollback(self) -> None:
        """Undo; with a connection that is lost the server does."""
        if not self.is_lost:
            await self.order("ROLLBACK")

    def abandon(self) -> None:
        """Undo without waiting for the server: hang up, and it does by itself."""
        self.connection.terminate()

    async def order(self, sql: str) -> None:
        """Execute a statement about the transaction itself."""
        try:
            await self.connection.execute(sql)
        except _TROUBLE as error:
            raise _wrapped(error, sql, is_lost=self.is_lost) from error

    async def fetch(self, sql: str, values: Sequence[Any]) -> tuple[Sequence[str], list[Any]]:
        """Execute: the names of the columns and the rows."""
        try:
            return _named(await self.connection.fetch(sql, *values))
        except _TROUBLE as error:
            raise _wrapped(error, sql, is_lost=self.is_lost) from error

    async def fetch_many(self, sql: str, several: Iterable[Sequence[Any]]) -> tuple[Sequence[str], list[Any]]:
        """Execute once per set of values, as one round trip: the rows of all."""
        try:
            return _named(await self.connection.fetchmany(sql, several))
        except _TROUBLE as error:
            raise _wrapped(error, sql, is_lost=self.is_lost) from error

    async def execute(self, sql: str, values: Sequence[Any]) -> int:
        """Execute: how many rows were touched."""
        try:
            status: str = await self.connection.execute(sql, *values)
        except _TROUBLE as error:
            raise _wrapped(error, sql, is_lost=self.is_lost) from error
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else -1

    async def execute_many(self, sql: str, several: Iterable[Sequence[Any]]) -> None:
        """Execute once per set of values, as one round trip."""
        try:
            await self.connection.executemany(sql, several)
        except _TROUBLE as error:
            raise _wrapped(error, sql, is_lost=self.is_lost) from error

    async def close(self) -> None:
        """Take leave of the server."""
        await self.connection.close()


_TROUBLE = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


def _named(records: list[Any]) -> tuple[Sequence[str], list[Any]]:
    return (tuple(records[0].keys()) if records else ()), records


def _wrapped(error: Exception, sql: str, *, is_lost: bool) -> exc.DBAPIError:
    """`error` as SQLAlchemy names it, without the values."""
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), exc.DBAPIError)
    return kind(sql, None, error, hide_parameters=True, connection_invalidated=is_lost)
