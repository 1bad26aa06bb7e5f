"""This bot on PostgreSQL with more than one process, and both channels on both ways in.

All of them stand ready at the same time, each with books and customers of its own, and are asked in turn: what is
compared was measured in the same minute. The load and PostgreSQL run on the same cores as the bots, so what they
take is shown too, and how far two cores could get at the best.
"""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from time import process_time
from typing import TYPE_CHECKING

from benchmarks.contestants import Contestant, this_bot
from benchmarks.measuring import Side, at_work, late, middle
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from benchmarks.course import Place

TURNS = 4
POLLING = 0
CREWS = {"aiogram": (POLLING, 1, 2, 4), "ptb": (POLLING, 1, 2)}
PTB_SHARE = 4  # python-telegram-bot takes so many times longer: it gets so many times less


@dataclass
class Crew:
    """So many processes of one channel, and the processor time around them in seconds."""

    channel: str
    processes: int
    side: Side
    postgres: float = 0.0
    load: float = 0.0

    @property
    def name(self) -> str:
        """As it is called in the table."""
        by = {"aiogram": "", "ptb": "python-telegram-bot, "}[self.channel]
        if self.processes == POLLING:
            return f"{by}long polling"
        return f"{by}webhook × {self.processes}"

    async def saturate(self, texts: int, place: Place) -> None:
        """One turn."""
        postgres, load = place.postgres.cpu(), process_time()
        await self.side.saturate(texts)
        self.postgres += place.postgres.cpu() - postgres
        self.load += process_time() - load

    def per_update(self, seconds: float) -> float:
        """Milliseconds."""
        return 1000 * seconds / len(self.side.tally.full)

    @property
    def whole(self) -> float:
        """Milliseconds of processor time for one update, bots, PostgreSQL and load together."""
        return self.side.tally.cpu + self.per_update(self.postgres) + self.per_update(self.load)


async def measure(place: Place) -> Measured:
    """Every crew in turn."""
    texts = place.course.texts
    async with AsyncExitStack() as stack:
        crews = []
        for channel, sizes in CREWS.items():
            for processes in sizes:
                contestant = await _ours(place, channel, processes)
                side = await stack.enter_async_context(
                    at_work(contestant, place.folder, place.course.customers)
                )
                crews.append(Crew(channel, processes, side))
        for crew in crews:
            await crew.side.warm_up()
        for turn in range(TURNS):
            for crew in crews[turn % 2 :: 2] + crews[1 - turn % 2 :: 2]:
                share = PTB_SHARE if crew.channel == "ptb" else 1
                await crew.saturate(texts // share // 2, place)
    by_size = {(crew.channel, crew.processes): crew.side.tally.per_second for crew in crews}
    seen = {f"replicas_{channel}": by_size[channel, 2] / by_size[channel, 1] for channel in CREWS}
    load = (
        f"{TURNS} × {texts // 2} texts of {place.course.customers} customers "
        f"(python-telegram-bot {TURNS} × {texts // 2 // PTB_SHARE})"
    )
    title = "In brackets: ratio to one process of the same channel behind a webhook"
    return Measured(Sheet("replicas", title, _rows(crews, by_size), load), seen)


async def _ours(place: Place, channel: str, processes: int) -> Contestant:
    url = await place.postgres.desk(f"replicas_{channel}_{processes}")
    return this_bot(f"{channel} {processes}", url, processes, CHANNEL=channel)


def _rows(crews: list[Crew], by_size: dict[tuple[str, int], float]) -> list[list[str]]:
    cores = os.cpu_count() or 1
    lines: list[list[str]] = [
        ["updates per second"],
        ["CPU per update, bots, ms"],
        ["CPU per update, PostgreSQL, ms"],
        ["CPU per update, load, ms"],
        [f"busy, of {cores} cores"],
        ["at most, were nobody ever waiting"],
        ["median latency, ms"],
        ["99th percentile, ms"],
    ]
    for crew in crews:
        tally = crew.side.tally
        rate = tally.per_second
        cells = (
            f"{rate:.0f} ({rate / by_size[crew.channel, 1]:.2f})",
            f"{tally.cpu:.2f}",
            f"{crew.per_update(crew.postgres):.2f}",
            f"{crew.per_update(crew.load):.2f}",
            f"{crew.whole * rate / 1000:.2f}",
            f"{min(1000 * cores / crew.whole, 1000 * (crew.processes or 1) / tally.cpu):.0f}",
            f"{middle(tally.full):.0f}",
            f"{late(tally.full):.0f}",
        )
        for line, cell in zip(lines, cells, strict=True):
            line.append(cell)
    return [["", *(crew.name for crew in crews)], *lines]
