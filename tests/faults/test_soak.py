"""Everything at once, drawn at random: copies of updates, refusals, deaths, jumps of the clock, and everybody at work.

SOAK_SEED=… plays one again. In the long form so many plays as fit into SOAK_MINUTES (3).
"""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from domain.calendar import StoreCalendar
from service.ports import TryLater
from tests.clock import FakeClock
from tests.faults.duty import shop
from tests.faults.house import a_seed, deadlocks
from tests.faults.reckoning import Reckoning
from tests.faults.tally import LONG, Tally
from tests.faults.test_shuffled import Muddle
from tests.faults.town import Town, open_town
from tests.faults.townsfolk import JOURNEYS, books, effects, everybody_lives, joins, move_in
from tests.storage.conftest import _migrate

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from service.ports import Delivery, Letter
    from tests.postgres import Postgres

MINUTES = float(os.environ.get("SOAK_MINUTES", "3" if LONG else "0"))
HOUSEHOLDS = 40 if LONG else 10
STEPS = {1: (0.05, 0.4), 2: (2.0, 8.0)}
"""Seconds of real time between two misfortunes, by the number of processes: who joins others first waits two."""


class Misfortune:
    """What goes wrong, drawn from the town's own chances."""

    def __init__(self, town: Town, houses: int) -> None:
        self._town = town
        self._houses = houses
        self.events = 0
        self.bad_weather = True

    def weather(self, letter: Letter, now: datetime) -> Delivery | None:
        """One letter in ten is refused, for a while or for no time that is said."""
        if not self.bad_weather or self._town.rng.random() > 0.1:
            return None
        self.events += 1
        pause = timedelta(seconds=self._town.rng.randint(1, 5))
        return TryLater("Too Many Requests", self._town.rng.choice((pause, None)))

    async def strikes(self) -> None:
        """A process dies, or the clock jumps by some seconds, back too, until cancelled."""
        rng = self._town.rng
        while True:
            await asyncio.sleep(rng.uniform(*STEPS[self._houses]))
            self.events += 1
            if rng.random() < 0.5 and self._town.doors:
                await self._town.kill(rng.choice(self._town.doors))
            else:
                self._town.clock.advance(timedelta(seconds=rng.choice((-5, 5, 20))))


async def play(url: str, rng: random.Random, houses: int, tally: Tally) -> None:
    """All journeys in bad times, and the books afterwards."""
    clock = FakeClock()
    async with open_town(url, clock, rng, houses) as town:
        before = await deadlocks(town.books) if houses > 1 else 0
        bodies = await move_in(town, HOUSEHOLDS)
        muddle, bad = Muddle(town), Misfortune(town, houses)
        town.chats.weather = bad.weather
        async with asyncio.TaskGroup() as group:
            striking = group.create_task(bad.strikes())
            await everybody_lives(town, [replace(body, brings=muddle.bring) for body in bodies])
            striking.cancel()
            with suppress(asyncio.CancelledError):
                await striking
        bad.bad_weather = False
        while len(town.doors) < houses:  # one was struck while it was being replaced
            await town.open()
        await muddle.rest()
        await town.later(timedelta(minutes=1), timedelta(seconds=2))
        seen = await effects(town)
        reckoning = Reckoning(StoreCalendar.of(shop()), shop().complaints, clock.now())
        async with town.books.glance() as unit:
            await reckoning.read(unit)
        circles = await deadlocks(town.books) - before if houses > 1 else 0
        repeated = town.chats.repeated().total()
    lost = len(muddle.confirmed) - seen["updates"]
    booked = sum(JOURNEYS[body.user % 5] in (books, joins) for body in bodies)
    twice = seen["audit"]["appointment.booked"] - booked
    tally("everything at once", cases=bad.events, deaths=town.deaths, updates=muddle.brought, lost=lost, twice=twice,
          repeated=repeated)  # fmt: skip
    print(f"{bad.events} misfortunes, {town.deaths} deaths, {repeated} repeated")
    assert seen["dead letters"] == []
    assert seen["open letters"] == []
    assert (lost, twice, circles) == (0, 0, 0)
    assert repeated <= town.deaths * (HOUSEHOLDS + 1)
    reckoning.holds()


async def test_everything_at_once(
    postgres: Postgres,
    tmp_path: Path,
    tally: Tally,
    sqlite_url: str,
    postgres_url: str,
    postgres_template: str,
) -> None:
    """At least one play on each database."""
    seed = a_seed("SOAK_SEED")
    loop = asyncio.get_running_loop()
    until, plays = loop.time() + 60 * MINUTES, 0
    await play(sqlite_url, random.Random(seed), 1, tally)
    await play(postgres_url, random.Random(seed), 2, tally)
    while loop.time() < until:
        plays += 1
        file = f"sqlite+aiosqlite:///{tmp_path / f'{plays}.db'}"
        await _migrate(file)
        database = postgres.create(postgres_template)
        print(f"SOAK_SEED={seed + plays}")
        await play(file, random.Random(seed + plays), 1, tally)
        await play(postgres.url(database), random.Random(seed + plays), 2, tally)
        postgres.drop(database)
