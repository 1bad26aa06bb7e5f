"""A house that is open, on either database, with migrated books."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.engine import Books
from tests.service.front_door import FrontDoor, open_door
from tests.storage.conftest import books, postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.clock import FakeClock

__all__ = ["books", "postgres_template", "sqlite_template", "sqlite_url"]  # the same migrated books


@pytest.fixture
async def door(books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """The house with its real books on either database. Nothing may have been kept as a dead letter."""
    async with open_door(books, clock) as opened:
        yield opened
        assert [row.error for row in await opened.dead()] == []


@pytest.fixture
async def lite_books(sqlite_url: str) -> AsyncIterator[Books]:
    """The books on SQLite, for what is the same on every database."""
    opened = Books(sqlite_url, synchronous="OFF")
    yield opened
    await opened.close()


@pytest.fixture
async def lite(lite_books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """The house on SQLite, for what is the same on every database."""
    async with open_door(lite_books, clock) as opened:
        yield opened
        assert [row.error for row in await opened.dead()] == []
