"""SQLite for SQLAlchemy's asyncio without a thread hop per statement.

A statement on a local file takes some 20 microseconds, handing it to another thread and back five times as much,
and a transaction of ours has thirty such calls. Only what may wait goes to a thread: taking the write lock
(another process may hold it) and the commit (the disk). Everything else is done on the spot.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

Found = TypeVar("Found")

TAKE_WRITE_LOCK = "BEGIN IMMEDIATE"


class SqliteFile:
    """One connection, with the calls that SQLAlchemy's aiosqlite dialect makes of its driver.

    `seconds` is how long it waits for another writer. It begins no transaction of its own.
    """

    def __init__(self, database: str, seconds: float) -> None:
        # Its own thread may use it too; never at the same time, because whoever hands over waits.
        self._connection = sqlite3.connect(
            database, timeout=seconds, isolation_level=None, check_same_thread=False
        )
        self._thread = ThreadPoolExecutor(1, "sqlite")

    def cursor(self) -> Cursor:
        """A cursor to execute with."""
        return Cursor(self, self._connection.cursor())

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Execute on a new cursor."""
        cursor = self.cursor()
        await cursor.execute(statement, parameters)
        return cursor

    async def commit(self) -> None:
        """Wait until the disk has it."""
        await self.in_thread(self._connection.commit)

    async def rollback(self) -> None:
        """Undo; nothing to wait for."""
        self._connection.rollback()

    async def create_function(self, *args: Any, **options: Any) -> None:
        """Make a Python function known to SQL."""
        self._connection.create_function(*args, **options)

    async def close(self) -> None:
        """Let go of the file; the last one to do so brings its write-ahead log in."""
        await self.in_thread(self._connection.close)
        self.stop()

    def stop(self) -> None:
        """Let go without waiting."""
        self._thread.shutdown(wait=False)

    async def in_thread(self, work: Callable[[], Found]) -> Found:
        """Let the thread do `work`. Who is cancelled still waits for it: nobody may find it half done."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise


class Cursor:
    """A cursor of `SqliteFile`."""

    def __init__(self, file: SqliteFile, cursor: sqlite3.Cursor) -> None:
        self._file = file
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> None:
        """Execute; at once unless it may have to wait for another writer."""
        if statement == TAKE_WRITE_LOCK:
            await self._file.in_thread(lambda: self._cursor.execute(statement))
        else:
            self._cursor.execute(statement, parameters or ())

    async def executemany(self, statement: str, parameters: Sequence[Sequence[Any]]) -> None:
        """Execute once per parameter set."""
        self._cursor.executemany(statement, parameters)

    async def fetchone(self) -> Any:
        """The next row."""
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """The next rows."""
        return self._cursor.fetchmany(size or self.arraysize)

    async def fetchall(self) -> list[Any]:
        """All rows that are left."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Nothing more will be read."""
        self._cursor.close()

    @property
    def description(self) -> Any:
        """The columns."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row that was inserted last."""
        return self._cursor.lastrowid

    arraysize = 1
