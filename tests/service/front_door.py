"""The front door of a real house: real books, scripts, dialogs and couriers; only the clock and Telegram are ours.

`say`, `press`, `share` and `bring` do what people do and return when everything that follows from it has been
delivered and written down. Nothing here sleeps: every wait is for something that is certain to happen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from bot.opening import make_house
from bot.store_file import read_store, template
from dialogs.core import Event, Pressed, Said, SharedContact
from domain.store import SendingFigures, Store
from service.clockwork import Clockwork
from service.house import House
from service.intake import Intake
from service.ledger import Ledger
from service.ports import (
    Capabilities,
    Delivered,
    Delivery,
    Face,
    Handle,
    Incoming,
    Letter,
    Sender,
    Tap,
)
from service.receipts import Outcome
from storage.appointments import APPOINTMENTS
from storage.audit import AUDIT
from storage.bell import Bell
from storage.conversations import CONVERSATIONS
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from storage.outbox import OUTBOX
from storage.people import PEOPLE
from storage.timers import TIMERS
from tests.clock import FakeClock

WANG = Sender(7, "伟", "王")
LI = Sender(8, "娜", "李")
GROUP = -1009
LONG = 20  # seconds after which something that was certain to happen has not
UNHURRIED = SendingFigures(bot_per_second=100_000, chat_per_second=1_000, chat_burst=1_000_000,
                           group_per_minute=1_000_000)  # fmt: skip


@cache
def demo_store() -> Store:
    """The store that `init` writes, without any limit on sending (the limits have tests of their own)."""
    return replace(read_store(template(), "store.yaml"), sending=UNHURRIED)


@cache
def _furnished() -> House:
    """What is the same in every test, made once: the wordings are compiled and the holidays known."""
    nowhere = Books("sqlite+aiosqlite:///:memory:")
    return make_house(demo_store(), nowhere, FakeClock(), 1, lambda point: None)


@dataclass(frozen=True, slots=True)
class Heard:
    """The answer to a press."""

    press_id: str
    text: str
    alert: bool


class Post:
    """A channel that keeps everything. `answers` says how it takes the next letters to a chat (all are delivered)."""

    capabilities = Capabilities()

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.toasts: list[Heard] = []
        self.answers: dict[int, deque[Delivery]] = {}
        self.closed: dict[int, asyncio.Event] = {}
        self.arrived = asyncio.Event()
        self.faces: dict[tuple[int, int], Letter] = {}
        self._numbers = count(100)

    async def open(self) -> Sender:
        return Sender(1, "bot")

    async def listen(self, handle: Handle) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        return None

    async def deliver(self, letter: Letter) -> Delivery:
        self.letters.append(letter)
        self.arrived.set()
        if letter.chat_id in self.closed:
            await self.closed[letter.chat_id].wait()
        if self.answers.get(letter.chat_id):
            answer = self.answers[letter.chat_id].popleft()
        else:
            answer = Delivered(letter.edits or next(self._numbers))
        if isinstance(answer, Delivered) and not letter.new_topic:
            self.faces[letter.chat_id, answer.message_id] = letter
        return answer

    async def toast(self, press_id: str, text: str, alert: bool) -> None:
        self.toasts.append(Heard(press_id, text, alert))

    def will_answer(self, chat: int, *answers: Delivery) -> None:
        """The next letters to `chat` are answered so."""
        self.answers.setdefault(chat, deque()).extend(answers)

    def to(self, chat: int) -> list[Letter]:
        """Every letter that was brought to `chat`, in order."""
        return [letter for letter in self.letters if letter.chat_id == chat]


@dataclass
class FrontDoor:
    """A house that is open."""

    house: House
    post: Post
    clock: FakeClock
    points: list[str]
    bell: Bell | None = None
    intake: Intake = field(init=False)
    clockwork: Clockwork = field(init=False)
    noted: list[Outcome] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _updates: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.intake = Intake(self.house, self.post, self.bell)
        self.clockwork = Clockwork(self.house, self.intake)
        written_down = self.intake.couriers._note

        def note(outcome: Outcome) -> None:
            self.noted.append(outcome)
            written_down(outcome)
            self._news.set()

        self.intake.couriers._note = note

    # ------------------------------------------------------------ what people do

    def update(self, who: Sender | None, event: Event | None, **more: Any) -> Incoming:
        """An update as a channel brings it; in private unless `chat_id` says otherwise."""
        number = more.pop("update_id", None) or next(self._updates)
        chat = more.pop("chat_id", who.user_id if who else 0)
        if isinstance(event, Pressed):
            more.setdefault("press_id", f"P{number}")
        return Incoming(number, who, chat, event, in_group=chat < 0, **more)

    async def bring(self, *updates: Incoming) -> list[Letter]:
        """Hand `updates` over together; the letters that were brought because of them."""
        before = len(self.post.letters)
        async with asyncio.timeout(LONG):
            await self.intake.put(updates)
        await self.quiet()
        return self.post.letters[before:]

    async def event(self, who: Sender, event: Event, **more: Any) -> list[Letter]:
        """`who` does one thing."""
        return await self.bring(self.update(who, event, **more))

    async def say(self, who: Sender, text: str, **more: Any) -> list[Letter]:
        """`who` writes `text`."""
        return await self.event(who, Said(text), **more)

    async def share(self, who: Sender, phone: str, *, own: bool = True) -> list[Letter]:
        """`who` shares a number."""
        return await self.event(who, SharedContact(phone, own))

    async def press(self, who: Sender, label: str, *, chat: int | None = None) -> list[Letter]:
        """`who` presses the newest button whose label or key has `label` in it."""
        message, face = self.face(label, who.user_id if chat is None else chat)
        return await self.tap(who, face.tap, card=message, chat=chat)

    async def tap(
        self, who: Sender, tap: Tap | None, *, card: int = 0, chat: int | None = None
    ) -> list[Letter]:
        """`who` sends the data of a button, however they came by it."""
        pressed = Pressed(tap.key, tap.value) if tap else Pressed("")
        place = who.user_id if chat is None else chat
        return await self.event(who, pressed, tap=tap, card=card, chat_id=place)

    def face(self, label: str, chat: int) -> tuple[int, Face]:
        """The newest button of `chat` with `label` in its label or as its key, and its message."""
        shown = [(number, card) for (where, number), card in self.post.faces.items() if where == chat]
        for number, card in sorted(shown, key=lambda each: (each[0], each[1].id), reverse=True):
            for face in (face for row in card.buttons for face in row):
                if label in face.label or label == face.tap.key:
                    return number, face
        raise AssertionError(f"no button {label!r} in {[card.text for _, card in shown]}")

    # ------------------------------------------------------------ time

    async def quiet(self) -> None:
        """Return when no letter is under way and everything is written down."""
        async with asyncio.timeout(LONG):
            while True:
                while self.intake.couriers.busy:
                    self._news.clear()
                    await self._news.wait()
                before = len(self.noted)
                await self.intake.put([])  # the next transaction takes along what waits
                if not self.intake.couriers.busy and before == len(self.noted):
                    return

    async def look(self) -> list[Letter]:
        """One tick of the clockwork; the letters it led to."""
        before = len(self.post.letters)
        await self.clockwork.look()
        await self.intake.put(
            []
        )  # where timers fail in company, they are tried alone after what came with them
        await self.quiet()
        return self.post.letters[before:]

    async def pass_time(self, by: timedelta) -> list[Letter]:
        """Let `by` pass at once (backwards too), and look until nothing more is due."""
        self.clock.advance(by)
        letters = await self.look()
        while more := await self.look():
            letters += more
        return letters

    # ------------------------------------------------------------ what is in the books

    async def rows(self, statement: Any) -> list[Any]:
        async with self.house.books.glance() as unit:
            return await unit.rows(statement)

    async def outbox(self, script: str = "") -> list[Any]:
        found = select(OUTBOX).order_by(OUTBOX.c.id)
        return await self.rows(found.where(OUTBOX.c.script == script) if script else found)

    async def conversations(self, *dialogs: str) -> list[Any]:
        found = select(CONVERSATIONS).order_by(CONVERSATIONS.c.id)
        return await self.rows(found.where(CONVERSATIONS.c.dialog.in_(dialogs)) if dialogs else found)

    async def conversation(self, dialog: str) -> Any:
        """The newest conversation of `dialog`."""
        return (await self.conversations(dialog))[-1]

    async def timers(self) -> list[Any]:
        return await self.rows(select(TIMERS).order_by(TIMERS.c.due_at))

    async def audit(self) -> list[str]:
        return [row.action for row in await self.rows(select(AUDIT).order_by(AUDIT.c.id))]

    async def dead(self) -> list[Any]:
        return await self.rows(select(DEAD_LETTERS))

    async def appointments(self) -> list[Any]:
        return await self.rows(select(APPOINTMENTS).order_by(APPOINTMENTS.c.id))

    async def person(self, who: Sender) -> Any:
        return (await self.rows(select(PEOPLE).where(PEOPLE.c.user_id == who.user_id)))[0]


def texts(letters: Sequence[Letter]) -> str:
    """All words of `letters`, one after the other."""
    return "\n".join(letter.text for letter in letters)


def hold_back(monkeypatch: pytest.MonkeyPatch) -> tuple[asyncio.Event, asyncio.Event]:
    """The next transaction waits before it writes; what says that it is there, and what lets it go on."""
    flush, is_there, may_go_on = Ledger.flush, asyncio.Event(), asyncio.Event()

    async def held(ledger: Ledger) -> Any:
        if not is_there.is_set():
            is_there.set()
            await may_go_on.wait()
        return await flush(ledger)

    monkeypatch.setattr(Ledger, "flush", held)
    return is_there, may_go_on


def furnish(books: Books, clock: FakeClock, points: list[str], **changes: Any) -> House:
    """A house of its own courier on `books`; every named point of the message path is added to `points`."""
    own: dict[str, Any] = {"books": books, "clock": clock, "courier": uuid4().hex, "reached": points.append}
    return replace(_furnished(), **(own | changes))


@asynccontextmanager
async def open_door(
    books: Books, clock: FakeClock, post: Post | None = None, bell: Bell | None = None, **changes: Any
) -> AsyncIterator[FrontDoor]:
    """Open a house on `books`; `changes` replace parts of it, `post` its channel. `bell` hangs already."""
    points: list[str] = []
    door = FrontDoor(furnish(books, clock, points, **changes), post or Post(), clock, points, bell)
    async with asyncio.TaskGroup() as group:
        working = group.create_task(door.intake.run())
        group.create_task(door.intake.couriers.run())
        await asyncio.sleep(0)  # both have to be there before the first update
        try:
            yield door
        finally:
            for gate in door.post.closed.values():
                gate.set()
            door.intake.stop()
            async with asyncio.timeout(LONG):
                await asyncio.wait([working])
            door.intake.couriers.stop()
