"""A simulated year of a store, 80 cars a day, followed up: the plan and what left are held against each other.

The engine is the real one: desk, dialogs, scripts, sheets, SQLite (which does not wait for the disk here). The clock
jumps from tick to tick of half an hour; the process stands still every few weeks, and dies every now and then between
its commit and its letters. `make test` plays some days before 国庆节, `make year` the whole year, its halves side by
side.
"""

from __future__ import annotations

import gc
import os
import resource
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS
from storage.follow_ups import FOLLOW_UPS
from storage.outbox import OUTBOX, UNDER_WAY
from storage.timers import TIMERS
from tests.service import follow_up_year_checks as checks
from tests.service.follow_up_year import FIRST_DAY, leavings, open_days, owners
from tests.service.follow_up_year_ledger import YearLedger, minutes, moment_of
from tests.service.follow_up_year_store import Standstill, YearStore
from tests.service.month import STORE_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.engine import Books

CARS_A_DAY = 80
WHOLE_YEAR = os.environ.get("WHOLE_YEAR") == "1"
DAYS = open_days(FIRST_DAY, 332)
PARTS = (
    {"first_half": DAYS[:166], "second_half": DAYS[166:]}
    if WHOLE_YEAR
    else {"six_days": open_days(date(2026, 9, 21), 6)}
)


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """As the bot does at the end of its start-up: what lives for ever is not walked again."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.parametrize("part", PARTS)
async def test_f1_f2_a_year_of_80_cars_a_day(lite_books: Books, tmp_path: Path, part: str) -> None:
    """0 twice, 0 outside hours, 0 to who opted out, 0 during complaints, no third nudge; what is due leaves then."""
    days = PARTS[part]
    people = owners(min(80 * len(days), 6_000), seed=1)
    ledger = YearLedger(tmp_path / "ledger.db")
    store = YearStore(
        lite_books, people, leavings(people, days, CARS_A_DAY, seed=2), ledger, standstills(days)
    )
    memory = Memory(days)
    await store.play(memory.look)
    ledger.shut()
    assert checks.sins(ledger) == {}
    assert checks.unplanned(ledger) == []
    down = {minutes(each.since) // checks.DAY for each in store.standstills}
    assert checks.unlike_the_plan(ledger, lambda due: minutes(store.asks(moment_of(due))), down) == []
    assert await left_over(lite_books) == []
    assert store.cars >= CARS_A_DAY * len(days)
    assert memory.growth <= 1.2
    ledger.close()


def standstills(days: Sequence[date]) -> tuple[Standstill, ...]:
    """A morning, and a night that began in the evening and ended after nine."""
    return tuple(
        each
        for day in days[4::20]
        for each in (
            Standstill(at(day, 9, 30), at(day, 11, 30)),
            Standstill(at(day, 19, 0), at(day + timedelta(days=1), 10, 0)),
        )
    )


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), STORE_TIME)


class Memory:
    """How much of it the process holds: after four weeks, and at the end."""

    def __init__(self, days: Sequence[date]) -> None:
        self._settled = days[min(24, len(days) // 2)]
        self._after_four_weeks = 0
        self._now = 0

    def look(self, day: date) -> None:
        """Read it at the beginning of a day."""
        self._now = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
        if day <= self._settled:
            self._after_four_weeks = self._now

    @property
    def growth(self) -> float:
        return self._now / self._after_four_weeks


async def left_over(books: Books) -> list[str]:
    """No contact that is still open but for calls, no timer of one, no letter under way, nothing dead."""
    async with books.glance() as unit:
        open_ones = FOLLOW_UPS.c.state.in_(("planned", "invited", "answering"))
        found = await unit.rows(select(FOLLOW_UPS.c.number, FOLLOW_UPS.c.state).where(open_ones))
        timers = select(TIMERS.c.name, CONVERSATIONS.c.subject).join(
            CONVERSATIONS, CONVERSATIONS.c.id == TIMERS.c.conversation_id
        )
        found += await unit.rows(timers.where(CONVERSATIONS.c.dialog == "follow_up"))
        found += await unit.rows(select(OUTBOX.c.script).where(OUTBOX.c.state.in_(UNDER_WAY)))
        found += await unit.rows(select(DEAD_LETTERS.c.error))
    return [str(row) for row in found]
