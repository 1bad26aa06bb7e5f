"""The rush for the last slots: who is there, how they all come at once, and what is counted afterwards (B4).

`python tests/faults/last_slots.py URL FIRST LAST` is one of several processes: it says that it is ready, waits for a
line, lets its customers press at the same instant and prints what it saw as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bot.opening import make_house
from dialogs.appointment_form import Form
from dialogs.booking import BOOKING
from dialogs.core import Pressed
from domain.calendar import StoreCalendar
from domain.grid import Grid
from service.intake import Intake
from service.ports import Capabilities, Delivered, Delivery, Incoming, Sender, Tap
from storage import states
from storage.bays import BAY_DAYS
from storage.conversations import CONVERSATIONS
from storage.customers import CUSTOMERS, VEHICLES
from storage.engine import Books
from storage.people import PEOPLE
from tests.clock import MONDAY_TEN, FakeClock
from tests.faults.shop import store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.ports import Letter

SERVICE = "quick"  # half an hour: one cell of the grid
SLOT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Rush:
    """`attempts` customers want `slots` last slots: the only bay of the shop that has any time left on those days.

    Customers 0 … attempts - 1 have user ids, people, files and conversations 1 … attempts. Half of them press a time
    in the list, the others press 确认 on a card whose hold ran out.
    """

    attempts: int
    slots: int
    now: datetime = MONDAY_TEN

    @cached_property
    def starts(self) -> list[datetime]:
        """The last slots: all times of every second day, so that there is something near to offer."""
        schedule = Grid(store(), StoreCalendar.of(store()))
        today = self.now.astimezone(store().zone).date()
        found: list[datetime] = []
        for ahead in range(1, store().booking.horizon_days, 2):
            day = today + timedelta(days=ahead)
            found += [schedule.start(day, position) for position in schedule.starts(day, 30)]
        assert len(found) >= self.slots, "the shop is not open long enough for so many slots"
        return found[: self.slots]

    def presses(self, first: int, last: int) -> Iterator[Incoming]:
        """What customers `first` to `last` (left out) do."""
        for number in range(first, last):
            tap = Tap(number + 1, 1, *self._button(number))
            sender = Sender(number + 1, "客户")
            yield Incoming(
                number + 1, sender, number + 1, Pressed(tap.key, tap.value), tap=tap, press_id=f"p{number}",
                card=1,
            )  # fmt: skip

    def wanted(self, number: int) -> datetime:
        """The slot that customer `number` wants: everybody's rivals are spread over all processes."""
        return self.starts[number % self.slots]

    def _button(self, number: int) -> tuple[str, str]:
        if (number // self.slots + number) % 2:
            return "confirm", ""
        return "slot", f"{self.wanted(number):{SLOT}}"

    # ------------------------------------------------------------ before

    async def set_up(self, books: Books) -> None:
        """Everybody sits before the card."""
        now = self.now
        numbers = range(1, self.attempts + 1)
        async with books.unit() as unit:
            who = {"username": "", "reachable": True, "opted_out": False, "first_seen": now}
            await unit.run_many(
                insert(PEOPLE), ({"id": one, "user_id": one, "first_name": "客户"} | who for one in numbers)
            )
            file = {"name": "王伟", "surname": "王", "salutation": "先生", "phone": "13800138000", "tier": ""}
            await unit.run_many(
                insert(CUSTOMERS),
                (
                    {"id": one, "person_id": one, "consent_at": now, "opened_at": now} | file
                    for one in numbers
                ),
            )
            cars = (
                {"plate": plate(one), "model": "", "customer_id": one, "opened_at": now} for one in numbers
            )
            await unit.run_many(insert(VEHICLES), cars)
            await unit.run_many(insert(CONVERSATIONS), map(self._conversation, range(self.attempts)))
            # The other bay is taken all day: what is left is the last slot of its time.
            days = sorted({start.date() for start in self.starts})
            await unit.run_many(
                insert(BAY_DAYS), ({"bay": "G2", "day": day, "mask": 2**48 - 1} for day in days)
            )
            if unit.is_postgres:  # its counters know nothing of numbers that were given by hand
                for table in (PEOPLE, CUSTOMERS, CONVERSATIONS):
                    counter = func.pg_get_serial_sequence(table.name, "id")
                    await unit.rows(select(func.setval(counter, self.attempts)))

    def _conversation(self, number: int) -> dict[str, Any]:
        start = self.wanted(number)
        form = Form(
            consented=True, name="王伟", surname="王", salutation="先生", phone="13800138000", model_asked=True,
            plate=plate(number + 1), service=SERVICE, day=start.date(),
        )  # fmt: skip
        confirms = self._button(number)[0] == "confirm"
        if confirms:
            form = replace(form, start=start, number=f"YY261123-{number + 1:03d}")
        return {
            "id": number + 1,
            "dialog": BOOKING.name,
            "version": BOOKING.version,
            "person_id": number + 1,
            "step": "confirm" if confirms else "choose_time",
            "state": states.write(form),
            "turn": 1,
            "card_message": 1,
            "asked_at": self.now,
            "opened_at": self.now,
        }


def plate(number: int) -> str:
    """Everybody has a car."""
    return f"粤B{number:05d}"


@dataclass
class Listener:
    """A channel that keeps what it is given: what was said to whom, and with which buttons."""

    capabilities: Capabilities = field(default_factory=Capabilities)
    letters: list[Letter] = field(default_factory=list)

    async def open(self) -> Sender:
        return Sender(1)

    async def listen(self, handle: Any) -> None:
        raise AssertionError("the presses come from the test")

    async def deliver(self, letter: Letter) -> Delivery:
        self.letters.append(letter)
        return Delivered(len(self.letters) + 1)

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        assert not text, f"{press_id} is told: {text}"

    async def close(self) -> None:
        return


async def rush(url: str, presses: list[Incoming], ready: Any = None) -> dict[str, list[int]]:
    """Let all of them press at the same instant; who was offered which number of alternatives, and who got what."""
    books = Books(url, synchronous="OFF")
    shop = store()
    house = make_house(shop, books, FakeClock(), 1, lambda point: None)
    listener = Listener()
    intake = Intake(house, listener)
    try:
        async with asyncio.TaskGroup() as house_rules:
            house_rules.create_task(intake.couriers.run())
            working = house_rules.create_task(intake.run())
            if ready is not None:
                await ready()
            async with asyncio.TaskGroup() as crowd:
                for press in presses:
                    crowd.create_task(intake.put([press]))
            intake.stop()
            await working
            intake.couriers.stop()
    finally:
        await books.close()
    return _told(listener.letters)


def _told(letters: list[Letter]) -> dict[str, list[int]]:
    told: dict[str, list[int]] = {"won": [], "offered": [], "other": []}
    for letter in letters:
        keys = Counter(face.tap.key for row in letter.buttons for face in row)
        if keys["offer"] == 3:
            told["offered"].append(letter.chat_id)
        elif "预约成功" in letter.text or "请核对预约单" in letter.text:
            told["won"].append(letter.chat_id)
        else:
            told["other"].append(letter.chat_id)
    return told


async def _one_of_several(url: str, rush_of: Rush, first: int, last: int) -> None:
    async def ready() -> None:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

    presses = list(rush_of.presses(first, last))
    print(json.dumps(await rush(url, presses, ready)), flush=True)


if __name__ == "__main__":
    attempts, slots, first, last = map(int, sys.argv[2:])
    asyncio.run(_one_of_several(sys.argv[1], Rush(attempts, slots), first, last))
