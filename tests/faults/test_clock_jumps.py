"""The wall clock jumps, back too, and the machine sleeps: what is planned happens once, by the store's clock.

The monotonic clock stands still meanwhile: nobody is woken by it.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from service.ports import Delivered, TryLater
from storage.outbox import OUTBOX
from storage.timers import TIMERS
from tests.faults.house import a_seed
from tests.faults.tally import LONG, Tally
from tests.faults.town import Town, open_town
from tests.faults.townsfolk import JOURNEYS, Body, books, effects, everybody_lives, joins, move_in

if TYPE_CHECKING:
    from service.ports import Delivery, Letter
    from tests.clock import FakeClock

A_SECOND, A_MINUTE, AN_HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
JUMPS = [2 * AN_HOUR, -2 * AN_HOUR, 24 * AN_HOUR, -24 * AN_HOUR]
AT_MOST_LATE = timedelta(seconds=15)
HOUSEHOLDS = 60 if LONG else 15
NUDGE = "shared/silence_nudge"


async def asked(town: Town) -> list[Body]:
    """Everybody whom we know stands in the middle of a form, and will be nudged in ten minutes."""
    bodies = [body for body in await move_in(town, HOUSEHOLDS) if JOURNEYS[body.user % 5] is not joins]
    for body in bodies:
        await body.says("预约服务")
    await town.quiet()
    return bodies


async def nudges(town: Town) -> Counter[int]:
    """Who was nudged how often."""
    letters = await town.rows(select(OUTBOX).where(OUTBOX.c.script == NUDGE, OUTBOX.c.state == "sent"))
    return Counter(row.chat_id for row in letters)


def late(town: Town, before: int, since: datetime) -> timedelta:
    """How long after `since` the last letter arrived, of all tries but the first `before`."""
    return max((each.at for each in town.chats.tries[before:]), default=since) - since


@pytest.fixture
def houses(database_url: str) -> int:
    """So many processes look at the same clock."""
    return 2 if "postgresql" in database_url else 1


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_the_clock_is_wrong_for_a_minute(
    database_url: str, clock: FakeClock, houses: int, jump: timedelta, tally: Tally
) -> None:
    """Five minutes before the nudges it is set wrong, and right again: nobody is nudged twice or before the time."""
    async with open_town(database_url, clock, random.Random(a_seed("CLOCK_SEED")), houses) as town:
        bodies = await asked(town)
        due = max(
            row.due_at for row in await town.rows(select(TIMERS).where(TIMERS.c.name == "silence_nudge"))
        )
        await town.later(5 * A_MINUTE, A_MINUTE)
        clock.advance(jump)
        await town.later(A_MINUTE, 5 * A_SECOND)
        early = await nudges(town)
        clock.advance(-jump)
        await town.later(due - clock.now() + A_SECOND, A_SECOND * 30)
        await town.later(A_MINUTE, 5 * A_SECOND)
        told = await nudges(town)
        times = [each.at for each in town.chats.tries if each.letter.chat_id == bodies[0].user]
        repeated = town.chats.repeated().total()
        dead = (await effects(town))["dead letters"]
    behind = max(times) - due if jump < timedelta(0) else timedelta(0)
    twice = sum(number - 1 for number in told.values())
    tally("clock jumps", timers=len(told), twice=twice, repeated=repeated, late=behind.total_seconds())
    assert set(early.values()) == ({1} if jump > timedelta(0) else set()), "by the clock they were due"
    assert told == {body.user: 1 for body in bodies}
    assert timedelta(0) <= behind <= AT_MOST_LATE
    assert repeated == 0
    assert dead == []


@pytest.mark.parametrize("jump", [*JUMPS, 6 * AN_HOUR], ids=str)
async def test_the_clock_stays_where_it_jumped(
    database_url: str, clock: FakeClock, houses: int, jump: timedelta, tally: Tally
) -> None:
    """Set right after it was wrong for long, or the machine slept: what was refused before arrives within 15 s."""
    refused: set[int] = set()

    def once(letter: Letter, now: datetime) -> Delivery | None:
        if letter.id in refused:
            return None
        refused.add(letter.id)
        return TryLater("Too Many Requests", timedelta(seconds=20))

    async with open_town(database_url, clock, random.Random(a_seed("CLOCK_SEED")), houses) as town:
        bodies = [body for body in await move_in(town, HOUSEHOLDS) if JOURNEYS[body.user % 5] is books]
        await town.later(4 * A_SECOND)
        town.chats.weather = once
        for body in bodies:
            await body.says("电话")
        await town.quiet()
        for body in bodies:
            await body.says("地址")
        await town.quiet()
        town.chats.weather = lambda letter, now: None
        clock.advance(jump)
        since, before = clock.now(), len(town.chats.tries)
        await town.later(30 * A_SECOND)
        arrived = Counter(
            each.letter.chat_id for each in town.chats.tries if isinstance(each.answer, Delivered)
        )
        behind = late(town, before, since)
        await everybody_lives(town, bodies)
        seen = await effects(town)
        repeated = town.chats.repeated().total()
    tally("clock jumps", updates=2 * len(bodies), lost=2 * len(bodies) - arrived.total(), repeated=repeated,
          recovery=behind.total_seconds())  # fmt: skip
    assert arrived == {body.user: 2 for body in bodies}
    assert timedelta(0) <= behind <= AT_MOST_LATE
    assert repeated == 0
    assert seen["open letters"] == []
    assert seen["dead letters"] == []
    assert seen["audit"]["appointment.booked"] == len(bodies)
