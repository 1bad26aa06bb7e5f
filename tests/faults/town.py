"""A town in one test process: several houses on the same books, everybody's chats, a clock that the test moves.

Quick where the process itself does not matter. The houses are real, each with its own connections to the books, its
own desk and couriers; a house that dies is cancelled in the middle of whatever it does.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import select
from structlog.testing import capture_logs

from bot.opening import make_house
from service.clockwork import Clockwork
from service.collection import collect
from service.intake import Intake
from service.ports import Capabilities, Delivered, Delivery, Letter, Sender
from storage import outbox
from storage.bell import Bell
from storage.engine import Books
from tests.clock import FakeClock
from tests.faults.duty import shop

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Sequence
    from random import Random

    from service.house import House
    from service.ports import Face, Handle, Incoming

LONG = 30  # seconds of real time after which something that was certain to happen has not
MOST_PULSES = 400
PULSE = timedelta(seconds=1)
A_LOOK = 0.2  # seconds, of real time too, between two looks while somebody waits
A_BREATH = 0.02  # seconds of real time between two tries while something is broken


@cache
def _furnished() -> House:
    """What is the same in every house, made once."""
    return make_house(shop(), Books("sqlite+aiosqlite:///:memory:"), FakeClock(), 1, lambda point: None)


# ---------------------------------------------------------------- the chats


@dataclass(frozen=True, slots=True)
class Brought:
    """One try to deliver a letter: when, by which house, and what the service said."""

    letter: Letter
    at: datetime
    by: str
    answer: Delivery


class Chats:
    """All chats of the messaging service, as people see them.

    `weather` is what the service says to a letter at that moment; None: it takes it.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.weather: Callable[[Letter, datetime], Delivery | None] = lambda letter, now: None
        self.tries: list[Brought] = []
        self.faces: dict[tuple[int, int], Letter] = {}
        self.toasts: Counter[str] = Counter()
        self._numbers = count(100)

    def take(self, letter: Letter, by: str) -> Delivery:
        now = self.clock.now()
        answer = self.weather(letter, now) or Delivered(letter.edits or next(self._numbers))
        self.tries.append(Brought(letter, now, by, answer))
        if isinstance(answer, Delivered) and not letter.new_topic:
            self.faces[letter.chat_id, answer.message_id] = letter
        return answer

    def brought(self, chat: int) -> list[Brought]:
        """What arrived in `chat`, in order."""
        return [
            each for each in self.tries if each.letter.chat_id == chat and isinstance(each.answer, Delivered)
        ]

    def shown(self, chat: int) -> list[Letter]:
        """Every message of `chat` as it stands there now, oldest first."""
        return [letter for (where, _), letter in sorted(self.faces.items(), key=_number) if where == chat]

    def button(
        self, chat: int, key: str, value: str = "", but: Collection[int] = ()
    ) -> tuple[int, Face] | None:
        """The newest button `key` in `chat` (with `value`, when given), and its message; on no message of `but`."""
        for (where, message), letter in sorted(self.faces.items(), key=_number, reverse=True):
            here = where == chat and message not in but
            for face in (each for row in letter.buttons for each in row if here):
                if face.tap.key == key and value in ("", face.tap.value):
                    return message, face
        return None

    def repeated(self) -> Counter[int]:
        """Letters that arrived more than once, by number: how many times too often."""
        times = Counter(each.letter.id for each in self.tries if isinstance(each.answer, Delivered))
        return Counter({letter: number - 1 for letter, number in times.items() if number > 1})


def _number(entry: tuple[tuple[int, int], Letter]) -> tuple[int, int]:
    return entry[0]


@dataclass
class Wire:
    """One house's channel to the chats."""

    chats: Chats
    name: str
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def open(self) -> Sender:
        return Sender(1, "bot")

    async def listen(self, handle: Handle) -> None:
        raise AssertionError("the updates come from the test")

    async def close(self) -> None:
        return

    async def deliver(self, letter: Letter) -> Delivery:
        await asyncio.sleep(0)  # whoever else is at work gets their turn, as during a call over the network
        return self.chats.take(letter, self.name)

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        self.chats.toasts[press_id] += 1


