"""A timer that could not be handled is moved by somebody's message at the moment at which it is put off."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from service.burial import MOST_TRIES, put_off
from storage import timers
from storage.engine import Books
from tests.clock import FakeClock
from tests.service.front_door import open_door
from tests.storage.rows import a_conversation, a_timer, is_waited_for


@pytest.mark.parametrize("attempts", [0, MOST_TRIES - 1])
async def test_a_timer_that_was_moved_meanwhile_rings_at_its_new_time(
    postgres_books: Books, clock: FakeClock, attempts: int
) -> None:
    later = clock.now() + timedelta(days=7)
    async with open_door(postgres_books, clock) as door:
        async with postgres_books.unit() as unit:
            number = await a_conversation(unit)
            await timers.set_many(unit, [a_timer(number, attempts=attempts)])
        (kept,) = await door.timers()
        async with postgres_books.unit() as unit:
            await timers.set_many(unit, [a_timer(number, due_at=later)])
            putting_off = asyncio.create_task(put_off(door.house, kept.id, ValueError("a bug")))
            await is_waited_for(unit, putting_off)
        await putting_off
        assert [row.due_at for row in await door.timers()] == [later]
        assert await door.dead() == []
