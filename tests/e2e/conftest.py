"""The whole product in one process: the real bot, over HTTP, on a local Telegram, with a clock that tests move."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest_asyncio

from bot.demo import on_stage
from bot.store_file import read_store, template
from storage.engine import Books
from storage.upgrade import upgrade
from tests.clock import FakeClock
from tests.e2e.play import Performance

if TYPE_CHECKING:
    from domain.store import Store


class StageClock(FakeClock):
    """A clock that the time machine can set forward."""

    def forward(self, by: timedelta) -> None:
        """Let `by` pass at once."""
        self.advance(max(by, timedelta(0)))


def quick_store() -> Store:
    """The store that `init` writes, but nobody has to wait for the messaging service's limits."""
    store = read_store(template(), "store.yaml")
    return replace(
        store,
        sending=replace(
            store.sending,
            bot_per_second=10_000,
            chat_per_second=1_000,
            chat_burst=1_000,
            group_per_minute=10_000,
        ),
    )


@pytest_asyncio.fixture
async def show_by_ptb(tmp_path: Path) -> AsyncIterator[Performance]:
    """The same house with python-telegram-bot as its channel."""
    clock = StageClock()
    database = f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}"
    async with on_stage(clock, quick_store(), database, channel="ptb") as stage:
        performance = Performance(stage, clock)
        await performance.until_bound()
        yield performance
        assert performance.exposed() == []


@pytest_asyncio.fixture
async def show_on_postgres(postgres_url: str) -> AsyncIterator[Performance]:
    """The same house with PostgreSQL for its books."""
    books = Books(postgres_url)
    await upgrade(books)
    await books.close()
    clock = StageClock()
    async with on_stage(clock, quick_store(), postgres_url) as stage:
        performance = Performance(stage, clock)
        await performance.until_bound()
        yield performance
        assert performance.exposed() == []


@pytest_asyncio.fixture
async def show(tmp_path: Path) -> AsyncIterator[Performance]:
    """A seeded store, Monday 10:00, the staff group bound, everybody's phone at hand."""
    clock = StageClock()
    async with on_stage(clock, quick_store(), f"sqlite+aiosqlite:///{tmp_path / 'desk.db'}") as stage:
        performance = Performance(stage, clock)
        await performance.until_bound()
        yield performance
        assert performance.exposed() == []
