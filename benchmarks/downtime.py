"""A hundred timers come due while the bot is down for three seconds, and a hundred more while it is killed.

For this bot they are the nudges of a hundred customers who have stopped in the middle of a form; ten minutes are not
waited for, their rows are moved. APScheduler runs a hundred jobs from its own job store, with its own defaults. It is
killed (kill -9) at the moment when the first of them is heard.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from benchmarks.chats import Chats
from benchmarks.contestants import Contestant, other, started, this_bot, write_store
from benchmarks.customers import FIRST_CHAT
from benchmarks.local_api import LocalApi
from benchmarks.report import Measured, Sheet
from dialogs.patterns import SILENCE_NUDGE
from storage.conversations import CONVERSATIONS
from storage.engine import Books
from storage.outbox import OUTBOX
from storage.people import PEOPLE
from storage.timers import TIMERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from benchmarks.course import Place

DOWN = 3.0  # seconds
BEFORE_KILL = 2.0  # seconds until the first comes due
PLANNED = 1  # the chat that programs/scheduler.py tells when all is planned
FIRST_JOB = 100  # the chat of its first job
NUDGE = "shared/silence_nudge"
PLANNING = 0.1  # seconds that APScheduler is given to plan one job: it commits each
QUIET = 8.0  # seconds without a word after which nothing more is expected: longer than any look at the clock


@dataclass(frozen=True)
class Kept:
    """What became of a hundred timers: fired, fired more than once, and messages that were said twice."""

    fired: int
    twice: int
    repeated: int


async def measure(place: Place) -> Measured:
    """Both, through both."""
    write_store(place.folder, limits=True)
    count = place.course.timers_missed
    ours_down, ours_killed = await _ours(place.folder, count)
    its_down, its_killed = [await _scheduler(place.folder, count, name) for name in ("down", "killed")]
    rows = [["", "fired", "fired twice", "messages repeated"]]
    for name, kept in (
        (f"this bot, due during {DOWN:.0f} s of downtime", ours_down),
        ("this bot, due during kill -9", ours_killed),
        (f"APScheduler, due during {DOWN:.0f} s of downtime", its_down),
        ("APScheduler, due during kill -9", its_killed),
    ):
        rows.append([name, f"{kept.fired} of {count}", str(kept.twice), str(kept.repeated)])
    seen = {
        "downtime": ours_down.fired,
        "downtime_twice": ours_down.twice,
        "killed": ours_killed.fired,
        "killed_twice": ours_killed.twice,
    }
    load = f"{count} timers each, all started again after {DOWN:.0f} s; the limits of sending as delivered"
    return Measured(Sheet("downtime", "Timers that come due while nobody is there", rows, load), seen)


# ---------------------------------------------------------------- this bot


async def _ours(folder: Path, count: int) -> tuple[Kept, Kept]:
    bot = this_bot("this bot", "sqlite:///books/downtime.sqlite3")
    books = Books(f"sqlite+aiosqlite:///{folder}/books/downtime.sqlite3")
    first, second = range(FIRST_CHAT, FIRST_CHAT + count), range(FIRST_CHAT + count, FIRST_CHAT + 2 * count)
    async with LocalApi() as api:
        chats = Chats(api)
        async with started(bot, api, folder):
            await _all_begin(chats, (*first, *second))
        begins = datetime.now(UTC) + timedelta(seconds=0.2)
        await _come_due(books, first, begins, DOWN - 0.4)
        await asyncio.sleep(DOWN)
        async with started(bot, api, folder):
            await _heard_all(chats, first)
            down = await _kept(books, chats.heard, first)
            chats.heard.clear()
            begins = datetime.now(UTC) + timedelta(seconds=BEFORE_KILL)
            await _come_due(books, second, begins, 0.5)
        killed = await _killed(bot, chats, folder, second, books)
    await books.close()
    return down, killed


async def _all_begin(chats: Chats, everybody: Iterable[int]) -> None:
    for text in ("/start", "预约服务"):
        for chat in everybody:
            chats.write(chat, text)
        await chats.until(lambda: bool(chats.heard))
        await chats.quiet(2.0)
    chats.heard.clear()


async def _come_due(books: Books, chats: range, begins: datetime, seconds: float) -> None:
    """The nudges of these customers come due one after the other from `begins` on."""
    async with books.unit() as unit:
        theirs = (
            select(TIMERS.c.id)
            .join(CONVERSATIONS, CONVERSATIONS.c.id == TIMERS.c.conversation_id)
            .join(PEOPLE, PEOPLE.c.id == CONVERSATIONS.c.person_id)
            .where(TIMERS.c.name == SILENCE_NUDGE, PEOPLE.c.user_id.between(chats[0], chats[-1]))
        )
        found = [row.id for row in await unit.rows(theirs)]
        if len(found) != len(chats):
            raise RuntimeError(f"{len(found)} customers wait to be nudged instead of {len(chats)}.")
        for number, timer in enumerate(found):
            due = begins + timedelta(seconds=seconds * number / len(found))
            await unit.run(update(TIMERS).where(TIMERS.c.id == timer).values(due_at=due))


async def _killed(bot: Contestant, chats: Chats, folder: Path, second: range, books: Books) -> Kept:
    """kill -9 when the first is nudged, and started again."""
    async with started(bot, chats.api, folder) as process:
        await chats.until(lambda: bool(chats.heard))
        process.kill()
    await asyncio.sleep(DOWN)
    async with started(bot, chats.api, folder):
        await _heard_all(chats, second)
        return await _kept(books, chats.heard, second)


async def _heard_all(chats: Chats, everybody: range) -> None:
    """Until everybody has heard something, and nobody hears more."""
    with suppress(TimeoutError):
        await chats.until(lambda: all(chats.heard.get(chat) for chat in everybody))
    await chats.quiet(QUIET)


async def _kept(books: Books, heard: Mapping[int, list[str]], chats: range) -> Kept:
    async with books.glance() as unit:
        nudges = (
            select(CONVERSATIONS.c.id, func.count().label("count"))
            .join(OUTBOX, OUTBOX.c.conversation_id == CONVERSATIONS.c.id)
            .join(PEOPLE, PEOPLE.c.id == CONVERSATIONS.c.person_id)
            .where(OUTBOX.c.script == NUDGE, PEOPLE.c.user_id.between(chats[0], chats[-1]))
            .group_by(CONVERSATIONS.c.id)
        )
        twice = sum(row.count > 1 for row in await unit.rows(nudges))
    return Kept(sum(bool(heard.get(chat)) for chat in chats), twice, _repeated(heard))


def _repeated(heard: Mapping[int, list[str]]) -> int:
    return sum(len(words) - len(set(words)) for words in heard.values())


# ---------------------------------------------------------------- APScheduler


async def _scheduler(folder: Path, count: int, how: str) -> Kept:
    program = other("APScheduler", "scheduler.py")
    async with LocalApi() as api:
        chats = Chats(api)
        begins = time.time() + BEFORE_KILL + count * PLANNING
        seconds = DOWN - 1.0 if how == "down" else 0.5
        jobs = {"JOBS": f"sqlite:///{how}.sqlite3"}
        plan = {**jobs, "PLAN": f"{begins}:{seconds}:{count}"}
        async with started(program, api, folder, plan) as process:
            await _planned(chats)
            if how == "killed":
                await chats.until(lambda: bool(chats.heard))
                process.kill()
        await asyncio.sleep(max(DOWN, begins + seconds + 0.5 - time.time()))
        async with started(program, api, folder, jobs):
            await _planned(chats)
            await chats.quiet(QUIET)
        said = {chat: words for chat, words in chats.heard.items() if chat >= FIRST_JOB}
    repeated = _repeated(said)
    return Kept(len(said), repeated, repeated)


async def _planned(chats: Chats) -> None:
    await chats.until(lambda: PLANNED in chats.heard)
    del chats.heard[PLANNED]
