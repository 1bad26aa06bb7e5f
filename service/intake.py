"""The intake: what arrives together is handled together; what cannot be handled spoils nothing else.

One loop per process takes everything that waits (updates, receipts, due timers) and gives it to the desk as one
transaction. If that fails, each event is tried alone; one that fails alone is kept as a dead letter, its person is
told kindly, staff are alerted, and the next message works.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError

from service.burial import bury, keep_again, put_off
from service.couriers import Couriers
from service.desk import Desk, Handled
from service.house import House
from service.ports import Channel, Incoming
from service.receipts import Outcome
from storage import timers
from storage.bell import Bell

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 200
RECEIPT_LINGER = 0.1  # seconds a receipt waits for the next event before it gets a transaction of its own
TRIES_ON_DATABASE_TROUBLE = 3
RECEIPTS_AGAIN_AFTER = 1.0  # seconds until receipts that could not be written are tried once more
SOON = timedelta(seconds=7)  # what is due later the other processes find in time by looking every 5 seconds
FAULTS = ("22", "23", "42")  # SQLSTATE classes: a value or statement that no retry makes right


@dataclass(slots=True)
class Parcel:
    """Updates that came together, and the future that waits for their commit."""

    updates: Sequence[Incoming]
    committed: asyncio.Future[None]


@dataclass(slots=True)
class Waiting:
    """What waits for the next transaction."""

    parcels: list[Parcel] = field(default_factory=list)
    receipts: list[Outcome] = field(default_factory=list)
    timers: bool = False
    offers: bool = False
    dead_letters: list[int] = field(default_factory=list)
    receipts_are_ripe: bool = False


class Intake:
    """Feeds the desk and passes on what it leaves to be done."""

    def __init__(self, house: House, channel: Channel, bell: Bell | None = None) -> None:
        """`bell`: how the processes on one PostgreSQL wake each other."""
        self._house = house
        self._channel = channel
        self._desk = Desk(house)
        self._waiting = Waiting()
        self._unwritten: list[Outcome] = []
        self._wake = asyncio.Event()
        self.next_due: datetime | None = None
        self.busy_since: float | None = None  # loop time at which it last began with something
        self._stopping = False
        self._over = False
        self._answers: asyncio.TaskGroup | None = None
        self.couriers = Couriers(house, channel, self.note, self.settled, bell)
        self.bell = bell
        if bell is not None:
            bell.on_ring(self.look_at)

    async def put(self, updates: Sequence[Incoming]) -> None:
        """Handle `updates`; returns when they are committed or kept as dead letters. Raises if neither was possible."""
        self._house.reached("received")
        self._house.measures.received(updates)
        committed = asyncio.get_running_loop().create_future()
        self._waiting.parcels.append(Parcel(updates, committed))
        self._wake.set()
        await committed

    def note(self, outcome: Outcome) -> None:
        """A courier says what became of a letter; it is written with the next transaction."""
        if not self._waiting.receipts:
            asyncio.get_running_loop().call_later(RECEIPT_LINGER, self._ripen, self._waiting)
        self._waiting.receipts.append(outcome)
        self._comes_due(outcome.receipt.due_at)

    def _ripen(self, waiting: Waiting) -> None:
        waiting.receipts_are_ripe = True
        if waiting is self._waiting:  # else they rode with an event already, and younger ones may linger
            self._wake.set()

    def _comes_due(self, moment: datetime | None) -> None:
        """Something is due at `moment`: here it is looked for then, and so it is wherever the bell is heard."""
        if moment is None:
            return
        self.look_at(moment)
        if self.bell is not None and moment - self._house.clock.now() < SOON:
            self.bell.ring(moment)

    def look_at(self, moment: datetime) -> None:
        """Something is due at `moment`; the clockwork asks for the soonest (`next_due`)."""
        self.next_due = min(moment, self.next_due or moment)

    def timers_due(self) -> None:
        """Timers have come due."""
        self._waiting.timers = True
        self._wake.set()

    def offer_again(self) -> None:
        """The bot has just started: undecided cards are shown anew."""
        self._waiting.offers = True
        self._wake.set()

    def replay(self, dead_letters: Sequence[int]) -> None:
        """Somebody wants these dead letters handled once more."""
        waiting = self._waiting.dead_letters
        waiting += [number for number in dead_letters if number not in waiting]
        self._wake.set()

    async def settled(self) -> None:
        """Wait until everything that waits now has been committed; not at all once `run` has returned."""
        if self._over:
            return
        done = asyncio.get_running_loop().create_future()
        self._waiting.parcels.append(Parcel((), done))
        self._wake.set()
        await done

    async def run(self) -> None:
        """Work until `stop` has been called and nothing waits."""
        async with asyncio.TaskGroup() as answers:
            self._answers = answers
            while not (self._stopping and not self._has_work() and not self._unwritten):
                await self._wake.wait()
                self._wake.clear()
                while self._has_work():
                    await self._work()
                self.busy_since = None
            self._over = True

    def stop(self) -> None:
        """Finish what waits, then return from `run`."""
        self._stopping = True
        self._wake.set()

    def _has_work(self) -> bool:
        waiting = self._waiting
        ripe = waiting.receipts and (waiting.receipts_are_ripe or self._stopping)
        again = waiting.dead_letters and not self._stopping
        return bool(waiting.parcels or ripe or waiting.timers or waiting.offers or again)

    def _write_again(self) -> None:
        self._waiting.receipts[:0], self._unwritten = self._unwritten, []
        self._ripen(self._waiting)

    async def _work(self) -> None:
        self.busy_since = asyncio.get_running_loop().time()
        taken, self._waiting = self._waiting, Waiting()
        taken.parcels, self._waiting.parcels = _up_to(taken.parcels, MOST_AT_ONCE)
        if taken.dead_letters:  # one at a time: whoever writes meanwhile does not wait for all of them
            self._waiting.dead_letters = taken.dead_letters[1:]
            await self._again(taken.dead_letters[0])
        batch = [update for parcel in taken.parcels for update in parcel.updates]
        try:
            handled = await self._desk.handle(
                batch, taken.receipts, due_timers=taken.timers, offer_again=taken.offers
            )
        except Exception as error:
            log.warning("batch failed, trying one by one", events=len(batch), error=error)
            self._house.measures.redone()
            await self._one_by_one(taken)
            self.couriers.lose_track()
            return
        if taken.receipts:
            self._house.reached("settled")
        self.couriers.written(taken.receipts)
        self._pass_on(handled)
        if handled.more_due:
            self.timers_due()  # behind whoever has written meanwhile
        for parcel in taken.parcels:
            _answer(parcel.committed, None)

    def _pass_on(self, handled: Handled) -> None:
        """After the commit: presses are answered and letters leave in the same breath."""
        assert self._answers is not None
        for slip in handled.toasts:
            self._answers.create_task(self._channel.toast(slip.press_id, slip.text, slip.alert))
        self.couriers.take(handled.letters)
        self._comes_due(handled.next_due)

    async def _one_by_one(self, taken: Waiting) -> None:
        if taken.receipts:
            await self._receipts_alone(taken.receipts)
        if taken.offers:
            await self._offers_alone()
        for parcel in taken.parcels:
            try:
                for update in parcel.updates:
                    await self._alone(update)
            except Exception as error:
                _answer(parcel.committed, error)
            else:
                _answer(parcel.committed, None)
        if taken.timers:
            try:
                await self._timers_alone()
            except Exception as error:
                log.error("timers could not be read, the next tick tries again", error=error)

    async def _alone(self, update: Incoming) -> None:
        """Handle one update by itself; a database that is in trouble is no fault of the update."""
        for attempt in range(1, TRIES_ON_DATABASE_TROUBLE + 1):
            self.busy_since = asyncio.get_running_loop().time()
            try:
                self._pass_on(await self._desk.handle([update]))
                return
            except Exception as error:
                if not _is_trouble_of_the_database(error):
                    self._pass_on(await bury(self._house, update, error))
                    return
                if attempt == TRIES_ON_DATABASE_TROUBLE:
                    raise

    async def _again(self, dead_letter: int) -> None:
        try:
            self._pass_on(await self._desk.handle(dead_letter=dead_letter))
        except Exception as error:
            self.couriers.lose_track()
            try:
                if _is_trouble_of_the_database(error):
                    raise
                await keep_again(self._house, dead_letter, error)
            except (DBAPIError, OSError) as trouble:
                log.error(
                    "a dead letter has to wait for the database",
                    number=dead_letter,
                    error=type(trouble).__name__,
                )

    async def _receipts_alone(self, receipts: list[Outcome]) -> None:
        try:
            handled = await self._desk.handle(receipts=receipts)
            self.couriers.written(receipts)
            self._pass_on(handled)
        except Exception as error:
            log.error("receipts could not be written, trying again", error=error)
            if not self._unwritten:
                asyncio.get_running_loop().call_later(RECEIPTS_AGAIN_AFTER, self._write_again)
            self._unwritten += receipts

    async def _offers_alone(self) -> None:
        try:
            self._pass_on(await self._desk.handle(offer_again=True))
        except Exception as error:
            # They lie where they lay; a press on them works as before.
            log.error("undecided cards could not be shown anew", error=error)

    async def _timers_alone(self) -> None:
        async with self._house.books.glance() as unit:
            due = [
                row.id
                for row in await timers.coming(unit, MOST_AT_ONCE)
                if row.due_at <= self._house.clock.now()
            ]
        for timer in due:
            try:
                self._pass_on(await self._desk.handle(only_timer=timer))
            except Exception as error:
                if _is_trouble_of_the_database(error):
                    log.error("the database did not let a timer fire, the next tick tries again", timer=timer)
                    continue
                self._pass_on(await put_off(self._house, timer, error))


def _is_trouble_of_the_database(error: Exception) -> bool:
    """Whether another time all may be well: it cannot be reached (OSError), or it refuses what it would else take.

    A value that it cannot hold fails whatever the state of the database.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    named = type(error).__name__ in ("DataError", "IntegrityError", "ProgrammingError")
    # asyncpg refuses some values before they reach the server: then the cause is a ValueError.
    refused = isinstance(getattr(error.orig, "__cause__", None), ValueError)
    return not (named or state[:2] in FAULTS or refused)


def _up_to(parcels: list[Parcel], most: int) -> tuple[list[Parcel], list[Parcel]]:
    count = 0
    for index, parcel in enumerate(parcels):
        count += len(parcel.updates)
        if count >= most:
            return parcels[: index + 1], parcels[index + 1 :]
    return parcels, []


def _answer(future: asyncio.Future[None], error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
