"""The month on the real engine: desk, dialogs, scripts and books are the bot's own; clock, people, courier are ours.

What is due at one minute is handled together, as the clockwork does. The courier notes what it brings, when and where.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from typing import Any

from domain.people import Queue
from service.collection import collect
from service.desk import Desk
from service.house import House
from service.letters import letter
from service.ports import Delivered, Gone, Incoming, Letter, Sender
from service.receipts import Outcome, of_delivery
from storage import customers, outbox, people, places
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import GROUP, Post, furnish
from tests.service.month import STORE_TIME, Answer, Car, Deed, Reached
from tests.service.month_people import FORMS, STAFF, Doing, People, advisor_of
from tests.service.month_plan import Standstill, awake

WRITTEN_TIME = re.compile(r"(\d+)月(\d+)日 周. (\d\d):(\d\d)")
ONE_OF_A_KIND = {
    "order_sheet/form": "sheet",
    "order_sheet/promised": "new time",
    "order_sheet/delayed": "delay",
    "order_sheet/farewell": "farewell",
    "order_desk/no_reason": "no reason",
    "delay_question/card": "ask advisor",
    "pickup/notice": "notice",
    "silent_visit/card": "silence",
    "additional_work/question": "question",
    "additional_work/remind": "reminder",
    "additional_work/silent": "no answer",
}
REACTIONS: Mapping[str, tuple[str, Callable[[Car], Answer]]] = {
    "notice": ("answer", lambda car: car.answers),
    "question": ("decide", lambda car: car.decides),
    "ask workshop": ("workshop", lambda car: car.workshop),
    "ask advisor": ("advisor", lambda car: car.advisor),
}
"""What somebody does who reads this, and when."""

READ_OUT = {
    "请核对维修单": "sheet",
    "交车时间有变化": "new time",
    "非常抱歉": "delay",
    "谢谢合作": "notice",
    "祝一路平安": "farewell",
    "需要追加的维修": "question",
}
"""By which words of the text to read out it is told what was to be said."""

CALLS = ("shared/undeliverable", "shared/hand_over_staff")


class Killed(Exception):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that was brought: when, about which car, what, and the text."""

    at: datetime
    car: int
    what: str
    text: str
    chat: int

    @property
    def times(self) -> frozenset[datetime]:
        """Every day and time of day that is written in it."""
        return frozenset(
            datetime(self.at.year, int(month), int(day), int(hour), int(minute), tzinfo=STORE_TIME)
            for month, day, hour, minute in WRITTEN_TIME.findall(self.text)
        )


