"""Twice as much to answer as the service allows, and 429 for whatever is too much: who loses what?

Sixty customers a second write one text each, for a minute. The service takes thirty messages a second, one a second
in each chat (a few at once are allowed), and refuses the rest with a `retry_after`. All programs stand it at the same
time, each before a service of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.chats import Chats
from benchmarks.contestants import Contestant, other, running, this_bot, write_store
from benchmarks.customers import FIRST_CHAT, TEXTS
from benchmarks.local_api import LocalApi
from benchmarks.report import Measured, Sheet

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.course import Place

PER_SECOND = 30  # messages of a bot, to all chats together
CHAT_SECONDS, CHAT_BURST = 1.0, 5
RATE = 60.0  # texts a second
RETRY_AFTER = 1  # seconds, the least that the service says
QUIET = 10.0  # seconds without an answer after which nobody waits any more


class Limits:
    """What the service allows: so many in any second, and so many in a chat."""

    def __init__(self) -> None:
        self._bot: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def refuses(self, chat: int, at: float) -> int:
        """See Allowance. What is refused does not count."""
        turns = self._chats.setdefault(chat, deque())
        for kept, seconds in ((self._bot, 1.0), (turns, CHAT_BURST * CHAT_SECONDS)):
            while kept and kept[0] <= at - seconds:
                kept.popleft()
        if len(self._bot) >= PER_SECOND or len(turns) >= CHAT_BURST:
            return RETRY_AFTER
        self._bot.append(at)
        turns.append(at)
        return 0


@dataclass(frozen=True)
class Stood:
    """How one program stood it."""

    name: str
    texts: int
    lost: int
    twice: int
    refused: int
    seconds: float

    @property
    def ratio(self) -> float:
        """The time it took ÷ the least that the service allows."""
        return self.seconds / (self.texts / PER_SECOND)


async def measure(place: Place) -> Measured:
    """All programs at the same time."""
    contestants = (
        other("bare aiogram echo", "aiogram_echo.py"),
        other("python-telegram-bot echo", "ptb_echo.py"),
        this_bot("this bot", "sqlite:///books/storm.sqlite3"),
    )
    write_store(place.folder, limits=True)
    async with asyncio.TaskGroup() as group:
        seconds = place.course.storm_seconds
        standing = [group.create_task(_stand(one, place.folder, seconds)) for one in contestants]
    stood = [each.result() for each in standing]
    rows = [["", "answers due", "lost", "given twice", "answers of 429", "done after, s", "÷ (count ÷ 30 s)"]]
    for one in stood:
        cells = (one.texts, one.lost, one.twice, one.refused)
        rows.append([one.name, *map(str, cells), f"{one.seconds:.1f}", f"{one.ratio:.2f}"])
    ours = stood[-1]
    seen = {"storm_lost": ours.lost, "storm_twice": ours.twice, "storm_time": ours.ratio}
    load = f"{RATE:.0f} texts a second for {place.course.storm_seconds:.0f} s, {PER_SECOND} messages a second allowed"
    return Measured(Sheet("storm", "Twice the allowed rate", rows, load), seen)


async def _stand(contestant: Contestant, folder: Path, seconds: float) -> Stood:
    async with LocalApi(allowance=Limits()) as api, running(contestant, api, folder):
        chats = Chats(api)
        chats.write(FIRST_CHAT - 1, TEXTS[0])
        await chats.until(lambda: bool(chats.heard))
        await chats.quiet(2.0)
        chats.heard.clear()
        api.refused = 0
        began = perf_counter()
        texts = round(RATE * seconds)
        for number in range(texts):
            await asyncio.sleep(began + number / RATE - perf_counter())
            chats.write(FIRST_CHAT + number, TEXTS[0])
        await chats.quiet(QUIET)
    counts = Counter(min(len(chats.heard[FIRST_CHAT + number]), 2) for number in range(texts))
    return Stood(contestant.name, texts, counts[0], counts[2], api.refused, chats.last - began)
