"""A hundred reminders fire: found, locked, played, committed, and the customers have them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from benchmarks import appointment_books
from benchmarks.open_cases import StandingClock, Wastebasket
from bot.opening import make_house
from bot.store_file import read_store
from service.clockwork import Clockwork
from service.intake import Intake
from service.ports import Delivery, Letter
from storage.engine import Books

LONGEST = 60.0  # seconds
BEAT = 0.001  # seconds between two looks at whether the loop still runs


@dataclass
class Pulse:
    """The longest time, in seconds, for which the loop did not come round."""

    longest: float = 0.0


@contextmanager
def pulse() -> Iterator[Pulse]:
    """Feel it while the block runs."""
    felt, loop = Pulse(), asyncio.get_running_loop()
    handle = asyncio.Handle(lambda: None, (), loop)
    before = perf_counter()

    def beat() -> None:
        nonlocal handle, before
        now = perf_counter()
        felt.longest = max(felt.longest, now - before - BEAT)
        before = now
        handle = loop.call_later(BEAT, beat)

    beat()
    try:
        yield felt
    finally:
        handle.cancel()
        felt.longest = max(felt.longest, perf_counter() - before - BEAT)


class Letterbox(Wastebasket):
    """A channel that counts what it delivers."""

    count = 0

    async def deliver(self, letter: Letter) -> Delivery:
        """See Channel."""
        self.count += 1
        return await super().deliver(letter)


class Reminders:
    """The house at work over `books`, at a moment when nothing else happens."""

    def __init__(self, books: Books, store_file: str, now: datetime) -> None:
        self._books = books
        clock = StandingClock()
        clock.moment = now
        self._house = make_house(read_store(store_file), books, clock, 1, lambda point: None)
        self._letterbox = Letterbox()
        self._intake = Intake(self._house, self._letterbox)
        self._clockwork = Clockwork(self._house, self._intake)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """At work until the end of the block."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._intake.couriers.run())
            working = group.create_task(self._intake.run())
            await asyncio.sleep(0)
            yield
            self._intake.stop()
            await working
            self._intake.couriers.stop()

    async def fire(self, numbers: Sequence[int]) -> tuple[float, float]:
        """The reminders of these appointments are due: seconds until all letters are out, and the longest stall."""
        await appointment_books.make_due(self._books, numbers)
        self._letterbox.count = 0
        began = perf_counter()
        with pulse() as felt:
            await self._clockwork.look()
            async with asyncio.timeout(LONGEST):
                while self._letterbox.count < len(numbers):
                    await self._intake.put([])
                    await self._intake.couriers.calm()
            took = perf_counter() - began
        if self._letterbox.count > len(numbers):
            raise RuntimeError(
                f"{self._letterbox.count} letters for {len(numbers)} reminders: this measures nothing."
            )
        await self._intake.put([])
        await appointment_books.put_back(self._books, numbers)
        return took, felt.longest
