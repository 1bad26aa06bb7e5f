"""429: one group is flooded while other chats go on; what waits arrives in order, and never before `retry_after`."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from service.ports import Delivered, TryLater
from storage.outbox import OUTBOX
from tests.faults.house import a_seed
from tests.faults.shop import GROUP
from tests.faults.tally import LONG, Tally
from tests.faults.town import Town, open_town
from tests.faults.townsfolk import Body, move_in

if TYPE_CHECKING:
    from datetime import datetime

    from service.ports import Delivery, Letter
    from tests.clock import FakeClock

A_SECOND = timedelta(seconds=1)
STORM = timedelta(seconds=600 if LONG else 30)
LONGEST = 30 if LONG else 6  # seconds of one `retry_after`
OTHERS = timedelta(seconds=2)  # so soon everybody has their answer who does not write to the flooded chat


class Flood:
    """A chat that takes no message before a moment that each refusal names anew; or names not (`told` False)."""

    def __init__(self, town: Town, chats: set[int], until: datetime, *, told: bool = True) -> None:
        self._town = town
        self._chats = chats
        self._until = until
        self._told = told
        self._closed: dict[int, datetime] = {}
        self.too_early: list[int] = []
        self.refusals: list[datetime] = []

    def __call__(self, letter: Letter, now: datetime) -> Delivery | None:
        if letter.chat_id not in self._chats:
            return None
        if now < self._closed.get(letter.chat_id, now):
            self.too_early.append(letter.id)
        if now >= self._until:
            return None
        self.refusals.append(now)
        pause = timedelta(seconds=self._town.rng.randint(1, LONGEST))
        if self._told:
            self._closed[letter.chat_id] = now + pause
        return TryLater("Too Many Requests", pause if self._told else None)


async def ages(town: Town, without: set[int], since: datetime) -> list[timedelta]:
    """How old each letter written `since` then was when it arrived, but for the chats `without`."""
    written = {row.id: row.created_at for row in await town.rows(select(OUTBOX))}
    return [
        each.at - written[each.letter.id]
        for each in town.chats.tries
        if isinstance(each.answer, Delivered)
        and each.letter.chat_id not in without
        and written[each.letter.id] >= since
    ]


def out_of_order(town: Town, chat: int) -> list[tuple[int, int]]:
    """New messages of `chat` that arrived before older ones."""
    new = [each.letter.id for each in town.chats.brought(chat) if each.letter.edits is None]
    return [pair for pair in pairwise(new) if pair[0] > pair[1]]


async def complaints_come(town: Town, bodies: list[Body], until: datetime) -> None:
    """Every second a few customers write: cards for the group, answers for themselves; a look at each second."""
    waiting = list(bodies)
    while town.clock.now() < until:
        for _ in range(town.rng.randint(0, 3)):
            body = town.rng.choice(waiting)
            await body.says(town.rng.choice(("人工", "我要投诉，喷漆有色差", "电话", "/start")))
        town.clock.advance(A_SECOND)
        await town.look()


async def everything_arrives(town: Town, tally: Tally, flood: Flood, name: str, flooded: set[int]) -> None:
    """All is brought in the end, in order and once; nothing too early."""
    await town.later(2 * LONGEST * A_SECOND)
    rows = await town.rows(select(OUTBOX))
    lost = [row.id for row in rows if row.state not in ("sent", "dropped")]
    repeated = town.chats.repeated().total()
    tally(name, cases=len(flood.refusals), updates=len(rows), lost=len(lost), repeated=repeated)
    assert len(flood.refusals) > 3, "there was no flood"
    assert flood.too_early == []
    assert lost == []
    assert repeated == 0
    assert [out_of_order(town, chat) for chat in flooded] == [[] for _ in flooded]


@pytest.mark.parametrize("told", [True, False], ids=["retry_after", "without"])
async def test_a_storm_in_one_group(database_url: str, clock: FakeClock, tally: Tally, told: bool) -> None:
    """Everybody else has their answer within two seconds of the clock, whatever waits for the group."""
    houses = 2 if "postgresql" in database_url else 1
    async with open_town(database_url, clock, random.Random(a_seed("FLOOD_SEED")), houses) as town:
        bodies = await move_in(town, 20)
        while {each.by for each in town.chats.tries} < {door.name for door in town.doors}:
            await complaints_come(town, bodies, clock.now() + A_SECOND)  # who joins others waits for a moment
        begins, until = clock.now(), clock.now() + STORM
        town.chats.weather = flood = Flood(town, {GROUP}, until, told=told)
        await complaints_come(town, bodies, until)
        late = max(await ages(town, {GROUP}, begins))
        await everything_arrives(town, tally, flood, "429 storm in one group", {GROUP})
    assert late <= OTHERS


async def test_every_chat_is_refused(database_url: str, clock: FakeClock, tally: Tally) -> None:
    """The bot as a whole has sent too much: each chat waits for what it was told, and everybody is answered."""
    houses = 2 if "postgresql" in database_url else 1
    async with open_town(database_url, clock, random.Random(a_seed("FLOOD_SEED")), houses) as town:
        bodies = await move_in(town, 20)
        until = clock.now() + STORM
        everybody = {GROUP, *(body.user for body in bodies)}
        town.chats.weather = flood = Flood(town, everybody, until)
        await complaints_come(town, bodies, until)
        await everything_arrives(town, tally, flood, "429 for the bot as a whole", everybody)


async def test_a_death_forgets_no_retry_after(database_url: str, clock: FakeClock, tally: Tally) -> None:
    """Who takes over from a process that died does not write to a chat that refused it."""
    houses = 2 if "postgresql" in database_url else 1
    async with open_town(database_url, clock, random.Random(a_seed("FLOOD_SEED")), houses) as town:
        bodies = await move_in(town, 20)
        until = clock.now() + STORM
        town.chats.weather = flood = Flood(town, {GROUP}, until)
        while clock.now() < until:
            await complaints_come(town, bodies, min(until, clock.now() + 10 * A_SECOND))
            await town.quiet()
            await town.kill(town.rng.choice(town.doors))
        await everything_arrives(town, tally, flood, "429 storm in one group", {GROUP})