@dataclass
class MonthStore:
    """The store with everybody in it."""

    books: Books
    cars: Sequence[Car]
    standstills: Sequence[Standstill] = ()
    dies_after: int = (
        400  # commits: then the process ends before it has sent anything, and comes back at once
    )
    clock: FakeClock = field(default_factory=FakeClock)
    post: Post = field(default_factory=Post)
    seen: list[Seen] = field(default_factory=list)
    killed: int = 0
    handled: int = 0
    events: int = 0
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self._kill_at = ""
        self._agenda: list[tuple[datetime, int, Car, Deed, Any]] = []
        self._order = count()
        self._updates = count(1)
        self._receipts: list[Outcome] = []
        self._by_user = {car.user: car for car in self.cars}
        self._by_plate = {car.plate: car for car in self.cars}
        self._about: dict[int, tuple[str, int]] = {}  # conversation → dialog, car
        self._messages: dict[int, tuple[int, int]] = {}  # letter → chat, message
        self._asked: set[int] = set()
        self._down = list(self.standstills)
        self.people = People(self.clock)
        self._open_house()

    def _open_house(self) -> None:
        def reached(point: str) -> None:
            if point == self._kill_at:
                self._kill_at = ""
                raise Killed

        self.house = furnish(self.books, self.clock, [], reached=reached, questionnaires={})
        self.desk = Desk(self.house)

    # ------------------------------------------------------------ the books before the month

    async def furnish(self) -> None:
        """Staff, their group with its topics, and every customer's file with the car."""
        self.clock.set(min(car.deeds[0].at for car in self.cars))
        now = self.clock.now()
        chats = [car for car in self.cars if car.reached is not Reached.PHONE]
        everybody = [each for each, _ in STAFF] + [Sender(car.user, car.surname) for car in chats]
        async with self.books.unit() as unit:
            await people.meet(
                unit,
                [
                    {"user_id": each.user_id, "first_name": each.first_name, "username": "", "reachable": True,
                     "opted_out": False, "first_seen": now}
                    for each in everybody
                ],
            )  # fmt: skip
            users = [each.user_id for each in everybody]
            known = {one.user_id: one.id for one in await people.load(unit, now, user_ids=users)}
            for each, role in STAFF:
                await people.give_role(unit, known[each.user_id], role, now)
            await places.bind(unit, GROUP, True)
            for thread, queue in enumerate(Queue, start=11):
                await places.set_topic(unit, queue, GROUP, thread)
            for car in self.cars:
                person = known.get(car.user)
                names = {"name": f"{car.surname}明", "surname": car.surname, "salutation": car.salutation}
                number = await customers.open_file(
                    unit, person, now, phone=car.phone, consent_at=now, **names
                )
                await customers.keep_vehicle(unit, number, car.plate, "朗逸", now)

    # ------------------------------------------------------------ the month

    async def play(self) -> list[Seen]:
        """From the first car's coming to the last one's leaving; everything that was brought."""
        await self.furnish()
        for car in self.cars:
            for deed in car.deeds:
                self._plan(deed.at, car, deed)
        with closing(sqlite3.connect(str(self.books.url.database))) as self._look_up:
            while moments := [*(each[0] for each in self._agenda[:1]), *self._next_timer()]:
                await self._minute(min(moments))
            await self._handle(())
        return self.seen

    def _next_timer(self) -> list[datetime]:
        [(due,)] = self._look_up.execute("SELECT min(due_at) FROM timers")
        return [datetime.fromisoformat(due).replace(tzinfo=UTC)] if due else []

    def _plan(self, at: datetime, car: Car, deed: Deed, about: Any = None) -> None:
        heappush(self._agenda, (awake(at, self.standstills), next(self._order), car, deed, about))

    async def _minute(self, moment: datetime) -> None:
        """Whatever people do at this moment, then whatever falls due."""
        if self._down and self._down[0].since <= moment:
            await self._stand_still(self._down.pop(0), moment)
        self.clock.set(max(moment, self.clock.now()))
        deeds = []
        while self._agenda and self._agenda[0][0] <= self.clock.now():
            deeds.append(heappop(self._agenda))
        await self._rounds([(car, deed, about) for _, _, car, deed, about in deeds])
        await self._handle((), due=True)

    async def _stand_still(self, down: Standstill, moment: datetime) -> None:
        """The process dies in the middle of a transaction; a new one opens the house later."""
        await self._handle(())  # whatever had been brought was written down long before
        self.clock.set(moment if moment < down.back else down.since)
        self._kill_at = "before_commit"
        try:
            await self.desk.handle((), due_timers=True)
        except Killed:
            self.killed += 1
        self.clock.set(down.back)
        await self._come_back()

    async def _come_back(self) -> None:
        """What was being sent when the process died is sent now."""
        self._open_house()
        async with self.books.unit() as unit:
            await outbox.abandon(unit, self.clock.now())
        await self._deliver(await collect(self.house, self._receipts.append))

    async def _rounds(self, deeds: Sequence[tuple[Car, Deed, Any]]) -> None:
        """Deeds of different people are done side by side, those of one colleague or about one car in turn."""
        waiting = [(car, deed, self.people.do(car, deed, about)) for car, deed, about in deeds]
        while waiting:
            busy: set[Any] = set()
            batch: list[Incoming] = []
            still: list[tuple[Car, Deed, Doing]] = []
            for car, deed, doing in waiting:
                keys = {car.number} | ({advisor_of(car)} if deed.what in FORMS else set())
                if busy & keys:
                    busy |= keys
                    still.append((car, deed, doing))
                    continue
                busy |= keys
                update = next(doing, None)
                if update is not None:
                    batch.append(update)
                    still.append((car, deed, doing))
            waiting = still
            if batch:
                await self._handle(batch)

    # ------------------------------------------------------------ one transaction

    async def _handle(self, batch: Sequence[Incoming], *, due: bool = False) -> None:
        receipts, self._receipts = self._receipts, []
        done = await self.desk.handle(batch, receipts, due_timers=due)
        self.handled += 1
        self.events += len(batch)
        if self.dies_after and self.handled % self.dies_after == 0:
            self.killed += 1
            await self._come_back()
        else:
            await self._deliver(done.letters)
        if any(outcome.undeliverable for outcome in self._receipts):
            await self._handle(())

    async def _deliver(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self._learn({row["conversation_id"] for row in rows} - self._about.keys() - {None})
        for row in rows:
            edits = row["edits_message"]
            if row["edits_letter"] in self._messages:
                edits = self._messages[row["edits_letter"]][1]
            brought = letter(row, edits=edits)
            owner = self._by_user.get(row["chat_id"])
            blocked = owner is not None and owner.reached is Reached.BLOCKED
            answer = Gone("chat", "blocked") if blocked else await self.post.deliver(brought)
            self._receipts.append(of_delivery(row, answer, self.clock.now()))
            if not isinstance(answer, Delivered):
                continue
            for number in filter(None, (row["edits_letter"], row["id"])):
                self._messages[number] = row["chat_id"], answer.message_id
            self.people.shown(brought, answer.message_id, self._about.get(row["conversation_id"]))
            if edits is None:
                self._note(row, brought)
        self.post.letters.clear()

    def _note(self, row: Mapping[str, Any], brought: Letter) -> None:
        """What it was, and what its reader will do about it."""
        script, owner = row["script"], self._by_user.get(row["chat_id"])
        number = owner.number if owner else self._about.get(row["conversation_id"], ("", 0))[1]
        what, text = ONE_OF_A_KIND.get(script, ""), brought.text
        if script == "progress_check/card":
            what = "ask again" if row["conversation_id"] in self._asked else "ask workshop"
            self._asked.add(row["conversation_id"])
        elif script in CALLS:
            what, text = self._call(row["conversation_id"])
        if not what:
            return
        at = self.clock.now().astimezone(STORE_TIME)
        self.seen.append(Seen(at, number, what, text, row["chat_id"]))
        if what in REACTIONS:
            car, (reaction, answer) = self.cars[number - 1], REACTIONS[what]
            self._react(car, reaction, answer(car), row["conversation_id"])

    def _react(self, car: Car, what: str, answer: Answer, conversation: int) -> None:
        if answer.what:
            now = self.clock.now().astimezone(STORE_TIME)
            self._plan(now + answer.wait, car, Deed(now, what, answer.until), conversation)

    def _call(self, conversation: int) -> tuple[str, str]:
        """Why somebody has to be called, and the text to read out."""
        wanted = "SELECT state FROM conversations WHERE id = ?"
        [(state,)] = self._look_up.execute(wanted, (conversation,))
        call = json.loads(state)
        told = next((what for mark, what in READ_OUT.items() if mark in call["said"]), "")
        told = told or call["reason"].removeprefix("pickup_")
        return f"call: {told}", call["said"]

    def _learn(self, conversations: set[int]) -> None:
        """Which dialogs about which cars these conversations are."""
        wanted = (
            "SELECT c.id, c.dialog, o.plate FROM conversations c LEFT JOIN repair_orders o ON o.number = c.subject"
            f" WHERE c.id IN ({', '.join('?' * len(conversations))})"
        )
        for number, dialog, plate in self._look_up.execute(wanted, tuple(conversations)):
            self._about[number] = dialog, self._by_plate[plate].number if plate else 0
