"""Does planning, claiming and firing stay as quick with ever more pending timers? Among 1k, 10k, 100k and 1M of them.

A thousand appointments, each with a customer, its conversation and its timer, are written as the house writes them and
then copied under other numbers until there are as many as wanted. Their reminders share a thousand moments, as
they do in a store that opens at nine: among a million, a thousand timers want to be woken in the same second.

What is timed is the work inside a transaction; only where it is said the commit too, because waiting for the disk
costs the same among any number of timers and would make the rest look flatter than it is. Firing is the whole of it
(benchmarks/reminders.py), and the same is asked of two libraries (benchmarks/job_stores.py).
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks import job_stores
from benchmarks.appointment_books import NOW, REMINDER, due, fill, make_due, put_back, timer
from benchmarks.database import Costs, both
from benchmarks.reminders import Reminders
from benchmarks.report import Measured, Sheet, crowd
from storage import conversations, timers
from storage.conversations import OPEN, OVER
from storage.engine import Books, Unit

if TYPE_CHECKING:
    from benchmarks.course import Course, Place

WARM_UP = 5
CLAIMED, FIRED = 200, 100
ALL_DUE = NOW + timedelta(days=1000)
CLAIM, FIRE = f"claim {FIRED} due, with the commit", f"claim and fire {FIRED} due"
STALL = "longest stall of the loop meanwhile"


class Backlog:
    """Books with `size` pending timers, all of them in the future."""

    def __init__(self, books: Books, store_file: str, size: int) -> None:
        self.size = size
        self._books = books
        self._next = 0
        self._reminders = Reminders(books, store_file, NOW)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Fill the books, then work."""
        await fill(self._books, self.size)
        async with self._reminders.open():
            yield
        await self._books.close()

    async def fire(self) -> tuple[float, float]:
        """A hundred are due, strewn; seconds until the last letter is out, and the longest stall of the loop."""
        return await self._reminders.fire(self._others(FIRED))

    # ------------------------------------------------------------ what is measured; all in seconds

    async def set_one(self) -> float:
        """One more timer for an appointment that has one."""
        [number] = self._others(1)
        took = await self._timed(lambda unit: timers.set_many(unit, [timer(number, "deposit_release")]))
        await self._take_back(number, "deposit_release")
        return took

    async def set_one_for_good(self) -> float:
        """The same, until it is committed."""
        [number] = self._others(1)
        one = timer(number, "deposit_release")
        took = await self._timed(lambda unit: timers.set_many(unit, [one]), for_good=True)
        await self._take_back(number, "deposit_release")
        return took

    async def move_one(self) -> float:
        """A timer is set for another day."""
        [number] = self._others(1)
        moved = timer(number, due_at=due(number) + timedelta(days=30))
        took = await self._timed(lambda unit: timers.set_many(unit, [moved]))
        await put_back(self._books, [number])
        return took

    async def unset_one(self) -> float:
        """A timer is taken back."""
        [number] = self._others(1)
        took = await self._timed(lambda unit: timers.unset_many(unit, [(number, REMINDER)]))
        await put_back(self._books, [number])
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
        await put_back(self._books, [number])
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
        numbers = [1 + (first + nth) % self.size for nth in range(CLAIMED)]
        return await self._claim(numbers)

    async def claim_strewn(self) -> float:
        """As many, and every one on other pages: the dearest they can be."""
        return await self._claim(self._others(CLAIMED))

    async def claim_for_good(self) -> float:
        """A hundred are due, strewn; until they are taken out of the books for good."""
        return await self._claim(self._others(FIRED), for_good=True)

    async def claim_of_all(self) -> float:
        """All are due, as after a year with the shutters down; as many are taken as are taken at once."""
        return await self._timed(lambda unit: self._claimed(unit, ALL_DUE, CLAIMED))

    async def next_due(self) -> float:
        """When the next one is due."""
        return await self._timed(timers.next_due)

    async def coming(self) -> float:
        """What is planned next."""
        return await self._timed(lambda unit: timers.coming(unit, CLAIMED))

    # ------------------------------------------------------------ how it is done

    async def _timed(self, work: Callable[[Unit], Awaitable[object]], *, for_good: bool = False) -> float:
        """Seconds of `work` in a transaction of its own; begin and commit belong to it only `for_good`."""
        entered = perf_counter()
        async with self._books.unit() as unit:
            began = perf_counter()
            await work(unit)
            took = perf_counter() - began
        return perf_counter() - entered if for_good else took

    def _others(self, count: int) -> list[int]:
        """So many appointments, spread over all of them."""
        first, self._next = self._next, self._next + count
        return [1 + (nth * 7919) % self.size for nth in range(first, first + count)]

    async def _claim(self, numbers: Sequence[int], *, for_good: bool = False) -> float:
        """Make those due, claim them with their conversations, and drop them: what every tick does with them."""
        await make_due(self._books, numbers)

        async def claim(unit: Unit) -> None:
            claimed = await self._claimed(unit, NOW, len(numbers))
            await conversations.load(unit, (), sorted({row.conversation_id for row in claimed}))
            await timers.drop(unit, [row.id for row in claimed])

        took = await self._timed(claim, for_good=for_good)
        await put_back(self._books, numbers)
        return took

    async def _claimed(self, unit: Unit, now: datetime, count: int) -> Sequence[Any]:
        claimed = await timers.claim_due(unit, now, CLAIMED)
        if len(claimed) != count:
            raise RuntimeError(
                f"{len(claimed)} timers were claimed instead of {count}: this measures nothing."
            )
        return claimed

    async def _take_back(self, number: int, name: str) -> None:
        await self._timed(lambda unit: timers.unset_many(unit, [(number, name)]))


