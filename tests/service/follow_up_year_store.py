"""The year on the real engine: desk, dialogs, scripts and books are the bot's own; clock, people, courier are ours.

Every tick the house handles what people did and what is due, in transactions as the clockwork and the intake make them.
The courier notes what it brings, when, to whom, and whether they had just done something.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

from dialogs.core import Pressed, Said
from domain.store import Tier
from service.collection import collect
from service.desk import Desk
from service.house import House
from service.letters import letter
from service.ports import Delivered, Face, Gone, Incoming, Sender, Tap
from service.receipts import Outcome, of_delivery
from storage import outbox
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.follow_up_year import TICK, Leaving, Manner, Owner, days_until_closed
from tests.service.follow_up_year_books import close_complaints, file_orders, open_books
from tests.service.follow_up_year_ledger import FOR_GOOD, YearLedger
from tests.service.follow_up_year_people import Hand, does
from tests.service.front_door import GROUP, demo_store, furnish
from tests.service.month import STORE_TIME

HOUSE_CARS = Tier(code="house_cars", name="公司自用车", own_cars=True)
LATEST = 20  # o'clock
MOST_LOOKS = 50  # transactions until nothing is due at a moment
AT_ONCE = 200  # updates that the intake takes together
SOONEST_TIMER = "SELECT min(due_at) FROM timers"
SOONEST_LETTER = "SELECT min(due_at) FROM outbox WHERE state IN ('pending', 'held', 'retry')"
TIMERS = "timers t JOIN conversations c ON c.id = t.conversation_id"
WAITING = f"SELECT 1 FROM {TIMERS} WHERE c.dialog = 'follow_up' LIMIT 1"
SOONEST = (
    f"SELECT t.name, t.due_at, c.dialog, c.step, c.subject, c.state FROM {TIMERS} ORDER BY t.due_at LIMIT 3"
)
NEWEST = (
    "SELECT number, questionnaire, subject, after, due_at, latest_at, rowid FROM follow_ups WHERE rowid > ?"
)


class Killed(Exception):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """The process is down from `since` on; everything waits until it is `back`."""

    since: datetime
    back: datetime


@dataclass(order=True, slots=True)
class Plan:
    """What somebody is going to do. `hand`: on the card that reached them then; `writes`: in words of their own."""

    at: datetime
    order: int
    owner: Owner = field(compare=False)
    leaving: Leaving | None = field(compare=False, default=None)
    hand: Hand | None = field(compare=False, default=None)
    contact: str = field(compare=False, default="")
    writes: str = field(compare=False, default="")
    closes: bool = field(compare=False, default=False)


@dataclass
class YearStore:
    """The store with everybody in it. `handled`, `events`, `killed` count what was done."""

    books: Books
    people: Sequence[Owner]
    days: Iterator[list[Leaving]]
    ledger: YearLedger
    standstills: Sequence[Standstill] = ()
    dies_after: int = (
        400  # transactions: then the process ends before it has sent anything, and is back at once
    )
    clock: FakeClock = field(default_factory=FakeClock)
    killed: int = 0
    handled: int = 0
    events: int = 0
    cars: int = 0
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._agenda: list[Plan] = []
        self._order, self._updates, self._messages = count(), count(1), count(1)
        self._receipts: list[Outcome] = []
        self._owners = {owner.user: owner for owner in self.people}
        self._hands: dict[int, Hand] = {}  # of those who act just now
        self._nth: dict[str, int] = {}  # messages of a contact that its owner took note of
        self._of_letter: dict[int, int] = {}  # letter → message, of the cards of this tick
        self._planned = 0
        self._down = list(self.standstills)
        self._kill_at = ""
        self._open_house()

    def _open_house(self) -> None:
        def reached(point: str) -> None:
            if point == self._kill_at:
                self._kill_at = ""
                raise Killed

        store = replace(demo_store(), tiers=(*demo_store().tiers, HOUSE_CARS))
        self.house: House = furnish(self.books, self.clock, [], reached=reached, store=store)
        self.desk = Desk(self.house)

    # ------------------------------------------------------------ time

    async def play(self, each_day: Any = lambda day: None) -> None:
        """From the first car's leaving until nothing is to come any more; `each_day` is called with every day."""
        first = next(self.days)
        self.clock.set(first[0].at.replace(hour=0, minute=0))
        self.advisor = await open_books(self.books, self.people, self.clock.now(), HOUSE_CARS.code)
        with closing(sqlite3.connect(str(self.books.url.database))) as self._look_up:
            day: list[Leaving] | None = first
            while day:
                await self._day_begins(day)
                following = next(self.days, None)
                last = following[0].at.replace(hour=0, minute=0) if following else None
                each_day(day[0].at.date())
                await self._until(last)
                day = following
            await self._handle(())

    async def _day_begins(self, leaving: Sequence[Leaving]) -> None:
        """The cars of the day stand ready, paid for: each on a card of its own."""
        self.clock.set(max(self.clock.now(), leaving[0].at.replace(hour=0, minute=0)))
        self._cards = await file_orders(self.books, leaving, self.clock.now(), self._messages, self.advisor)
        for each in leaving:
            self.cars += 1
            self._will(each.at, each.owner, leaving=each)
            if each.writes:
                self._will(each.writes[0], each.owner, writes=each.writes[1])
            if each.closed:
                self._will(each.closed, each.owner, closes=True)

    def _will(self, at: datetime, owner: Owner, **what: Any) -> None:
        heappush(self._agenda, Plan(self.awake(at), next(self._order), owner, **what))

    def awake(self, moment: datetime) -> datetime:
        """When what should happen at `moment` happens: at a tick, and not while the bot is down."""
        since = moment.astimezone(STORE_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
        ticked = since + TICK * -((since - moment) // TICK)
        return next((down.back for down in self.standstills if down.since <= ticked < down.back), ticked)

    def asks(self, due: datetime) -> datetime:
        """When whoever is due at `due` is asked: a look that comes too late in the evening leaves it to the morning."""
        at = self.awake(due).astimezone(STORE_TIME)
        return at if at.hour < LATEST else self.awake((at + timedelta(days=1)).replace(hour=9, minute=0))

    async def _until(self, last: datetime | None) -> None:
        """Tick by tick, wherever anything happens; after the last car until no contact waits for anything."""
        while moments := [*(each.at for each in self._agenda[:1]), *self._next_timer()]:
            if min(moments) >= last if last is not None else not (self._agenda or self._is_waiting()):
                return
            await self._tick(min(moments))

    def _next_timer(self) -> list[datetime]:
        return [self.awake(due) for due in self._earliest(SOONEST_TIMER, SOONEST_LETTER)]

    def _is_waiting(self) -> bool:
        return bool(self._look_up.execute(WAITING).fetchone())

    async def _tick(self, moment: datetime) -> None:
        """What people do at this moment, then whatever is due."""
        if self._down and self._down[0].since <= moment:
            await self._stand_still(self._down.pop(0))
        self.clock.set(max(moment, self.clock.now()))
        self._hands.clear()
        self._of_letter.clear()
        await self._act()
        for _ in range(MOST_LOOKS):
            if not self._is_due(SOONEST_TIMER):
                break
            await self._handle((), due=True)
        else:
            raise AssertionError(
                f"at {self.clock.now()} timers are due again and again: {self._timers_due()}"
            )
        if self._is_due(SOONEST_LETTER):
            await self._collect()
        self._hands.clear()

    async def _stand_still(self, down: Standstill) -> None:
        """The process dies in the middle of a transaction; a new one opens the house later."""
        await self._handle(())
        self.clock.set(max(down.since, self.clock.now()))
        self._kill_at = "before_commit"
        try:
            await self.desk.handle((), due_timers=True)
        except Killed:
            self.killed += 1
        self.clock.set(down.back)
        await self._come_back()

    async def _come_back(self, acting: frozenset[int] = frozenset()) -> None:
        """What was being sent when the process died is sent now: answers to those who were `acting` among it."""
        self._open_house()
        async with self.books.unit() as unit:
            await outbox.abandon(unit, self.clock.now())
        await self._collect(acting)

    async def _collect(self, acting: frozenset[int] = frozenset()) -> None:
        while rows := await collect(self.house, self._receipts.append):
            await self._deliver(rows, acting)
            await self._handle(())

    # ------------------------------------------------------------ what people do

    async def _act(self) -> None:
        doing: list[tuple[Plan, Iterator[Incoming]]] = []
        while self._agenda and self._agenda[0].at <= self.clock.now():
            plan = heappop(self._agenda)
            if plan.closes:
                await self._close(plan.owner)
            else:
                doing.append((plan, self._doing(plan)))
        while doing:
            batch, still, busy = [], [], set()
            for plan, updates in doing:
                if plan.owner.number in busy:
                    still.append((plan, updates))
                    continue
                busy.add(plan.owner.number)
                if update := next(updates, None):
                    batch.append(update)
                    still.append((plan, updates))
            doing = still
            for first in range(0, len(batch), AT_ONCE):
                await self._handle(batch[first : first + AT_ONCE])

    def _doing(self, plan: Plan) -> Iterator[Incoming]:
        """The updates of one deed, one after the other; each once the one before has been answered."""
        owner, now = plan.owner, self.clock.now()
        if plan.leaving:
            conversation, message = self._cards.pop(plan.leaving.number)
            self.ledger.left(replace(plan.leaving, at=now))
            yield self._press(self.advisor, GROUP, message, Face("", Tap(conversation, 1, "left")))
        elif plan.writes:
            self.ledger.note("deeds", now, owner.number, "", plan.writes)
            if owner.manner is Manner.COMPLAINS:
                self.ledger.note("spans", owner.number, "complaint", now, FOR_GOOD)
            elif owner.manner is Manner.STOPS:
                self.ledger.note("spans", owner.number, "opted_out", now, FOR_GOOD)
            yield self._update(Sender(owner.user, "客"), owner.user, Said(plan.writes))
        elif plan.hand:
            self._hands[owner.user] = hand = plan.hand
            sheet = self.house.questionnaires.get(self._sheet_of(plan.contact))
            self._nth[plan.contact] = nth = self._nth.get(plan.contact, 0) + 1
            for deed in does(owner, hand, sheet, nth):
                self._note_deed(plan, deed)
                if isinstance(deed, str):
                    yield self._update(Sender(owner.user, "客"), owner.user, Said(deed))
                else:
                    yield self._press(Sender(owner.user, "客"), owner.user, hand.message, deed)

    def _note_deed(self, plan: Plan, deed: Face | str) -> None:
        now, owner = self.clock.now(), plan.owner
        what = deed if isinstance(deed, str) else deed.tap.key
        self.ledger.note("deeds", now, owner.number, plan.contact, what)
        if what == "stop":
            self.ledger.note("spans", owner.number, "opted_out", now, FOR_GOOD)
        if plan.hand and plan.hand.was_bad:
            self.ledger.note("spans", owner.number, "complaint", now, FOR_GOOD)
            self._will(now + timedelta(days=days_until_closed(owner)), owner, closes=True)

    def _sheet_of(self, contact: str) -> str:
        found = self._look_up.execute("SELECT questionnaire FROM follow_ups WHERE number = ?", (contact,))
        return str(next(found)[0])

    async def _close(self, owner: Owner) -> None:
        """Their complaint is answered, days later."""
        await close_complaints(self.house, owner.user, self.clock.now())
        self.ledger.until(owner.number, "complaint", self.clock.now())

    def _update(self, who: Sender, chat: int, event: Any, **more: Any) -> Incoming:
        number = next(self._updates)
        press = f"P{number}" if isinstance(event, Pressed) else ""
        return Incoming(number, who, chat, event, in_group=chat < 0, press_id=press, **more)

    def _press(self, who: Sender, chat: int, message: int, face: Face) -> Incoming:
        return self._update(who, chat, Pressed(face.tap.key, face.tap.value), tap=face.tap, card=message)

    # ------------------------------------------------------------ one transaction

    async def _handle(self, batch: Sequence[Incoming], *, due: bool = False) -> None:
        """One transaction and its letters."""
        receipts, self._receipts = self._receipts, []
        done = await self.desk.handle(batch, receipts, due_timers=due)
        acting = frozenset(update.chat_id for update in batch)
        self.handled += 1
        self.events += len(batch)
        self._learn_plans()
        if self.dies_after and self.handled % self.dies_after == 0:
            self.killed += 1
            await self._come_back(acting)
        else:
            await self._deliver(done.letters, acting)
            if any(outcome.undeliverable for outcome in self._receipts):
                await self._handle(())

    def _timers_due(self) -> list[Any]:
        return self._look_up.execute(SOONEST).fetchall()

    def _is_due(self, *questions: str) -> bool:
        return any(due <= self.clock.now() for due in self._earliest(*questions))

    def _earliest(self, *questions: str) -> list[datetime]:
        found = [self._look_up.execute(each).fetchone()[0] for each in questions]
        return [datetime.fromisoformat(due).replace(tzinfo=UTC) for due in found if due]

    def _learn_plans(self) -> None:
        """What was planned just now, as it was planned."""
        for number, sheet, order, after, due, latest, row in self._look_up.execute(NEWEST, (self._planned,)):
            moments = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (due, latest))
            self.ledger.note("plans", number, sheet, order, after, self.clock.now(), *moments)
            self._planned = max(row, self._planned)

    async def _deliver(self, rows: Sequence[Mapping[str, Any]], acting: frozenset[int]) -> None:
        about = self._about({row["conversation_id"] for row in rows} - {None})
        for row in rows:
            edits = row["edits_message"] or self._message_of(row["edits_letter"])
            owner = self._owners.get(row["chat_id"])
            blocked = owner is not None and owner.manner is Manner.BLOCKS
            answer = Gone("chat", "blocked") if blocked else Delivered(edits or next(self._messages))
            self._receipts.append(of_delivery(row, answer, self.clock.now()))
            if owner is None or not isinstance(answer, Delivered):
                continue
            for number in filter(None, (row["edits_letter"], row["id"])):
                self._of_letter[number] = answer.message_id
            contact = about.get(row["conversation_id"], "")
            unasked = owner.user not in acting
            now = self.clock.now()
            self.ledger.note("letters", now, owner.number, contact, row["script"], unasked, edits is None)
            if contact:
                self._read(row, owner, contact, answer.message_id, fresh=unasked and edits is None)

    def _message_of(self, number: int | None) -> int | None:
        """The message that the letter `number` became."""
        if number is None or number in self._of_letter:
            return self._of_letter.get(number or 0)
        [(message,)] = self._look_up.execute("SELECT message_id FROM outbox WHERE id = ?", (number,))
        return int(message) if message else None

    def _read(self, row: Mapping[str, Any], owner: Owner, contact: str, message: int, *, fresh: bool) -> None:
        """They see it; what came by itself, and can be pressed, they react to a while later."""
        brought = letter(row)
        if owner.user in self._hands:
            self._hands[owner.user].message, self._hands[owner.user].letter = message, brought
        if fresh and brought.buttons:
            wait = TICK * (1 + owner.number % 8)
            self._will(self.clock.now() + wait, owner, hand=Hand(message, brought), contact=contact)

    def _about(self, conversations: set[int]) -> dict[int, str]:
        """The contacts that these conversations are about."""
        if not conversations:
            return {}
        marks = ", ".join("?" * len(conversations))
        found = f"SELECT id, subject FROM conversations WHERE dialog = 'follow_up' AND id IN ({marks})"
        return dict(self._look_up.execute(found, tuple(conversations)).fetchall())
