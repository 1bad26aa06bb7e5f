"""Does planning and claiming stay as quick with ever more pending timers? Among 1k, 10k, 100k and 1M of them.

A thousand appointments, each with a customer, its conversation and its timer, are written as the house writes them and
then copied under other numbers until there are as many as wanted. Their timers share a thousand moments, as reminders
do in a store that opens at nine: among a million, a thousand timers want to be woken in the same second.

What is timed is the work inside a transaction; only where it is said the commit too, because waiting for the disk
costs the same among any number of timers and would make the rest look flatter than it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Table, cast, insert, literal, select, update

from benchmarks.database import Costs, count_on, settle
from dialogs.appointment import Promise
from service.desk import TIMERS_AT_ONCE
from service.intake import MOST_AT_ONCE
from storage import conversations, people, states, timers, upgrade
from storage.conversations import CONVERSATIONS, OPEN, OVER
from storage.engine import Books, Unit
from storage.people import PEOPLE
from storage.timers import TIMERS

SIZES = (1_000, 10_000, 100_000, 1_000_000)
WARM_UP, ROUNDS = 5, 60
WRITTEN = 1_000  # by the house itself; the others are copies
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALL_DUE = NOW + timedelta(days=1000)
NUMBERS = frozenset({"id", "user_id", "person_id", "conversation_id"})
TABLES = (PEOPLE, CONVERSATIONS, TIMERS)


def _due(number: int) -> datetime:
    """When the timer of the appointment `number` is due: ten o'clock and some minutes, on one of the next 365 days."""
    nth = number % WRITTEN
    return NOW + timedelta(days=1 + nth % 365, minutes=nth // 365)


def _timer(number: int, name: str = "no_show_check", due: datetime | None = None) -> dict[str, Any]:
    return {
        "conversation_id": number,
        "name": name,
        "due_at": due or _due(number),
        "what": "询问前台客户是否到店",
        "why": f"预约 A{number} 已过时间（B10）",
        "set_at": NOW,
        "attempts": 0,
    }


class Backlog:
    """Books with `size` pending timers, all of them in the future."""

    def __init__(self, books: Books, size: int) -> None:
        self.size = size
        self._books = books
        self._next = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Fill the books, then work."""
        await upgrade.upgrade(self._books)
        async with self._books.unit() as unit:
            await _write_the_first(unit)
            for table in TABLES:
                await _multiply(unit, table, self.size)
            await count_on(unit, TABLES)
        await settle(self._books)
        yield
        await self._books.close()

    # ------------------------------------------------------------ what is measured; all in seconds

    async def set_one(self) -> float:
        """One more timer for an appointment that has one."""
        [number] = self._others(1)
        took = await self._timed(lambda unit: timers.set_many(unit, [_timer(number, "deposit_release")]))
        await self._take_back(number, "deposit_release")
        return took

    async def set_one_for_good(self) -> float:
        """The same, until it is committed."""
        [number] = self._others(1)
        began = perf_counter()
        await self._timed(lambda unit: timers.set_many(unit, [_timer(number, "deposit_release")]))
        took = perf_counter() - began
        await self._take_back(number, "deposit_release")
        return took

    async def move_one(self) -> float:
        """A timer is set for another day."""
        [number] = self._others(1)
        moved = _timer(number, due=_due(number) + timedelta(days=30))
        took = await self._timed(lambda unit: timers.set_many(unit, [moved]))
        await self._put_back([number])
        return took

    async def unset_one(self) -> float:
        """A timer is taken back."""
        [number] = self._others(1)
        took = await self._timed(lambda unit: timers.unset_many(unit, [(number, "no_show_check")]))
        await self._put_back([number])
        return took

    async def end_one(self) -> float:
        """A conversation ends, and its timers with it."""
        [number] = self._others(1)
        async with self._books.glance() as unit:
            ended = (await conversations.find(unit, [number]))[number]
        ended.status = OVER

        async def end(unit: Unit) -> None:
            await conversations.save(unit, [ended])
            await timers.end_conversations(unit, [number])

        took = await self._timed(end)
        ended.status = OPEN
        await self._timed(lambda unit: conversations.save(unit, [ended]))
        await self._put_back([number])
        return took

    async def claim_none(self) -> float:
        """A claim, and nothing is due."""
        return await self._claim([])

    async def claim_one(self) -> float:
        """One is due."""
        return await self._claim(self._others(1))

    async def claim_neighbours(self) -> float:
        """As many are due as are taken at once; their conversations were begun one after the other."""
        [first] = self._others(1)
        numbers = [1 + (first + nth) % self.size for nth in range(TIMERS_AT_ONCE)]
        return await self._claim(numbers)

    async def claim_strewn(self) -> float:
        """As many, and every one on other pages: the dearest they can be."""
        return await self._claim(self._others(TIMERS_AT_ONCE))

    async def claim_of_all(self) -> float:
        """All are due, as after a year with the shutters down; as many are taken as are taken at once."""
        return await self._timed(lambda unit: self._claimed(unit, ALL_DUE, TIMERS_AT_ONCE))

    async def next_due(self) -> float:
        """When the next one is due."""
        return await self._timed(timers.next_due)

    async def coming(self) -> float:
        """What is planned next."""
        return await self._timed(lambda unit: timers.coming(unit, MOST_AT_ONCE))

    # ------------------------------------------------------------ how it is done

    async def _timed(self, work: Callable[[Unit], Awaitable[object]]) -> float:
        """Seconds of `work` in a transaction of its own, begin and commit left out."""
        async with self._books.unit() as unit:
            began = perf_counter()
            await work(unit)
            return perf_counter() - began

    def _others(self, count: int) -> list[int]:
        """So many appointments, spread over all of them."""
        first, self._next = self._next, self._next + count
        return [1 + (nth * 7919) % self.size for nth in range(first, first + count)]

    async def _claim(self, due: Sequence[int]) -> float:
        """Make those due, claim them with their conversations, and drop them: what every tick does with them."""
        async with self._books.unit() as unit:
            mine = TIMERS.c.conversation_id.in_(due)
            await unit.run(update(TIMERS).where(mine).values(due_at=NOW - timedelta(minutes=1)))

        async def claim(unit: Unit) -> None:
            claimed = await self._claimed(unit, NOW, len(due))
            await conversations.load(unit, (), sorted({row.conversation_id for row in claimed}))
            await timers.drop(unit, [row.id for row in claimed])

        took = await self._timed(claim)
        await self._put_back(due)
        return took

    async def _claimed(self, unit: Unit, now: datetime, count: int) -> Sequence[Any]:
        claimed = await timers.claim_due(unit, now, TIMERS_AT_ONCE)
        if len(claimed) != count:
            raise RuntimeError(
                f"{len(claimed)} timers were claimed instead of {count}: this measures nothing."
            )
        return claimed

    async def _put_back(self, numbers: Sequence[int]) -> None:
        await self._timed(lambda unit: timers.set_many(unit, [_timer(number) for number in numbers]))

    async def _take_back(self, number: int, name: str) -> None:
        await self._timed(lambda unit: timers.unset_many(unit, [(number, name)]))


async def _write_the_first(unit: Unit) -> None:
    promise = Promise("小保养", "粤B12345", "深圳市南山区", NOW + timedelta(days=1), NOW)
    numbers = range(1, WRITTEN + 1)
    met = [{"user_id": number, "first_name": "小林", "username": "", "first_seen": NOW} for number in numbers]
    await people.meet(unit, met)
    for number in numbers:
        fields = {
            "dialog": "appointment",
            "version": 1,
            "step": "keep",
            "state": states.write(promise),
            "person_id": number,
            "subject": f"A{number}",
            "asked_at": NOW,
            "opened_at": NOW,
        }
        if await conversations.begin(unit, fields) != number:
            raise RuntimeError("The books were not empty: measure in new ones.")
    await timers.set_many(unit, [_timer(number) for number in numbers])


async def _multiply(unit: Unit, table: Table, size: int) -> None:
    """Copy the rows of `table` until there are `size`."""
    if size == WRITTEN:
        return
    copies = select(literal(1).label("nth")).cte("copies", recursive=True)
    copies = copies.union_all(select(copies.c.nth + 1).where(copies.c.nth + 1 < size // WRITTEN))
    further = copies.c.nth * WRITTEN

    def copied(column: Any) -> Any:
        if column.name in NUMBERS:
            return column + further
        if column.name == "subject":
            return literal("A") + cast(table.c.id + further, CONVERSATIONS.c.subject.type)
        return column

    found = select(*(copied(column) for column in table.c)).select_from(table.join(copies, literal(1) == 1))
    await unit.run(insert(table).from_select([column.name for column in table.c], found))


MEASURED: Mapping[str, Callable[[Backlog], Awaitable[float]]] = {
    "set one": Backlog.set_one,
    "set one, with the commit": Backlog.set_one_for_good,
    "move one": Backlog.move_one,
    "take one back": Backlog.unset_one,
    "end a conversation": Backlog.end_one,
    "when is the next due": Backlog.next_due,
    f"the {MOST_AT_ONCE} coming next": Backlog.coming,
    "claim, none due": Backlog.claim_none,
    "claim, 1 due": Backlog.claim_one,
    f"claim, {TIMERS_AT_ONCE} neighbours due": Backlog.claim_neighbours,
    f"claim, {TIMERS_AT_ONCE} strewn ones due": Backlog.claim_strewn,
    f"claim {TIMERS_AT_ONCE}, all due": Backlog.claim_of_all,
}


async def measure(urls: Mapping[int, str], rounds: int = ROUNDS) -> Costs:
    """Median milliseconds of each, in books of all sizes; `urls` are empty databases by size."""
    took: dict[str, dict[int, list[float]]] = {what: {size: [] for size in urls} for what in MEASURED}
    async with AsyncExitStack() as stack:
        backlogs = [Backlog(Books(url), size) for size, url in urls.items()]
        for backlog in backlogs:
            await stack.enter_async_context(backlog.open())
        for number in range(WARM_UP + rounds):
            for what, ask in MEASURED.items():
                turn = number % len(backlogs)  # whoever is asked first warms the caches for the others
                for backlog in backlogs[turn:] + backlogs[:turn]:
                    seconds = await ask(backlog)
                    if number >= WARM_UP:
                        took[what][backlog.size].append(seconds)
    return {what: {size: 1000 * median(each) for size, each in sizes.items()} for what, sizes in took.items()}
