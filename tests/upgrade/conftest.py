"""Books of the release before this one, loaded and brought up to date once, copied for every test."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

import pytest
import structlog.testing

from service.collection import collect
from storage import outbox
from storage.engine import Books
from storage.upgrade import upgrade
from tests.clock import FakeClock
from tests.service.front_door import open_door
from tests.storage.conftest import books, sqlite_url
from tests.upgrade.old_books import bring_to, kept, load

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.postgres import Postgres
    from tests.service.front_door import FrontDoor

__all__ = ["books", "sqlite_url"]


async def _left_behind(url: str) -> None:
    opened = Books(url, synchronous="OFF")
    await bring_to(opened, kept().revision)
    await load(opened)
    await upgrade(opened)
    await opened.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The old books in a file, up to date."""
    file = tmp_path_factory.mktemp("old") / "desk.db"
    asyncio.run(_left_behind(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The old books on the server, up to date."""
    name = postgres.create()
    asyncio.run(_left_behind(postgres.url(name)))
    return name


@pytest.fixture(autouse=True)
def _quiet_log() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


@pytest.fixture
def clock() -> FakeClock:
    """The moment at which the old release stopped."""
    return FakeClock(kept().now)


@pytest.fixture
async def shop(books: Books, clock: FakeClock) -> AsyncIterator[FrontDoor]:
    """This release at work on them, opened as a process opens it; nothing may become a dead letter."""
    async with open_door(books, clock) as door:
        door._updates, door.post._numbers = count(1_000_000), count(100_000)  # the service counts on
        async with books.unit() as unit:
            await outbox.abandon(unit, clock.now())
        door.intake.couriers.take(await collect(door.house, door.intake.note))
        door.intake.offer_again()
        await door.quiet()
        yield door
        assert [row.error for row in await door.dead()] == []
