"""A house that is open, on either database, with migrated books."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

import pytest
import structlog.testing

from storage.engine import Books
from tests.clock import FakeClock
from tests.service.card_stage import desk
from tests.service.front_door import FrontDoor, open_door
from tests.service.stages import open_shop
from tests.storage.conftest import books, postgres_books, postgres_template, sqlite_template, sqlite_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

__all__ = [
    "books",
    "desk",
    "postgres_books",
    "postgres_template",
    "sqlite_template",
    "sqlite_url",
]  # migrated books


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    """What the house logs is kept in memory: tests look at the books and the letters."""
    with structlog.testing.capture_logs():
        yield


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


@pytest.fixture(scope="session")
def shop_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with an open shop in it, to copy."""
    file = tmp_path_factory.mktemp("shop") / "desk.db"
    shutil.copy(sqlite_template, file)

    async def furnish() -> None:
        opened = Books(f"sqlite+aiosqlite:///{file}", synchronous="OFF")
        async with open_door(opened, FakeClock()) as house:
            await open_shop(house)
        await opened.close()

    asyncio.run(furnish())
    return file


@pytest.fixture
async def shop(shop_template: Path, tmp_path: Path, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """An open shop on SQLite: staff, a staff group with topics, and Mr Wang with his cars and appointments."""
    shutil.copy(shop_template, tmp_path / "desk.db")
    opened = Books(f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}", synchronous="OFF")
    async with open_door(opened, clock) as house:
        yield house
        assert [row.error for row in await house.dead()] == []
    await opened.close()


@pytest.fixture
async def both(door: FrontDoor) -> FrontDoor:
    """The same open shop on either database."""
    await open_shop(door)
    return door
