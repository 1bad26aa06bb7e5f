"""SQLite's file is locked by somebody else, or the disk is full: nothing is acknowledged that is not committed.

Whoever writes meanwhile is answered as soon as it is over, by itself; nobody is told anything wrong.
"""

from __future__ import annotations

import asyncio
import random
import resource
import shutil
import sqlite3
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from storage import engine
from storage.inbox import INBOX
from tests.faults.house import a_seed
from tests.faults.shop import GROUP, WANG
from tests.faults.stage import Stage, open_stage
from tests.faults.tally import LONG, Tally
from tests.faults.test_killed import fill_in
from tests.faults.town import Town, open_town
from tests.faults.townsfolk import RECOVERY, effects_at_last, everybody_lives, move_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from service.ports import Incoming
    from tests.clock import FakeClock
    from tests.faults.program import Nursery

HOUSEHOLDS, TROUBLES = (40, 8) if LONG else (10, 2)

BUSY = 0.1  # seconds that a writer waits for another in the short form


def path_of(url: str) -> str:
    return str(make_url(url).database)


def size_of(file: str) -> int:
    """In bytes."""
    return Path(file).stat().st_size


class Troubles:
    """What is confirmed while the file is in trouble, again and again."""

    def __init__(
        self, town: Town, comes: Callable[[], Awaitable[None]], goes: Callable[[], Awaitable[None]]
    ) -> None:
        self._town = town
        self._comes, self._goes = comes, goes
        self._trouble = asyncio.Event()
        self._is_on = False
        self.confirmed: set[int] = set()
        self.too_early: list[int] = []

    async def bring(self, *updates: Incoming) -> None:
        """As the service does."""
        if self._town.rng.random() < 0.3:
            self._trouble.set()
        await self._town.bring(*updates)
        for each in updates:
            self.confirmed.add(each.update_id)
            if not await self._town.rows(select(INBOX).where(INBOX.c.update_id == each.update_id)):
                self.too_early.append(each.update_id)

    async def happen(self, seconds: float) -> None:
        """Trouble for so many seconds of real time, several times over."""
        for _ in range(TROUBLES):
            await self._trouble.wait()
            self._trouble.clear()
            self._town.calm.clear()
            await self._comes()
            await asyncio.sleep(seconds)
            await self._goes()
            self._town.calm.set()


async def live_through(
    url: str, clock: FakeClock, tally: Tally, name: str, seconds: float,
    make: Callable[[Town], tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]],
) -> Town:  # fmt: skip
    """All journeys while `make`'s trouble comes and goes."""
    async with open_town(url, clock, random.Random(a_seed("SQLITE_SEED"))) as town:
        bodies = await move_in(town, HOUSEHOLDS)
        troubles = Troubles(town, *make(town))
        async with asyncio.TaskGroup() as group:
            happening = group.create_task(troubles.happen(seconds))
            await everybody_lives(town, [replace(body, brings=troubles.bring) for body in bodies])
            happening.cancel()
        seen = await effects_at_last(town)
        repeated = town.chats.repeated().total()
    lost = len(troubles.confirmed) - seen["updates"]
    tally(name, cases=TROUBLES, updates=len(troubles.confirmed), lost=lost, repeated=repeated)
    assert troubles.too_early == []
    assert lost == 0
    assert repeated == 0
    assert seen["dead letters"] == []
    assert seen["open letters"] == []
    assert [log for log in town.logs if "dead letter" in log["event"]] == []
    return town