# ---------------------------------------------------------------- the houses


class Door:
    """One house at work: a process of the bot."""

    def __init__(self, name: str, books: Books, clock: FakeClock, chats: Chats) -> None:
        self.name = name
        self.books = books
        house = replace(_furnished(), books=books, clock=clock, courier=uuid4().hex)
        self.bell = Bell(books, house.courier) if books.is_postgres else None
        self.intake = Intake(house, Wire(chats, name), self.bell)
        self.clockwork = Clockwork(house, self.intake)
        self.house = house
        self._life: asyncio.Task[None] | None = None
        self._open = asyncio.Event()

    async def open(self) -> None:
        """Begin as the program does (bot/opening.py): what a predecessor left is collected, cards are offered again."""
        if not self.books.is_postgres:
            async with self.books.unit() as unit:
                await outbox.abandon(unit, self.house.clock.now())
        self._life = asyncio.get_running_loop().create_task(self._live())
        await self._open.wait()
        async with self.books.glance() as unit:
            self.intake.couriers.hold_up(await outbox.put_off(unit, self.house.clock.now()))
        self.intake.couriers.take(await collect(self.house, self.intake.note))
        if self.bell is None or not self.bell.others:
            self.intake.offer_again()

    async def _live(self) -> None:
        async with self.bell.attended() if self.bell else nullcontext(), asyncio.TaskGroup() as group:
            group.create_task(self.intake.couriers.run())
            group.create_task(self.intake.run())
            await asyncio.sleep(0)
            self._open.set()

    async def until_done(self, work: Any) -> bool:
        """Do `work` in this house; False when it failed, or when the house died over it."""
        assert self._life is not None
        doing = asyncio.ensure_future(work)
        await asyncio.wait({doing, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if self.is_dead and not doing.done():
            doing.cancel()
            return False
        return doing.exception() is None

    async def takes(self, updates: Sequence[Incoming]) -> bool:
        """Whether `updates` were confirmed."""
        return await self.until_done(self.intake.put(updates))

    async def quiet(self) -> None:
        """Return when no letter is under way and what became of each is written down."""
        while not self.is_dead:
            if not await self.until_done(self.intake.couriers.calm()):
                return
            if not await self.takes([]) or self.intake.couriers.busy:
                continue
            if await self.takes([]) and not self.intake.couriers.busy:
                return

    async def look(self) -> None:
        """One tick of the clockwork."""
        await self.until_done(self.clockwork.look())

    @property
    def is_dead(self) -> bool:
        return self._life is None or self._life.done()

    async def die(self) -> None:
        """At once, whatever is under way; nobody is told."""
        assert self._life is not None
        self._life.cancel()
        await asyncio.wait({self._life})
        await self.books.close()

    async def close(self) -> None:
        """Politely. Raises what broke the house."""
        if self._life is None or self._life.cancelled():
            return
        self.intake.stop()
        self.intake.couriers.stop()
        await self._life
        await self.books.close()


class Town:
    """Houses on the same books, and the service that brings each update to any of them."""

    def __init__(self, url: str, clock: FakeClock, rng: Random) -> None:
        self.url = url
        self.clock = clock
        self.rng = rng
        self.chats = Chats(clock)
        self.doors: list[Door] = []
        self.books = Books(url, synchronous="OFF")
        self.numbers = count(1)
        self.deaths = 0
        self.calm = asyncio.Event()  # cleared while something is broken: time stands still then
        self.calm.set()
        self.logs: list[Any] = []
        self._opened = 0
        self._pulse: asyncio.Task[None] | None = None

    async def open(self, clock: FakeClock | None = None) -> Door:
        """One more house; with a wrong `clock` of its own, perhaps."""
        self._opened += 1
        books = Books(self.url, synchronous="OFF", pool_size=5)
        door = Door(f"h{self._opened}", books, clock or self.clock, self.chats)
        await door.open()
        self.doors.append(door)
        return door

    async def kill(self, door: Door) -> Door:
        """One house dies, and is opened anew."""
        self.deaths += 1
        self.doors.remove(door)
        await door.die()
        return await self.open(door.house.clock)  # type: ignore[arg-type]

    async def bring(self, *updates: Incoming) -> None:
        """The service brings `updates` together until somebody has confirmed them."""
        for _ in range(MOST_PULSES):
            if await self._somebody_takes(updates):
                return
            while not (self.calm.is_set() and self.doors):
                await asyncio.sleep(A_BREATH)
                if await self._somebody_takes(updates):
                    return
            await self.pulse()
        raise AssertionError("nobody takes the update")

    async def _somebody_takes(self, updates: Sequence[Incoming]) -> bool:
        return bool(self.doors) and await self.rng.choice(self.doors).takes(updates)

    async def quiet(self) -> None:
        """Whatever follows from what was brought has been delivered, as far as it can be now.

        A letter may wait for an older one that is due within the second: then time passes, and everybody looks.
        """
        try:
            async with asyncio.timeout(LONG), asyncio.TaskGroup() as group:
                waiting = {group.create_task(door.quiet()) for door in self.doors}
                while waiting:
                    _, waiting = await asyncio.wait(waiting, timeout=A_LOOK)
                    if waiting and self.calm.is_set():
                        self.clock.advance(timedelta(seconds=A_LOOK))
                        await asyncio.gather(*(door.look() for door in self.doors))
        except TimeoutError:
            raise AssertionError(f"it is never quiet\n{await self._story()}") from None

    async def look(self) -> None:
        """Every house looks at what is due, all at the same moment."""
        await asyncio.gather(*(door.look() for door in self.doors))
        await self.quiet()

    async def pulse(self) -> None:
        """A second passes; whoever asks for it meanwhile shares it."""
        if self._pulse is None or self._pulse.done():
            self._pulse = asyncio.get_running_loop().create_task(self._beat())
        await asyncio.shield(self._pulse)

    async def _beat(self) -> None:
        while not (self.calm.is_set() and self.doors):  # noqa: ASYNC110 - a house may be gone again by then
            await asyncio.sleep(A_BREATH)
        self.clock.advance(PULSE)
        await self.look()

    async def later(self, by: timedelta, step: timedelta = PULSE) -> None:
        """Let `by` pass, with a look at every `step`."""
        until = self.clock.now() + by
        while self.clock.now() < until:
            self.clock.advance(min(step, until - self.clock.now()))
            await self.look()

    async def see(self, what: Callable[[], Any], name: str, pulses: int = MOST_PULSES) -> Any:
        """Wait, if need be for some seconds of the clock, until there is `what`."""
        for _ in range(pulses):
            if found := what():
                return found
            await self.quiet()
            if found := what():
                return found
            await self.pulse()
        raise AssertionError(f"never seen: {name}\n{await self._story()}")

    async def _story(self) -> str:
        """What is under way, and what the houses have to complain of."""
        under_way = select(outbox.OUTBOX).where(outbox.OUTBOX.c.state.not_in(["sent", "dropped"]))
        letters = [
            (row.id, row.script, row.chat_id, row.state, row.reason, row.due_at, row.lease_until, row.courier)
            for row in await self.rows(under_way)
        ]
        couriers = {
            door.name: (door.house.courier, door.is_dead, door.intake.couriers.busy) for door in self.doors
        }
        return "\n".join(map(str, (self.clock.now(), couriers, *letters, *self.logs[-8:])))

    async def rows(self, statement: Any) -> list[Any]:
        """What is in the books."""
        async with self.books.glance() as unit:
            return await unit.rows(statement)


@asynccontextmanager
async def open_town(url: str, clock: FakeClock, rng: Random, houses: int = 1) -> AsyncIterator[Town]:
    """So many houses; none is left behind, and none may have broken."""
    town = Town(url, clock, rng)
    try:
        for _ in range(houses):
            await town.open()
        with capture_logs() as town.logs:
            yield town
        async with asyncio.timeout(LONG):
            for door in town.doors:
                await door.close()
    finally:
        for door in town.doors:
            if not door.is_dead:
                await door.die()
        await town.books.close()
