"""A house that dies at a named point, as by kill -9, and is opened again on the same books; in this very process.

Nothing of it does anything more once it has died: its tasks are cancelled where they wait, its connections are gone.
The real thing, a real process and a real kill, is in test_killed.py; here every arrival at every point has its turn.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime
from itertools import count
from typing import TYPE_CHECKING, Any

from service.collection import collect
from storage import outbox
from storage.engine import Books
from tests.faults.journeys import A_MINUTE, FIRST, MORE_MINUTES, end_of
from tests.service.front_door import FrontDoor, furnish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from service.ports import Incoming
    from tests.faults.broken import BrokenPost
    from tests.faults.journeys import Beginning, End, Journey


class Died(BaseException):
    """Nobody handles this."""


class Reaper:
    """Told every point of the message path; whoever arrives at `point` for the nth time dies. Sleeps until woken."""

    def __init__(self, point: str = "", nth: int = 0) -> None:
        self._fatal = (point, nth)
        self.arrivals: Counter[str] = Counter()
        self.came = asyncio.Event()
        self.is_awake = False
        self.has_struck = False

    def __call__(self, point: str) -> None:
        if not self.is_awake:
            return
        self.arrivals[point] += 1
        if self._fatal == (point, self.arrivals[point]):
            self.has_struck = True
            self.came.set()
            raise Died


class Mortal:
    """The house at `url`; when it dies there is another one."""

    door: FrontDoor

    def __init__(self, url: str, post: BrokenPost, reaper: Reaper) -> None:
        self._url = url
        self._post = post
        self._reaper = reaper
        self._updates: Iterator[int] = count(FIRST)
        self._work: list[asyncio.Future[Any]] = []

    async def open(self) -> None:
        """As `bot/opening.py` opens it: first what was left behind."""
        books = Books(self._url, synchronous="OFF")
        points: list[str] = []
        house = furnish(books, self._post.clock, points, reached=self._reaper)
        self.door = FrontDoor(house, self._post, self._post.clock, points)
        self.door._updates = self._updates
        if not books.is_postgres:
            async with books.unit() as unit:
                await outbox.abandon(unit, self._post.clock.now())
        intake = self.door.intake
        self._work = [asyncio.ensure_future(intake.couriers.run()), asyncio.ensure_future(intake.run())]
        await asyncio.sleep(0)
        intake.couriers.take(await collect(house, intake.note))

    async def close(self) -> None:
        """Nothing goes on; nobody says good-bye."""
        for each in self._work:
            each.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.door.house.books.close()

    async def survives(self, act: Callable[[FrontDoor], Awaitable[object]]) -> None:
        """Do `act`; who dies over it is opened again and does it once more."""
        while True:
            doing = asyncio.ensure_future(act(self.door))
            dying = asyncio.ensure_future(self._reaper.came.wait())
            await asyncio.wait({doing, dying}, return_when=asyncio.FIRST_COMPLETED)
            dying.cancel()
            if not self._reaper.came.is_set():
                await doing
                return
            doing.cancel()
            with suppress(asyncio.CancelledError, Died):
                await doing
            self._reaper.came.clear()
            await self.close()
            await self.open()


async def live(journey: Journey, url: str, start: Beginning, post: BrokenPost, reaper: Reaper) -> End:
    """Play `journey` to its end, over one death. An update that has been accepted is not brought again."""
    post.faces = dict(start.faces)
    post._numbers = count(FIRST)
    post.clock.set(start.at)
    mortal = Mortal(url, post, reaper)
    await mortal.open()
    try:
        for step in journey.steps:
            was_alive = not reaper.has_struck
            what = await step(mortal.door)
            reaper.is_awake = True
            await mortal.survives(lambda door, what=what: _accepted(door, what))  # type: ignore[misc]
            await mortal.survives(_looks)
            post.clock.advance(A_MINUTE)
            await mortal.survives(_looks)
            reaper.is_awake = False
            for _ in range(MORE_MINUTES):
                post.clock.advance(A_MINUTE)
                if was_alive and reaper.has_struck:
                    await _looks(mortal.door)
        return await end_of(mortal.door)
    finally:
        await mortal.close()


async def _accepted(door: FrontDoor, what: Incoming | datetime) -> None:
    if isinstance(what, datetime):
        door.clock.set(what)
    else:
        await door.intake.put([what])


async def _looks(door: FrontDoor) -> None:
    await door.quiet()
    while await door.look() or door.intake._unwritten:
        pass
