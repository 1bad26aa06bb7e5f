"""Migrated books of either kind for every test; the clean copy is made once."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest

from storage.engine import Books
from storage.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.postgres import Postgres


async def _migrate(url: str) -> None:
    books = Books(url, synchronous="OFF")
    try:
        await upgrade(books)
    finally:
        await books.close()


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """A migrated database to copy."""
    name = postgres.create()
    asyncio.run(_migrate(postgres.url(name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    file = tmp_path_factory.mktemp("template") / "desk.db"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A migrated file of this test alone."""
    shutil.copy(sqlite_template, tmp_path / "desk.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"


@pytest.fixture
async def books(database_url: str) -> AsyncIterator[Books]:
    """The store's books, empty and at HEAD, on either database."""
    opened = Books(database_url, synchronous="OFF", pool_size=10)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_books(postgres_url: str) -> AsyncIterator[Books]:
    """For what only PostgreSQL knows: transactions that write side by side."""
    opened = Books(postgres_url, pool_size=10)
    yield opened
    await opened.close()
