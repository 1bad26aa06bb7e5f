"""Does it stay as quick with ever more open complaints? One tick and one press among 1k, 10k and 100k of them.

One complaint is filed by the real house; its rows, in every table, are copied under other numbers until there are as
many as wanted. The houses of all sizes are then asked in turn, so that the machine's own moods meet all of them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, func, insert, literal, select, update

from benchmarks.database import Costs, both, count_on, settle
from benchmarks.report import Measured, Sheet, crowd
from bot.opening import make_house
from bot.store_file import read_store
from dialogs.core import Pressed, Said
from domain.people import Role
from service.clockwork import Clockwork
from service.intake import Intake
from service.ports import Capabilities, Delivered, Delivery, Incoming, Letter, Sender, Tap
from storage import people, places, upgrade
from storage.audit import AUDIT
from storage.complaints import COMPLAINT_ENTRIES, COMPLAINT_LEGS, COMPLAINTS
from storage.conversations import CONVERSATIONS
from storage.engine import Books, Unit
from storage.outbox import OUTBOX
from storage.people import PEOPLE
from storage.timers import TIMERS

if TYPE_CHECKING:
    from benchmarks.course import Place

WARM_UP = 20
GROUP = -1009
STAFF = {1: Role.FRONT_DESK_SUPERVISOR, 2: Role.AFTER_SALES_MANAGER, 3: Role.GENERAL_MANAGER}
CUSTOMER = 10  # the first of them
STRIDE = 100  # between the numbers of a row and of its copy; more than one case needs
TABLES = (PEOPLE, COMPLAINTS, COMPLAINT_ENTRIES, COMPLAINT_LEGS, CONVERSATIONS, TIMERS, OUTBOX, AUDIT)
NUMBERS = frozenset(
    ("id", "conversation_id", "card_letter", "card_message", "edits_letter", "edits_message", "message_id")
)
PERSONS = frozenset({"person_id", "user_id", "chat_id"})
WORDS = frozenset({"number", "subject", "payload"})


class StandingClock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment that was set last."""
        return self.moment


@dataclass
class Wastebasket:
    """A channel that delivers everything at once, nowhere."""

    capabilities: Capabilities = field(default_factory=Capabilities)

    async def open(self) -> Sender:
        """See Channel."""
        return Sender(1)

    async def listen(self, handle: Any) -> None:
        """See Channel."""
        await asyncio.Event().wait()

    async def deliver(self, letter: Letter) -> Delivery:
        """See Channel: a message has the number of its letter."""
        return Delivered(letter.edits or letter.id)

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        """See Channel."""

    async def close(self) -> None:
        """See Channel."""


