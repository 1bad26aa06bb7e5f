"""A connection to an SQLite file, without a thread hop per statement.

A statement on a local file takes some 20 microseconds, handing it to another thread and back five times as much.
Only what may wait goes to a thread: taking the write lock while somebody else has it, and the commit (the disk).
Everything else is done on the spot.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError

Found = TypeVar("Found")

KEPT_STATEMENTS = 500
WAITING = ("FULL", "EXTRA")  # with these a commit waits for the disk; else the log's being brought in does
ROWS_UNTIL_BROUGHT_IN = 4_000  # some 8 MB of write-ahead log, and one commit in several hundred that waits


def settings(synchronous: str) -> tuple[str, ...]:
    """What every connection to a file is told at first."""
    return (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={synchronous}",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA wal_autocheckpoint={1_000 if synchronous in WAITING else 0}",
    )


class SqliteFile:
    """One connection (a `storage.engine.Link`). It begins no transaction of its own. Raises DBAPIError."""

    def __init__(self, database: str, synchronous: str, patience: float) -> None:
        """`patience`: how many seconds a writer of another process is waited for."""
        self._patience = round(patience * 1000)
        self.connection = _opened(database, synchronous, patience)
        self._thread = ThreadPoolExecutor(1, "sqlite")
        self._waits_for_disk = synchronous in WAITING
        self._brought_in = 0

    @property
    def is_lost(self) -> bool:
        """Never: a file does not go away."""
        return False

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.connection.in_transaction

    async def begin(self, *, writes: bool) -> None:
        """Begin; who `writes` has the write lock from the first moment.

        A deferred transaction that reads and then writes loses its snapshot and oversells the last slot.
        """
        try:
            if not writes:
                self.connection.execute("BEGIN")
            elif not self._has_lock_at_once():
                await self._in_thread(lambda: self.connection.execute("BEGIN IMMEDIATE"))
        except sqlite3.Error as error:
            raise wrapped(error, "BEGIN") from error

    def _has_lock_at_once(self) -> bool:
        execute = self.connection.execute
        execute("PRAGMA busy_timeout=0")
        try:
            execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        finally:
            execute(f"PRAGMA busy_timeout={self._patience}")
        return True

    async def commit(self) -> None:
        """Wait until the disk has it."""
        changed = self.connection.total_changes
        try:
            if self._waits_for_disk or changed - self._brought_in > ROWS_UNTIL_BROUGHT_IN:
                await self._in_thread(self._commit)
                self._brought_in = changed
            else:
                self.connection.commit()
        except sqlite3.Error as error:
            raise wrapped(error, "COMMIT") from error

    def _commit(self) -> None:
        self.connection.commit()
        if not self._waits_for_disk:
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    async def rollback(self) -> None:
        """Undo."""
        self.abandon()

    def abandon(self) -> None:
        """Undo; nothing to wait for."""
        with suppress(sqlite3.Error):
            self.connection.rollback()

    async def order(self, sql: str) -> None:
        """Execute a statement about the transaction itself."""
        try:
            self.connection.execute(sql)
        except sqlite3.Error as error:
            raise wrapped(error, sql) from error

    async def fetch(self, sql: str, values: Sequence[Any]) -> tuple[Sequence[str], list[Any]]:
        """Execute: the names of the columns and the rows."""
        try:
            cursor = self.connection.execute(sql, values)
            return [column[0] for column in cursor.description or ()], cursor.fetchall()
        except sqlite3.Error as error:
            raise wrapped(error, sql) from error

    async def fetch_many(self, sql: str, several: Iterable[Sequence[Any]]) -> tuple[Sequence[str], list[Any]]:
        """Execute once per set of values: the rows of all."""
        names: Sequence[str] = ()
        rows: list[Any] = []
        try:
            for values in several:
                cursor = self.connection.execute(sql, values)
                names = [column[0] for column in cursor.description or ()]
                rows += cursor.fetchall()
        except sqlite3.Error as error:
            raise wrapped(error, sql) from error
        return names, rows

    async def execute(self, sql: str, values: Sequence[Any]) -> int:
        """Execute: how many rows were touched."""
        try:
            return self.connection.execute(sql, values).rowcount
        except sqlite3.Error as error:
            raise wrapped(error, sql) from error

    async def execute_many(self, sql: str, several: Iterable[Sequence[Any]]) -> None:
        """Execute once per set of values."""
        try:
            self.connection.executemany(sql, several)
        except sqlite3.Error as error:
            raise wrapped(error, sql) from error

    async def close(self) -> None:
        """Let go of the file; the last one to do so brings its write-ahead log in."""
        await self._in_thread(self.connection.close)
        self._thread.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], Found]) -> Found:
        """Let the thread do `work`. Who is cancelled still waits for it: nobody may find it half done."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise


def _opened(database: str, synchronous: str, patience: float) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(
            database,
            timeout=patience,
            isolation_level=None,
            check_same_thread=False,  # its own thread uses it too; never at the same time, who hands over waits
            cached_statements=KEPT_STATEMENTS,
        )
        for pragma in settings(synchronous):
            connection.execute(pragma)
    except sqlite3.Error as error:
        raise wrapped(error, "") from error
    return connection


def wrapped(error: Exception, sql: str) -> Exception:
    """The driver's `error` as SQLAlchemy names it, without the values."""
    return DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True)
