"""Somebody is named as a substitute at the very moment at which they leave, in another transaction (R3, R4)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dialogs.effects import Leave, Replace
from service.briefing import Briefing
from service.trade import Bench, EffectRefused, apply
from storage import absences
from storage.conversations import Conversation
from storage.engine import Books, Unit
from tests.clock import FakeClock
from tests.service.front_door import FrontDoor, open_door
from tests.service.stages import ADVISOR, BOSS, FOREMAN, open_shop
from tests.storage.rows import is_waited_for


def bench(door: FrontDoor, unit: Unit, actor: int) -> Bench:
    now = door.clock.now()
    held = Conversation(0, "absence", actor, "", "{}", 1, now, now)
    return Bench(unit, door.house.store, Briefing(unit, door.house, now), now, held, actor)


@pytest.mark.parametrize("quicker", ["named", "leaves"])
async def test_r4_nobody_who_has_left_stands_in(
    postgres_books: Books, clock: FakeClock, quicker: str
) -> None:
    async with open_door(postgres_books, clock) as door:
        await open_shop(door)
        boss, foreman, advisor = [(await door.person(who)).id for who in (BOSS, FOREMAN, ADVISOR)]
        named = Replace(foreman, advisor, clock.now(), clock.now() + timedelta(days=3))

        async def other() -> str:
            try:
                async with postgres_books.unit() as unit:
                    await apply(Leave(advisor) if quicker == "named" else named, bench(door, unit, boss))
            except EffectRefused as refused:
                return str(refused)
            return ""

        async with postgres_books.unit() as unit:
            await apply(named if quicker == "named" else Leave(advisor), bench(door, unit, boss))
            waiting = asyncio.create_task(other())
            await is_waited_for(unit, waiting)
        assert await waiting == ("" if quicker == "named" else "gone")
        async with postgres_books.glance() as unit:
            rows = await absences.during(unit, clock.now(), clock.now() + timedelta(days=3))
        assert [row.substitute_id for row in rows if row.substitute_id == advisor] == []
