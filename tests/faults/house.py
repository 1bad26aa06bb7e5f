"""Several processes of the house on the same books, at the same time of the clock; they do as the test orders."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from service.receipts import WAITS, WAITS_FOR_A_CARD
from storage import outbox, timers
from storage.engine import Books
from tests.clock import MONDAY_TEN
from tests.faults.duty import Look, Order, SharedClock, Task, receive, send
from tests.faults.program import Nursery, Program
from tests.faults.reckoning import delivered, repeated

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import timedelta
    from pathlib import Path

WAITING = select(outbox.OUTBOX.c.id).where(
    outbox.OUTBOX.c.reason == WAITS, outbox.OUTBOX.c.state == outbox.LetterState.PENDING.value
)
POINTS = "noted", "stepped", "before_commit", "after_commit", "before_send", "after_send", "settled"
LONG = 240  # seconds of real time after which an order that was certain to be done is not


@dataclass
class Process:
    """One process of the house, and what it was ordered but has not said to have committed."""

    name: str
    program: Program
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def do(self, order: Order) -> tuple[Task, ...]:
        """Have it done; what is not certain to be committed, because the process died over it."""
        left = list(order.tasks)
        try:
            await send(self.writer, order)
            async with asyncio.timeout(LONG):
                while await receive(self.reader) is not None:
                    left.pop(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            return tuple(left)
        return ()


@dataclass
class House:
    """Several processes on the same books, at the same time of the clock."""

    url: str
    folder: Path
    nursery: Nursery
    rng: random.Random
    books: Books
    clock: SharedClock
    processes: list[Process] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    started: int = 0
    port: int = 0
    callers: asyncio.Queue[tuple[str, asyncio.StreamReader, asyncio.StreamWriter]] = field(
        default_factory=asyncio.Queue
    )

    @property
    def diary(self) -> Path:
        """Where every process writes down what it delivers."""
        return self.folder / "diary"

    @property
    def log(self) -> Path:
        """What the processes have to complain of themselves."""
        return self.folder / "log"

    async def start(self) -> Process:
        """One more process."""
        self.started += 1
        environment = {
            "DATABASE_URL": self.url, "CLOCK": str(self.folder / "clock"), "DIARY": str(self.diary),
            "PORT": str(self.port), "NAME": f"p{self.started}",
        }  # fmt: skip
        news = self.nursery.order(environment, self.log, command=["tests/faults/duty.py"])
        program = Program(news, self.log)
        async with asyncio.timeout(LONG):
            name, reader, writer = await self.callers.get()
        return Process(name, program, reader, writer)

    async def work(self, deeds: Iterable[Sequence[Task]], deaths: int = 0) -> None:
        """Deal `deeds` out to all processes, have all of them look at what is due, and let some die over it."""
        hands: list[list[Task]] = [[] for _ in self.processes]
        for deed in deeds:
            self.rng.choice(hands).extend(deed)
        for hand in hands:
            for _ in range(2):
                hand.insert(self.rng.randint(0, len(hand)), Look())
        await self.side_by_side(hands, deaths)

    async def side_by_side(self, hands: list[list[Task]], deaths: int = 0) -> None:
        """Every process does what is in its hand, all of them beginning at the same instant; some die over it."""
        doomed = self.rng.sample(range(len(hands)), min(deaths, len(hands)))
        while any(hands):
            orders = [
                self._order(hand, dies=place in doomed) if hand else None for place, hand in enumerate(hands)
            ]
            left = await asyncio.gather(
                *(self._done(place, order) for place, order in enumerate(orders) if order is not None)
            )
            hands = [[] for _ in self.processes]
            for each in left:
                self.rng.choice(hands).extend(each)  # the service brings again what was not confirmed
            doomed = []

    def _order(self, hand: list[Task], *, dies: bool) -> Order:
        if not dies:
            return Order(tuple(hand))
        return Order(tuple(hand), self.rng.choice(POINTS), self.rng.randint(1, max(len(hand), 2)))

    async def _done(self, place: int, order: Order) -> tuple[Task, ...]:
        process = self.processes[place]
        left = await process.do(order)
        if left or process.program.is_over:
            await self._replace(place)
        return left

    async def _replace(self, place: int) -> None:
        process = self.processes[place]
        assert await process.program.exit() == -9, self.log.read_text(encoding="utf-8")[-6000:]
        self.dead.append(process.name)
        process.writer.close()
        self.processes[place] = await self.start()

    async def settle(self) -> None:
        """Work off whatever is due, and what waits a moment for a card that the other process has in hand."""
        while True:
            async with self.books.glance() as unit:
                due = await timers.next_due(unit)
                letters = await outbox.anything_due(unit, self.clock.now(), "")
                waiting = await unit.one(WAITING)
            if not letters and (due is None or due > self.clock.now()):
                if waiting is None:
                    return
                self.later(WAITS_FOR_A_CARD)
            await self.work(())

    def later(self, by: timedelta) -> None:
        """Let `by` pass for everybody."""
        self.clock.set(self.clock.now() + by)


@asynccontextmanager
async def open_house(
    url: str, folder: Path, nursery: Nursery, rng: random.Random, processes: int
) -> AsyncIterator[House]:
    """So many processes at work; none is left behind."""
    clock = SharedClock(folder / "clock")
    clock.set(MONDAY_TEN)
    books = Books(url, synchronous="OFF")
    house = House(url, folder, nursery, rng, books, clock)

    async def called(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        house.callers.put_nowait((await receive(reader), reader, writer))

    server = await asyncio.start_server(called, "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    try:
        for _ in range(processes):
            house.processes.append(await house.start())
        yield house
        for process in house.processes:
            await send(process.writer, None)
            assert await process.program.exit() == 0, house.log.read_text(encoding="utf-8")[-6000:]
    finally:
        for process in house.processes:
            await process.program.abandon()
            process.writer.close()
        server.close()
        await books.close()


def delivered_once(house: House, sent: set[int]) -> None:
    """Every letter that is called sent was brought; who dies may repeat one message per chat, and nobody else any.

    Nor has any process had anything to complain of.
    """
    assert house.log.read_text(encoding="utf-8") == ""
    assert sent <= delivered(house.diary)
    again = repeated(house.diary)
    assert set(again) <= set(house.dead), "who did not die repeats nothing"
    assert {count for chats in again.values() for count in chats.values()} <= {1}
    print(f"{len(house.dead)} deaths, {sum(each.total() for each in again.values())} deliveries repeated")


def a_seed(name: str) -> int:
    """Another one every time; the variable `name` takes one again. What is printed is seen when the test fails."""
    seed = int(os.environ.get(name) or random.SystemRandom().randrange(2**32))
    print(f"{name}={seed}")
    return seed


async def deadlocks(books: Books) -> int:
    """How many deadlocks PostgreSQL has broken in this database."""
    async with books.glance() as unit:
        await unit.rows(select(func.pg_stat_force_next_flush()))
        found = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return int((await unit.rows(found))[0].deadlocks)
