"""Nobody is there for three minutes, for a day and two hours; or the messaging service is not.

What came due meanwhile happens late and once, or is let go by the rules; what people wrote is answered, as far as the
service has kept it: a press for 150 s, everything else for a day.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.calendar import StoreCalendar
from service.ports import Delivered, TryLater
from storage.inbox import INBOX
from storage.outbox import OUTBOX
from storage.timers import TIMERS
from tests.faults.duty import shop
from tests.faults.house import a_seed
from tests.faults.reckoning import Reckoning
from tests.faults.tally import LONG, Tally
from tests.faults.town import open_town
from tests.faults.townsfolk import JOURNEYS, Body, books, everybody_lives, move_in

if TYPE_CHECKING:
    from datetime import datetime

    from service.ports import Delivery, Incoming, Letter
    from tests.clock import FakeClock
    from tests.faults.town import Town

A_SECOND, A_MINUTE, AN_HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HOUSEHOLDS = 60 if LONG else 15
PRESSES_KEPT, UPDATES_KEPT = timedelta(seconds=150), timedelta(hours=24)
AT_MOST_LATE = timedelta(seconds=15)
REMINDER = "appointment/reminder"


@pytest.fixture
def houses(database_url: str) -> int:
    """So many processes."""
    return 2 if "postgresql" in database_url else 1


class Kept:
    """What the service keeps while nobody fetches it."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._waiting: list[tuple[datetime, Incoming]] = []

    async def bring(self, *updates: Incoming) -> None:
        """Nobody takes it."""
        self._waiting += [(self._clock.now(), each) for each in updates]

    def left(self) -> list[Incoming]:
        """What is not too old by now."""
        now = self._clock.now()
        return [
            each for at, each in self._waiting if now - at <= (PRESSES_KEPT if each.tap else UPDATES_KEPT)
        ]


def heard(town: Town, user: int, since: int, words: str) -> bool:
    """Whether one of the tries after the first `since` told `user` that."""
    return any(words in each.letter.text for each in town.chats.tries[since:] if each.letter.chat_id == user)


async def reminders(town: Town) -> Counter[int]:
    """Who was reminded of an appointment how often."""
    letters = await town.rows(select(OUTBOX).where(OUTBOX.c.script == REMINDER, OUTBOX.c.state == "sent"))
    return Counter(row.chat_id for row in letters)


@pytest.mark.parametrize("away", [3 * A_MINUTE, 26 * AN_HOUR], ids=str)
async def test_without_the_bot(
    database_url: str, clock: FakeClock, houses: int, away: timedelta, tally: Tally
) -> None:
    """All processes die; people write and press meanwhile, appointments come near, complaints become late."""
    async with open_town(database_url, clock, random.Random(a_seed("OUTAGE_SEED")), houses) as town:
        bodies = await move_in(town, HOUSEHOLDS)
        await everybody_lives(town, bodies)
        guests = [body for body in bodies if JOURNEYS[body.user % 5] is books]
        for guest in guests:
            await guest.says("预约服务")
            await town.see(partial(town.chats.button, guest.user, "service"), "the card")
        await town.quiet()
        timers = await town.rows(select(TIMERS))
        kept, before = Kept(clock), clock.now()
        for door in town.doors:
            await door.die()
        gone, town.doors = len(town.doors), []
        for guest in guests:
            pressing = Body(town, guest.user, brings=kept.bring)
            await pressing.presses("service", "minor")
        clock.advance(away / 2)
        for guest in guests:
            await Body(town, guest.user, brings=kept.bring).says("电话")
        clock.advance(away / 2)
        left, back = kept.left(), clock.now()
        for _ in range(gone):
            await town.open()
        tried = len(town.chats.tries)
        if left:
            await town.bring(*left)
        await town.later(AT_MOST_LATE)
        due = [row for row in timers if before < row.due_at <= back]
        reminded = await reminders(town)
        late = max((each.at for each in town.chats.tries[tried:]), default=back) - back
        noted = {row.update_id for row in await town.rows(select(INBOX))}
        reckoning = Reckoning(StoreCalendar.of(shop()), shop().complaints, clock.now())
        async with town.books.glance() as unit:
            await reckoning.read(unit)
        answered = [guest.user for guest in guests if heard(town, guest.user, tried, "021-5555 0100")]
        buttons = [town.chats.button(guest.user, "service") for guest in guests]
        repeated = town.chats.repeated().total()
    lost = len([each for each in left if each.update_id not in noted])
    tally(f"{away} without the bot", cases=gone, deaths=gone, updates=len(left), lost=lost, repeated=repeated,
          timers=len(due), late=late.total_seconds())  # fmt: skip
    assert lost == 0
    assert repeated == 0
    assert answered == [guest.user for guest in guests]
    assert set(reminded.values()) <= {1}
    assert len(reminded) == len([row for row in due if row.name == "reminder_24h"])
    assert late <= AT_MOST_LATE
    assert all(buttons), "the card lies there with its buttons"
    reckoning.holds()


async def test_without_the_messaging_service(
    database_url: str, clock: FakeClock, houses: int, tally: Tally
) -> None:
    """Three minutes in which no letter gets out: all arrive within 15 s of its return, in order and once."""
    async with open_town(database_url, clock, random.Random(a_seed("OUTAGE_SEED")), houses) as town:
        bodies = await move_in(town, HOUSEHOLDS)
        await town.later(4 * A_SECOND)
        begins, over = clock.now(), clock.now() + 3 * A_MINUTE

        def unreachable(letter: Letter, now: datetime) -> Delivery | None:
            return TryLater("ClientConnectorError") if now < over else None

        town.chats.weather = unreachable
        for body in bodies:
            for text in ("电话", "地址", "电话"):
                await body.says(text)
        await town.later(over - begins)
        await town.later(AT_MOST_LATE)
        there = [each for each in town.chats.tries if isinstance(each.answer, Delivered)]
        rows = await town.rows(select(OUTBOX))
        open_now = [row.id for row in rows if row.state not in ("sent", "dropped")]
        order = {body.user: [each.letter.id for each in town.chats.brought(body.user)] for body in bodies}
        tries = len(town.chats.tries)
        repeated = town.chats.repeated().total()
        late = max(each.at for each in there) - over
    tally("3 minutes without the messaging service", cases=tries - len(there), updates=3 * len(bodies),
          lost=len(open_now), repeated=repeated, recovery=late.total_seconds())  # fmt: skip
    assert open_now == []
    assert repeated == 0
    assert {user: sorted(letters) for user, letters in order.items()} == order
    assert late <= AT_MOST_LATE
