"""One of several processes of the house that work on the same complaints: the real house, only clock and channel ours.

`python tests/faults/duty.py` connects to the test (environment: PORT), does what it is ordered, and says what of it
is committed. Where it is told to die, it dies as by a power cut.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import struct
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from mmap import mmap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.opening import make_house
from dialogs.core import Told
from domain.complaints import Step
from service import consequences
from service.briefing import Briefing
from service.clockwork import Clockwork
from service.collection import collect
from service.intake import Intake
from service.ledger import Ledger
from service.occasion import Occasion
from service.play import Play
from service.ports import Capabilities, Delivered, Delivery, Incoming, Sender
from storage import complaints, outbox, people
from storage.engine import Books
from tests.faults.shop import store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from domain.store import Store
    from service.ports import Letter

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
LENGTH = struct.Struct(">I")


@cache
def shop() -> Store:
    """The shop of the fault tests. A step may take hours of the test; one counts working time only (C7)."""
    figures = replace(
        store().complaints, handling_hours=24, dispatch_hours=3, department_hours=3, summary_hours=3,
        business_hours=(Step.DISPATCH,),
    )  # fmt: skip
    return replace(store(), complaints=figures)


class SharedClock:
    """A clock in a file that all processes look at; only the test moves it."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            file.write_bytes(bytes(8))
        with file.open("r+b") as opened:
            self._memory = mmap(opened.fileno(), 8)

    def now(self) -> datetime:
        """The moment that was set last, in UTC."""
        return BEGINNING + timedelta(microseconds=int.from_bytes(self._memory[:8], "little"))

    def set(self, moment: datetime) -> None:
        """It is `moment` for everybody."""
        micros = (moment - BEGINNING) // timedelta(microseconds=1)
        self._memory[:8] = micros.to_bytes(8, "little")


# ---------------------------------------------------------------- what a process is told


@dataclass(frozen=True)
class Look:
    """One look of the clockwork at what is due."""


@dataclass(frozen=True)
class Reported:
    """The owner's form of a leg arrives at its card, as the dialog of the form says it (C8)."""

    user: int
    number: str
    leg: str
    report: Mapping[str, str]


Task = Look | Reported | tuple[Incoming, ...]


@dataclass(frozen=True)
class Order:
    """Do `tasks` one after the other; die at the `count`-th arrival at the point `die_at` of the message path."""

    tasks: tuple[Task, ...] = ()
    die_at: str = ""
    count: int = 1


async def send(writer: asyncio.StreamWriter, thing: Any) -> None:
    """Send `thing` over."""
    packed = pickle.dumps(thing)
    writer.write(LENGTH.pack(len(packed)) + packed)
    await writer.drain()


async def receive(reader: asyncio.StreamReader) -> Any:
    """What comes next. Raises asyncio.IncompleteReadError when the other end is gone."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return pickle.loads(await reader.readexactly(length))


# ---------------------------------------------------------------- the channel


@dataclass
class Diary:
    """A channel that writes down what it delivers, so that it is still there when the process is not.

    A new message gets the number of its letter: every process would give it the same.
    """

    file: int
    name: str
    capabilities: Capabilities = field(default_factory=Capabilities)

    async def open(self) -> Sender:
        return Sender(1)

    async def listen(self, handle: Any) -> None:
        raise AssertionError("the updates come from the test")

    async def deliver(self, letter: Letter) -> Delivery:
        os.write(self.file, f"{self.name} {letter.id} {letter.chat_id}\n".encode())
        return Delivered(letter.edits or letter.id)

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        return

    async def close(self) -> None:
        return


# ---------------------------------------------------------------- the process


class Duty:
    """The house at work."""

    def __init__(self, books: Books, clock: SharedClock, diary: Diary) -> None:
        self._order = Order()
        self._arrivals = 0
        self.house = make_house(shop(), books, clock, 1, self._reached)
        self.intake = Intake(self.house, diary)
        self.clockwork = Clockwork(self.house, self.intake)

    def _reached(self, point: str) -> None:
        if point == self._order.die_at:
            self._arrivals += 1
            if self._arrivals == self._order.count:
                os.kill(os.getpid(), signal.SIGKILL)

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Open the house as the program does, and work until the test hangs up."""
        if not self.house.books.is_postgres:
            async with self.house.books.unit() as unit:
                await outbox.abandon(unit, self.house.clock.now())
        async with asyncio.TaskGroup() as group:
            group.create_task(self.intake.couriers.run())
            working = group.create_task(self.intake.run())
            await asyncio.sleep(0)
            self.intake.couriers.take(await collect(self.house, self.intake.note))
            while (order := await receive(reader)) is not None:
                self._order, self._arrivals = order, 0
                for number, task in enumerate(order.tasks):
                    await self._do(task)
                    await send(writer, number)
                await self._quiet()
                await send(writer, None)
            self.intake.stop()
            await working
            self.intake.couriers.stop()

    async def _do(self, task: Task) -> None:
        match task:
            case Look():
                await self.clockwork.look()
            case Reported():
                await self._report(task)
            case updates:
                await self.intake.put(updates)

    async def _report(self, told: Reported) -> None:
        house = self.house
        async with house.books.unit() as unit:
            ledger = Ledger(unit, house.clock.now())
            play = Play(house, ledger, Briefing(unit, house, ledger.now))
            ledger.know(await people.load(unit, ledger.now, user_ids=[told.user]))
            await complaints.load(unit, told.number)
            by = Occasion(person=ledger.by_user[told.user])
            for card in await ledger.about("complaint_desk", told.number):
                words = {"leg": told.leg, "report": dict(told.report)}
                await play.event(card, Told("reported", words), by)
            await consequences.calls_to_make(play)
            letters = await ledger.flush()
        self.intake.couriers.take(letters)

    async def _quiet(self) -> None:
        """Return when no letter is under way and what became of each is committed."""
        couriers = self.intake.couriers
        while True:
            await couriers.calm()
            await self.intake.put([])
            if not couriers.busy:
                await self.intake.put([])
                if not couriers.busy:
                    return


async def main() -> None:
    """Work for the test that listens at PORT."""
    clock = SharedClock(Path(os.environ["CLOCK"]))
    diary = os.open(os.environ["DIARY"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    books = Books(os.environ["DATABASE_URL"], synchronous="OFF")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["PORT"]))
    await send(writer, os.environ["NAME"])
    try:
        await Duty(books, clock, Diary(diary, os.environ["NAME"])).run(reader, writer)
    finally:
        await books.close()


if __name__ == "__main__":
    from tests.faults import duty  # orders are unpickled into that module, not into this one

    asyncio.run(duty.main())