class CrowdedHouse:
    """A house with `size` open complaints, each unaccepted at the front desk."""

    def __init__(self, books: Books, store_file: str, size: int) -> None:
        self.size = size
        self._books = books
        self._clock = StandingClock()
        store = read_store(store_file)
        unhurried = replace(store, sending=replace(store.sending, group_per_minute=1_000_000))
        self._house = make_house(unhurried, books, self._clock, 1, lambda point: None)
        self._intake = Intake(self._house, Wastebasket())
        self._clockwork = Clockwork(self._house, self._intake)
        self._updates = 0
        self._card = 0  # the conversation of the first case's card
        self._turn = 0
        self._next = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Fill the books, then work."""
        await upgrade.upgrade(self._books)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._intake.couriers.run())
            working = group.create_task(self._intake.run())
            await asyncio.sleep(0)
            await self._file_one()
            await self._copy()
            yield
            self._intake.stop()
            await working
            self._intake.couriers.stop()
        await self._books.close()

    # ------------------------------------------------------------ what is measured

    async def tick(self) -> float:
        """The clockwork looks, and nothing is due; seconds."""
        began = perf_counter()
        await self._clockwork.look()
        return perf_counter() - began

    async def alarm(self) -> float:
        """The clockwork looks, and one warning is due; seconds until it is committed."""
        conversation = self._another()
        async with self._books.unit() as unit:
            due = TIMERS.c.conversation_id == conversation, TIMERS.c.name == "warned"
            await unit.run(update(TIMERS).where(*due).values(due_at=self._clock.now()))
        began = perf_counter()
        await self._clockwork.look()
        await self._intake.put([])
        took = perf_counter() - began
        await self._rest()
        return took

    async def press(self) -> float:
        """A supervisor presses 接单 on a card; seconds until it is committed."""
        conversation = self._another()
        tap = Tap(conversation, self._turn, "accept")
        press = self._update(1, GROUP, Pressed("accept"), tap=tap, press_id="p", card=0, in_group=True)
        began = perf_counter()
        await self._intake.put([press])
        took = perf_counter() - began
        await self._rest()
        return took

    def _another(self) -> int:
        """The card of a case that nobody touched yet, somewhere in the middle of the others."""
        self._next += 1
        spread = (self._next * 7919) % self.size
        return self._card + STRIDE * spread

    async def _rest(self) -> None:
        """Until every letter has arrived and that is written down: a hundred thousand copies are not under way."""
        await self._intake.settled()
        while self._intake.couriers.busy:
            await self._intake.couriers.calm()
            await self._intake.settled()
        await self._intake.settled()

    # ------------------------------------------------------------ how it came to be

    def _update(self, user: int, chat: int, event: Any, **more: Any) -> Incoming:
        self._updates += 1
        return Incoming(self._updates, Sender(user, "客户"), chat, event, **more)

    async def _file_one(self) -> None:
        """The first case, by the front door; what else the customer might say is not waited for any more."""
        now = self._clock.now()
        who = {"first_name": "小林", "username": "", "reachable": True, "opted_out": False, "first_seen": now}
        async with self._books.unit() as unit:
            rows = [{"id": one, "user_id": one} | who for one in (*STAFF, CUSTOMER)]
            await unit.run_many(insert(PEOPLE), rows)
            for person, role in STAFF.items():
                await people.give_role(unit, person, role, now)
            await places.bind(unit, GROUP, has_topics=False)
        await self._intake.put([self._update(CUSTOMER, CUSTOMER, Said("我要投诉，喷漆有色差"))])
        await self._rest()
        self._clock.moment += timedelta(minutes=30)
        while await self._something_is_due():
            await self._clockwork.look()
            await self._rest()

    async def _something_is_due(self) -> bool:
        async with self._books.glance() as unit:
            due = select(TIMERS.c.id).where(TIMERS.c.due_at <= self._clock.now())
            return await unit.one(due) is not None

    async def _copy(self) -> None:
        async with self._books.unit() as unit:
            [case] = await unit.rows(select(COMPLAINTS))
            cards = select(CONVERSATIONS).where(CONVERSATIONS.c.dialog == "complaint_desk")
            [card] = await unit.rows(cards)
            self._card, self._turn = card.id, card.turn
            for table in TABLES:
                await _multiply(unit, table, case.number, self.size)
            await count_on(unit, TABLES)
        await settle(self._books)


async def _multiply(unit: Unit, table: Table, number: str, size: int) -> None:
    """Copy what `table` has of the case `number` until there are `size` of it."""
    copies = select(literal(1).label("nth")).cte("copies", recursive=True)
    copies = copies.union_all(select(copies.c.nth + 1).where(copies.c.nth + 1 < size))
    nth = copies.c.nth
    again = number.rpartition("-")[0] + "-"

    def copied(column: Any) -> Any:
        if table is PEOPLE and column.name in ("id", "user_id"):
            return column + nth
        if column.name in NUMBERS:
            return column + nth * STRIDE
        if column.name in PERSONS:
            return column + nth * (column == CUSTOMER).cast(_WHOLE)
        if column.name in WORDS:
            return func.replace(column, number, literal(again) + (nth + STRIDE * 10).cast(_TEXT))
        return column

    found = select(*(copied(column) for column in table.c)).select_from(table.join(copies, literal(1) == 1))
    if table is PEOPLE:
        found = found.where(PEOPLE.c.id == CUSTOMER)
    await unit.run(insert(table).from_select([column.name for column in table.c], found))


_WHOLE, _TEXT = CONVERSATIONS.c.turn.type, COMPLAINTS.c.number.type


# ---------------------------------------------------------------- measuring


async def table(place: Place) -> Measured:
    """Both databases, all sizes."""
    course, store = place.course, (place.folder / "store.yaml").read_text(encoding="utf-8")
    costs = {
        name: await measure(urls, store, course.case_rounds)
        for name, urls in (await both(place.postgres, place.folder, "open", course.case_sizes)).items()
    }
    load = f"Medians of {course.case_rounds} each, all sizes asked in turn"
    return Measured(
        Sheet("open cases", "In brackets: ratio to the fewest", crowd(costs, "open", ".1f"), load)
    )


async def measure(urls: Mapping[int, str], store_file: str, rounds: int) -> Costs:
    """Median milliseconds of each, in books of all sizes; `urls` are empty databases by size."""
    asked: dict[str, Callable[[CrowdedHouse], Awaitable[float]]] = {
        "tick, nothing due": CrowdedHouse.tick,
        "tick, one alarm due": CrowdedHouse.alarm,
        "press on a card (接单)": CrowdedHouse.press,
    }
    took: dict[str, dict[int, list[float]]] = {what: {size: [] for size in urls} for what in asked}
    async with AsyncExitStack() as stack:
        houses = [CrowdedHouse(Books(url), store_file, size) for size, url in urls.items()]
        for house in houses:
            await stack.enter_async_context(house.open())
        for number in range(WARM_UP + rounds):
            for what, ask in asked.items():
                for house in houses:
                    seconds = await ask(house)
                    if number >= WARM_UP:
                        took[what][house.size].append(seconds)
    return {what: {size: 1000 * median(each) for size, each in sizes.items()} for what, sizes in took.items()}
