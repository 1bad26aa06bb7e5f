"""What cannot be handled spoils nothing else: poison, timers that raise, a database that is locked for a while.

Never silence: the person is told kindly, staff hear of it, the neighbours notice nothing, and the next message works.
"""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.engine import make_url
from structlog.testing import capture_logs

from bot.opening import make_house
from dialogs.catalogue import DIALOGS
from dialogs.core import Dialog, Event, Said, Say, Turn, Wake, Woke, ask, stay
from service.burial import MOST_TRIES
from service.intake import Intake
from service.ports import Incoming, Sender
from storage import dead_letters, timers
from storage.engine import Books
from storage.inbox import INBOX
from tests.faults.last_slots import Listener
from tests.faults.shop import GROUP, LI, WANG, ZHANG, open_shop, store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from dialogs.facts import Facts
    from service.measures import Measures
    from tests.clock import FakeClock

POISON, BOMB = "毒药", "定时"


@dataclass(frozen=True)
class Nothing:
    """The dialog below remembers nothing."""


def listen(state: Nothing, event: Event, facts: Facts) -> Turn:
    """Answer everything; raise at one word, and whenever a timer wakes it."""
    match event:
        case Said(text) if text == POISON:
            raise ZeroDivisionError(POISON)
        case Said(text) if text == BOMB:
            return ask(
                state, Wake("silence_nudge", facts.now + timedelta(minutes=1)), Say("front_desk/thanks")
            )
        case Woke():
            raise ZeroDivisionError(BOMB)
        case Said():
            return ask(state, Say("front_desk/phones", {"store": facts.store}))
        case _:
            return stay()


FRAGILE = Dialog("front_desk", Nothing, steps=(listen,), lasting=True)


class Desk:
    """An intake with the fragile dialog at its front desk, people who write to it, and what they hear."""

    def __init__(self, books: Books, clock: FakeClock, measures: Measures | None) -> None:
        house = make_house(store(), books, clock, 1, lambda point: None, measures=measures)
        self.books = books
        self.clock = clock
        self.listener = Listener()
        self.intake = Intake(replace(house, dialogs={**DIALOGS, "front_desk": FRAGILE}), self.listener)
        self.updates = 0

    def update(self, user: int, text: str) -> Incoming:
        """One more update."""
        self.updates += 1
        return Incoming(self.updates, Sender(user, "客户"), user, Said(text), raw={"text": text})

    async def hears(self, *said: tuple[int, str]) -> None:
        """All of these arrive together."""
        await self.intake.put([self.update(user, text) for user, text in said])

    async def wake(self) -> None:
        """The clockwork's tick: what is due, is due; returns when it has been handled."""
        self.intake.timers_due()
        await self.intake.put([])
        await self.intake.put([])  # what failed together was tried alone before this had its turn

    def told(self, chat: int) -> list[str]:
        """What was said in a chat."""
        return [letter.text for letter in self.listener.letters if letter.chat_id == chat]

    async def rows(self, table: object) -> list[object]:
        """All rows of a table."""
        async with self.books.glance() as unit:
            return await unit.rows(table.select())  # type: ignore[attr-defined]

    async def dead(self) -> list[tuple[str, str]]:
        """What is kept as a dead letter."""
        async with self.books.glance() as unit:
            return [(row.source, row.error.splitlines()[-1]) for row in await dead_letters.all_of(unit)]


@asynccontextmanager
async def open_desk(url: str, clock: FakeClock, measures: Measures | None = None) -> AsyncIterator[Desk]:
    """Work goes on while the body runs; afterwards everything has been brought."""
    books = Books(url, synchronous="OFF")
    await open_shop(books, clock.now())
    desk = Desk(books, clock, measures)
    try:
        async with asyncio.TaskGroup() as group:
            carrying = group.create_task(desk.intake.couriers.run())
            working = group.create_task(desk.intake.run())
            yield desk
            desk.intake.stop()
            await working
            desk.intake.couriers.stop()
            await carrying
    finally:
        await books.close()


async def test_poison_is_kept_and_spoils_nothing(database_url: str, clock: FakeClock) -> None:
    with capture_logs() as logs:
        async with open_desk(database_url, clock) as desk:
            await desk.hears((WANG, "电话"))
            await desk.hears((ZHANG, "电话"), (WANG, POISON), (WANG, "电话"), (ZHANG, "电话"))
            await desk.hears((WANG, "电话"))
            dead = await desk.dead()
            noted = len(await desk.rows(INBOX))
    assert dead == [("update", f"ZeroDivisionError: {POISON}")]
    assert noted == desk.updates
    assert len(desk.told(WANG)) == 4
    assert len([text for text in desk.told(WANG) if text.startswith("抱歉")]) == 1
    assert len(desk.told(ZHANG)) == 2
    (alert,) = desk.told(GROUP)
    assert "U3" in alert
    assert [log["log_level"] for log in logs] == ["warning", "error"]


async def test_poison_from_a_stranger_is_not_repeated(database_url: str, clock: FakeClock) -> None:
    """Who was never written down has no file to tell from; the update is kept and the next one is a fresh start."""
    with capture_logs():
        async with open_desk(database_url, clock) as desk:
            await desk.hears((LI, POISON))
            await desk.hears((LI, "电话"))
            assert len(await desk.dead()) == 1
    assert "021-5555 0100" in desk.told(LI)[-1]


async def test_a_timer_that_raises_is_put_off_and_kept_at_last(database_url: str, clock: FakeClock) -> None:
    with capture_logs():
        async with open_desk(database_url, clock) as desk:
            await desk.hears((WANG, BOMB))
            tries = 0
            while (due := await next_timer(desk)) is not None:
                tries += 1
                clock.set(due)
                await desk.wake()
            dead = await desk.dead()
            await desk.hears((WANG, "电话"))
    assert tries == MOST_TRIES
    assert dead == [("timer", f"ZeroDivisionError: {BOMB}")]
    assert len(desk.told(GROUP)) == 1
    assert "021-5555 0100" in desk.told(WANG)[-1]


async def next_timer(desk: Desk) -> datetime | None:
    """When something is planned."""
    async with desk.books.glance() as unit:
        return await timers.next_due(unit)


async def test_a_database_locked_for_a_while_loses_nothing(
    sqlite_url: str, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else (a backup, a curious colleague) holds SQLite's write lock: whoever writes meanwhile waits."""
    path = make_url(sqlite_url).database
    assert path is not None
    async with open_desk(sqlite_url, clock) as desk:
        await desk.hears((WANG, "电话"))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.TaskGroup() as crowd:
            waiting = [crowd.create_task(desk.hears((user, "电话"))) for user in (WANG, ZHANG, WANG)]
            done, _ = await asyncio.wait(waiting, timeout=1)
            assert not done
            other.execute("COMMIT")
        other.close()
    assert len(desk.told(WANG)) == 3
    assert len(desk.told(ZHANG)) == 1