async def test_locked_for_longer_than_a_writer_waits(
    sqlite_url: str, clock: FakeClock, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody holds the write lock, and everybody has given up waiting for it before it is free."""
    monkeypatch.setattr(engine, "BUSY_SECONDS", BUSY)
    held: list[sqlite3.Connection] = []

    def take() -> None:
        other = sqlite3.connect(
            path_of(sqlite_url), isolation_level=None, timeout=30, check_same_thread=False
        )
        other.execute("BEGIN IMMEDIATE")
        held.append(other)

    async def lock() -> None:
        await asyncio.to_thread(take)  # a house may have it just now, and needs the loop to be done with it

    async def unlock() -> None:
        held.pop().close()

    town = await live_through(
        sqlite_url, clock, tally, "database locked", 10 * BUSY, lambda town: (lock, unlock)
    )
    assert [log for log in town.logs if "OperationalError" in repr(log.get("error"))], "nobody had to give up"


async def test_the_disk_is_full(sqlite_url: str, clock: FakeClock, tally: Tally) -> None:
    """Not a page more fits in; then there is room again."""

    def full(town: Town) -> tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]:
        books = town.doors[0].books

        async def limit(pages: int) -> None:
            async with AsyncExitStack() as stack:
                for _ in range(5):  # every connection of the pool has a limit of its own
                    unit = await stack.enter_async_context(books.glance())
                    await unit.rows(text(f"PRAGMA max_page_count={pages}"))

        return (lambda: limit(1)), (lambda: limit(1_000_000))  # at least what is there already

    town = await live_through(sqlite_url, clock, tally, "disk full", 0.3, full)
    assert [log for log in town.logs if "full" in repr(log.get("error"))], "it was never full"


# ---------------------------------------------------------------- the real program


async def test_the_program_waits_for_the_lock(
    sqlite_url: str, tmp_path: Path, nursery: Nursery, tally: Tally
) -> None:
    """30 s and more, as a backup by hand or a curious colleague may take."""

    async def locked(stage: Stage, seconds: float) -> None:
        other = sqlite3.connect(path_of(stage.url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(seconds)
        other.close()

    for seconds in (31, 100) if LONG else (1,):
        folder = tmp_path / f"{seconds}"
        folder.mkdir()
        url = f"sqlite+aiosqlite:///{shutil.copy(path_of(sqlite_url), folder / 'desk.db')}"
        await goes_on_by_itself(
            url, folder, nursery, tally, "database locked", partial(locked, seconds=seconds)
        )


async def test_the_program_waits_for_room_on_the_disk(
    sqlite_url: str, tmp_path: Path, nursery: Nursery, tally: Tally
) -> None:
    """The write-ahead log may not grow any more: every commit fails as on a disk that is full."""

    async def full(stage: Stage) -> None:
        number = await stage.programs[-1].number()
        free = resource.prlimit(number, resource.RLIMIT_FSIZE)
        resource.prlimit(number, resource.RLIMIT_FSIZE, (size_of(f"{path_of(stage.url)}-wal"), free[1]))
        await asyncio.sleep(20 if LONG else 2)
        resource.prlimit(number, resource.RLIMIT_FSIZE, free)

    await goes_on_by_itself(sqlite_url, tmp_path, nursery, tally, "disk full", full)


async def goes_on_by_itself(
    url: str,
    folder: Path,
    nursery: Nursery,
    tally: Tally,
    name: str,
    trouble: Callable[[Stage], Coroutine[Any, Any, None]],
) -> None:
    """A customer presses 确认 while `trouble` lasts; nothing is said until it is over, and then all is as ever."""
    loop = asyncio.get_running_loop()
    async with open_stage(nursery, url, folder) as stage:
        program = await stage.start()
        await fill_in(stage)
        await stage.settled()
        before = stage.all_said()
        async with asyncio.TaskGroup() as group:
            lasting = group.create_task(trouble(stage))
            await asyncio.sleep(0.1)
            await stage.press(WANG, "confirm:")
            await lasting
            meanwhile = stage.all_said()
            over = loop.time()
        await stage.read(WANG, "预约成功")
        await stage.read(GROUP, "请预留工位")
        recovery = loop.time() - over
        await stage.settled()
        assert not program.is_over
        await program.stop()
        seen = await stage.effects()
        doubled = [text for text, times in stage.all_said().items() if times > 1]
    tally(name, updates=1, lost=int(seen["audit"]["appointment.booked"] != 1), repeated=len(doubled),
          recovery=recovery)  # fmt: skip
    assert meanwhile == before
    assert seen["dead letters"] == 0
    assert seen["audit"]["appointment.booked"] == 1
    assert doubled == []
    assert not LONG or recovery <= RECOVERY
