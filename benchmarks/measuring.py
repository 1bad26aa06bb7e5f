"""Run contestants through the same loads, side by side in short turns, and note what each took."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contestants import Contestant, running
from benchmarks.customers import Customers
from benchmarks.database import cpu
from benchmarks.local_api import LocalApi

WARM_UP = 3  # texts of everybody: all are known, all caches are warm
STEADY_RATE = 30.0  # updates a second, what Telegram lets a bot answer
TURNS = 3  # at saturation, and of the steady load
SHORTEST = 2.0  # seconds of a turn of the steady load

FRONT_DESK = ("地址", "营业时间")  # two cards that lead to each other
BOOKING = ("看其他日期", "明天")  # the cards of days and of times


@dataclass
class Tally:
    """What was measured of one contestant: seconds, texts, and the latencies of each in seconds."""

    full: list[float] = field(default_factory=list)
    full_seconds: float = 0.0
    full_cpu: float = 0.0
    steady: list[float] = field(default_factory=list)
    steady_cpu: float = 0.0
    memory: float = math.nan  # MiB
    screens: list[float] = field(default_factory=list)
    toasts: list[float] = field(default_factory=list)
    booking_screens: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Updates a second at saturation."""
        return len(self.full) / self.full_seconds

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time for an update at saturation."""
        return 1000 * self.full_cpu / len(self.full)

    @property
    def cpu_steady(self) -> float:
        """The same at 30 a second."""
        return 1000 * self.steady_cpu / len(self.steady)


class Side:
    """A contestant at work, with customers of its own."""

    def __init__(self, contestant: Contestant, customers: Customers, processes: Sequence[Any]) -> None:
        self.contestant = contestant
        self.customers = customers
        self.tally = Tally()
        self._processes = processes

    async def warm_up(self) -> None:
        """Everybody is welcomed, and has written a few times."""
        if self.contestant.ours:
            await self.customers.write_once("/start")
        await self.customers.all_write(WARM_UP * self.customers.chats)

    async def saturate(self, texts: int) -> None:
        """Everybody writes as fast as they are answered."""
        before = self.cpu()
        self.tally.full_seconds += await self.customers.all_write(texts)
        self.tally.full_cpu += self.cpu() - before
        self.tally.full += self.customers.latencies

    async def steadily(self, seconds: float) -> None:
        """Thirty texts a second."""
        before = self.cpu()
        await self.customers.write_steadily(STEADY_RATE, seconds)
        self.tally.steady_cpu += self.cpu() - before
        self.tally.steady += self.customers.latencies
        self.tally.memory = self.memory()

    async def press(self, seconds: float) -> None:
        """Thirty presses a second: between two cards of the front desk, then between two of a booking."""
        customers, tally = self.customers, self.tally
        await customers.write_once("你们几点开门")
        await customers.press_steadily(STEADY_RATE, seconds, FRONT_DESK)
        tally.screens, tally.toasts = list(customers.screens), list(customers.toasts)
        await customers.all_reach_the_days()
        await customers.press_steadily(STEADY_RATE, seconds, BOOKING)
        tally.booking_screens = list(customers.screens)

    def cpu(self) -> float:
        """Seconds of processor time until now, of all its processes."""
        return sum(cpu(process) for process in self._processes)

    def memory(self) -> float:
        """What all its processes hold, MiB."""
        return float(sum(process.memory_info().rss for process in self._processes)) / 2**20


@asynccontextmanager
async def at_work(
    contestant: Contestant, folder: Path, customers: int, *, delay: float = 0.0
) -> AsyncIterator[Side]:
    """The contestant, started and ready for so many customers."""
    async with LocalApi(delay=delay) as api, running(contestant, api, folder) as processes:
        yield Side(contestant, Customers(api, customers), processes)


async def beside(baseline: Side, side: Side, texts: int, seconds: float) -> Tally:
    """Measure both in turns, the baseline before and after each turn of `side`; what was seen of the baseline."""
    baseline.tally = Tally()
    await baseline.saturate(texts // TURNS)
    for _ in range(TURNS):
        await side.saturate(texts // TURNS)
        await baseline.saturate(texts // TURNS)
    await asyncio.sleep(1)
    turns = max(1, min(TURNS, round(seconds / SHORTEST)))
    await baseline.steadily(seconds / turns / 2)
    for turn in range(turns):
        await side.steadily(seconds / turns)
        await baseline.steadily(seconds / turns / (2 if turn == turns - 1 else 1))
    return baseline.tally


def middle(seconds: Sequence[float]) -> float:
    """The median in milliseconds."""
    return 1000 * median(seconds) if seconds else math.nan


def late(seconds: Sequence[float]) -> float:
    """The 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return 1000 * ordered[min(len(ordered) - 1, math.ceil(0.99 * len(ordered)) - 1)] if ordered else math.nan
