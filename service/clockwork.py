"""The clockwork: looks when a timer or a letter has come due. APScheduler only ticks; rows remember.

The ticks follow the loop's monotonic clock and the looks the wall clock, so neither a jump of the wall clock nor a
sleep of the machine loses or delays anything. What this process has set itself is looked for at its second; what
another process set and left behind is found by a look every few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import DBAPIError

from service.collection import collect
from service.house import House
from service.intake import Intake
from service.limits import IDLE
from service.neighbours import Neighbours
from service.self_check import NightWatch
from storage import dead_letters, inbox, outbox, sending_windows, timers

log = structlog.get_logger(__name__)

TICK = 1.0  # seconds
LOOK_ANYWAY = 5.0  # seconds after which the rows are looked at even if nothing is known to be due
REPLAYS_AT_ONCE = 50
A_STEP = timedelta(seconds=2)  # what a clock is set back by is more than it drifts between two looks
KEPT_IN_INBOX = timedelta(hours=48)  # the service keeps undelivered updates 24 h


class Clockwork:
    """Wakes the intake for due timers, collects due letters, keeps the couriers' lease, sweeps what is old."""

    def __init__(self, house: House, intake: Intake) -> None:
        self._house = house
        self._intake = intake
        self.night_watch = NightWatch(house, intake)
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._neighbours = Neighbours(house, intake.bell) if intake.bell else None
        self._looking = asyncio.Lock()
        self._seen: datetime | None = None
        self._ticked_at = 0.0
        self._looked_at = 0.0
        self._next_timer: datetime | None = None
        self._leased_at = 0.0
        self._swept_at: datetime | None = None

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.add_job(self.tick, "interval", seconds=TICK, id="tick", max_instances=1, coalesce=True,
                                misfire_grace_time=None)  # fmt: skip
        self._scheduler.start()
        self._guard()

    @property
    def ticked_at(self) -> float:
        """When it last ticked, by the loop's clock."""
        return self._ticked_at

    @property
    def is_looking(self) -> bool:
        """Whether a look is under way: what it has taken may be in nobody's hands yet."""
        return self._looking.locked()

    async def stop(self) -> None:
        """Tick no more; a look that is under way is finished first."""
        self._scheduler.remove_all_jobs()
        try:
            async with self._looking:
                pass
        finally:
            self._scheduler.shutdown(wait=False)

    def _guard(self) -> None:
        """APScheduler waits by the wall clock: set it back an hour and it would sleep an hour. Wake it then."""
        loop = asyncio.get_running_loop()
        if not self._scheduler.running:
            return
        if loop.time() - self._ticked_at > 3 * TICK and not self._looking.locked():
            self._scheduler.modify_job("tick", next_run_time=datetime.now(self._scheduler.timezone))  # noqa: TID251
        loop.call_later(TICK, self._guard)

    async def tick(self) -> None:
        """Look if something is due as far as is known, and every few seconds anyway."""
        self._ticked_at = asyncio.get_running_loop().time()
        await self._intake.couriers.turns.adapt()
        known = [due for due in (self._next_timer, self._intake.next_due) if due is not None]
        is_due = any(due <= self._house.clock.now() for due in known)
        is_due = is_due or (self._neighbours is not None and self._neighbours.have_changed)
        if is_due or self._ticked_at - self._looked_at >= LOOK_ANYWAY:
            await self.look()

    async def look(self) -> None:
        """One look at what is due; also asked for by the time machine, to be at once on time."""
        async with self._looking:
            self._looked_at = asyncio.get_running_loop().time()
            try:
                await self._look()
            except (DBAPIError, OSError) as error:
                # The rows wait; the next tick tries again.
                log.error("the database did not answer the clockwork", error=type(error).__name__)
                self._intake.couriers.lose_track()

    async def _look(self) -> None:
        house, now, couriers = self._house, self._house.clock.now(), self._intake.couriers
        if self._intake.next_due is not None and self._intake.next_due <= now:
            self._intake.next_due = None
        strangers, dead = False, set[str]()
        await self._set_back(now)
        async with house.books.glance() as unit:
            timer = self._next_timer = await timers.next_due(unit)
            letters = await outbox.anything_due(unit, now, house.courier, self._alive)
            ours = await outbox.carried_by(unit, house.courier) if couriers.is_in_doubt else None
            asked = await dead_letters.asked(unit, REPLAYS_AT_ONCE)
            if self._neighbours is not None:
                strangers, dead = await self._neighbours.vanished(unit)
            await self.night_watch.glance(unit)
        if timer is not None and timer <= now:
            self._intake.timers_due()
        if asked:
            self._intake.replay(asked)
        if self._neighbours is not None and dead:
            await self._neighbours.inherit(dead)
        if ours is not None:
            letters |= await self._give_back(couriers.missing(ours), now)
        await self._letters(now, due=letters or bool(dead))
        await couriers.turns.adapt(strangers=strangers)
        await self._keep_house(now)

    @property
    def _alive(self) -> Collection[str]:
        return self._intake.bell.others if self._intake.bell is not None else ()

    async def _set_back(self, now: datetime) -> None:
        """Notice that the clock was set back, perhaps while we were away: nothing waits for a time that was wrong."""
        if self._seen is None or now < self._seen - A_STEP:
            if self._seen is not None:
                log.warning("the clock was set back", was=self._seen)
                await self._intake.couriers.set_back(now)
            async with self._house.books.unit() as unit:
                put_off = await outbox.set_back(unit, now, self._seen)
            if put_off:
                await self._intake.couriers.set_back(now)
        self._seen = now

    async def _give_back(self, lost: Collection[int], now: datetime) -> bool:
        """The answer to a commit was lost, and with it these letters of ours: now somebody will bring them."""
        if self._intake.couriers.is_in_doubt:
            self._intake.look_at(now)
        if not lost:
            return False
        async with self._house.books.unit() as unit:
            return await outbox.give_back(unit, lost, self._house.courier, now) > 0

    async def _letters(self, now: datetime, *, due: bool) -> None:
        couriers = self._intake.couriers
        found = await collect(self._house, self._intake.note, self._alive) if due else ()
        couriers.open_chats(now)
        couriers.take(found)
        if due or (self._neighbours is not None and self._neighbours.are_missed):
            self._intake.look_at(now)  # there may be more than one look collects

    async def _keep_house(self, now: datetime) -> None:
        loop_time = asyncio.get_running_loop().time()
        if self._intake.couriers.busy and loop_time - self._leased_at > self._house.lease.total_seconds() / 3:
            self._leased_at = loop_time
            async with self._house.books.unit() as unit:
                await outbox.keep_lease(unit, self._house.courier, now + self._house.lease)
        if self._swept_at is None or now - self._swept_at > timedelta(hours=1):
            self._swept_at = now
            async with self._house.books.unit() as unit:
                await inbox.forget(unit, now - KEPT_IN_INBOX)
            if self._intake.bell is not None:
                async with self._intake.bell.unit() as unit:
                    await sending_windows.sweep(unit, IDLE, now)
