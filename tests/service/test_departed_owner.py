"""A colleague takes a case at the very moment at which they are signed off in another transaction."""

from __future__ import annotations

import asyncio

import pytest

from domain.complaints import Happening
from domain.people import Role
from storage import complaints, people
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import GROUP, hold_back, open_door
from tests.service.stages import ADVISOR, BOSS, PLATE, open_shop
from tests.service.test_colleagues_complaints import take_down, the_complaint
from tests.storage.rows import is_waited_for


@pytest.mark.parametrize("quicker", ["takes", "leaves"])
async def test_r3_nobody_who_has_left_owns_a_case(
    postgres_books: Books, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, quicker: str
) -> None:
    async with open_door(postgres_books, clock) as first, open_door(postgres_books, clock) as second:
        second._updates = iter(range(1000, 2000))
        await open_shop(first)
        advisor = (await first.person(ADVISOR)).id
        async with postgres_books.unit() as unit:
            await people.give_role(unit, advisor, Role.FRONT_DESK_SUPERVISOR, clock.now())
        await take_down(first, PLATE)
        await first.say(BOSS, "/dismiss 小敏")
        (question, sure), (card, accept) = first.face("leaves", BOSS.user_id), first.face("accept", GROUP)
        is_there, may_go_on = hold_back(monkeypatch)
        takes = second.tap(ADVISOR, accept.tap, card=card, chat=GROUP)
        leaves = first.tap(BOSS, sure.tap, card=question)
        one, other = (takes, leaves) if quicker == "takes" else (leaves, takes)
        doing = asyncio.create_task(one)
        await is_there.wait()
        waiting = asyncio.create_task(other)
        async with postgres_books.glance() as unit:
            await is_waited_for(unit, waiting)
        may_go_on.set()
        await asyncio.gather(doing, waiting)
        async with postgres_books.glance() as unit:
            assert await complaints.owned(unit, advisor) == []
        assert bool((await the_complaint(first)).of(Happening.ACCEPTED)) == (quicker == "takes")
        assert await first.dead() == []