MEASURED: Mapping[str, Callable[[Backlog], Awaitable[float]]] = {
    "set one": Backlog.set_one,
    "set one, with the commit": Backlog.set_one_for_good,
    "move one": Backlog.move_one,
    "take one back": Backlog.unset_one,
    "end a conversation": Backlog.end_one,
    "when is the next due": Backlog.next_due,
    f"the {CLAIMED} coming next": Backlog.coming,
    "claim, none due": Backlog.claim_none,
    "claim, 1 due": Backlog.claim_one,
    f"claim, {CLAIMED} neighbours due": Backlog.claim_neighbours,
    f"claim, {CLAIMED} strewn ones due": Backlog.claim_strewn,
    f"claim {CLAIMED}, all due": Backlog.claim_of_all,
    CLAIM: Backlog.claim_for_good,
}


async def table(place: Place) -> Measured:
    """Both databases, all sizes; then the libraries."""
    course, store = place.course, (place.folder / "store.yaml").read_text(encoding="utf-8")
    costs = {
        name: await measure(urls, store, course)
        for name, urls in (await both(place.postgres, place.folder, "pending", course.timer_sizes)).items()
    }
    seen = {}
    for name, cost in costs.items():
        least, most = min(course.timer_sizes), max(course.timer_sizes)
        for key, what in (("claim", CLAIM), ("fire", FIRE)):
            seen[f"{key}_{name}"] = cost[what][most] / cost[what][least]
            seen[f"{key}_ms_{name}"] = cost[what][most]
        seen[f"stall_{name}"] = cost[STALL][most]
    others = await job_stores.measure(place)
    theirs = others[job_stores.SCHEDULER].get(job_stores.CLAIM, {}).get(job_stores.COMPARED)
    ours = costs["SQLite"][CLAIM].get(job_stores.COMPARED)
    if theirs and ours:
        seen["scheduler"] = ours / theirs
    load = f"Medians of {course.timer_rounds} each (fired: {course.fired_rounds}), all sizes asked in turn"
    rows = crowd({**costs, **others}, "pending", ".2f")
    return Measured(Sheet("pending timers", "In brackets: ratio to the fewest", rows, load), seen)


async def measure(urls: Mapping[int, str], store_file: str, course: Course) -> Costs:
    """Median milliseconds of each, in books of all sizes; `urls` are empty databases by size."""
    took: dict[str, dict[int, list[float]]] = {
        what: {size: [] for size in urls} for what in (*MEASURED, FIRE, STALL)
    }
    async with AsyncExitStack() as stack:
        backlogs = [Backlog(Books(url), store_file, size) for size, url in urls.items()]
        for backlog in backlogs:
            await stack.enter_async_context(backlog.open())
        gc.collect()
        gc.freeze()  # as the bot does when it has opened
        for number in range(WARM_UP + course.timer_rounds):
            turn = number % len(backlogs)  # whoever is asked first warms the caches for the others
            for what, ask in MEASURED.items():
                for backlog in backlogs[turn:] + backlogs[:turn]:
                    seconds = await ask(backlog)
                    if number >= WARM_UP:
                        took[what][backlog.size].append(seconds)
        for number in range(1 + course.fired_rounds):
            turn = number % len(backlogs)
            for backlog in backlogs[turn:] + backlogs[:turn]:
                seconds, stall = await backlog.fire()
                if number >= 1:
                    took[FIRE][backlog.size].append(seconds)
                    took[STALL][backlog.size].append(stall)
    return {what: {size: 1000 * median(each) for size, each in sizes.items()} for what, sizes in took.items()}
