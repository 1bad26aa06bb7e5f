"""Conversations: everything of them comes back, and two processes lock them in the same order."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, text

from storage import conversations
from storage.conversations import CONVERSATIONS, OPEN, OVER, RESTING, Conversation
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_conversation, a_person

if TYPE_CHECKING:
    from storage.engine import Books, Unit

LATER = MONDAY_TEN + timedelta(hours=1)


async def _ids(unit: Unit, people: list[int], numbers: list[int]) -> list[int]:
    return [one.id for one in await conversations.load(unit, people, numbers)]


async def test_a_new_conversation_comes_back_whole(books: Books) -> None:
    async with books.unit() as unit:
        person = await a_person(unit)
        number = await a_conversation(unit, person_id=person, state='{"plate": "沪A12345"}')
    async with books.unit() as unit:
        assert await conversations.load(unit, [person], []) == [
            Conversation(
                number, "booking", person, "choose_day", '{"plate": "沪A12345"}', 1, MONDAY_TEN, MONDAY_TEN
            )
        ]


async def test_what_changed_is_written_back(books: Books) -> None:
    async with books.unit() as unit:
        first, second, third = [await a_conversation(unit, subject=f"YY-{turn}") for turn in range(3)]
        one, two, _ = await conversations.load(unit, [], [first, second, third])
        one.status, one.step, one.state, one.version = RESTING, "confirm", '{"minutes": 90}', 2
        one.turn, one.misses, one.trail, one.asked_at = 7, 1, '[["choose_day", {}]]', LATER
        one.card_letter, one.card_message, one.interrupts = 31, 2**40, second
        two.turn = 1
        await conversations.save(unit, [one, two])
        await conversations.save(unit, [])
        found = await conversations.find(unit, [first, second, third])
        assert found[first] == one
        assert found[second] == two
        assert (found[third].turn, found[third].subject) == (0, "YY-2")
        assert await conversations.find(unit, []) == {}


async def test_which_are_loaded(books: Books) -> None:
    """All that are not over of the people, and those that are named whatever became of them."""
    async with books.unit() as unit:
        anna, ben = await a_person(unit, 1), await a_person(unit, 2)
        over = await a_conversation(unit, person_id=anna, status=OVER)
        rests = await a_conversation(unit, person_id=anna, status=RESTING)
        speaks = await a_conversation(unit, person_id=anna, status=OPEN)
        bens = await a_conversation(unit, person_id=ben)
        assert await _ids(unit, [anna], []) == [rests, speaks]
        assert await _ids(unit, [anna], [bens, over]) == [over, rests, speaks, bens]
        assert await _ids(unit, [], [bens]) == [bens]
        assert await _ids(unit, [], []) == []


async def test_about_a_form(books: Books) -> None:
    async with books.unit() as unit:
        wanted = [
            await a_conversation(unit, subject="YY261123-001", status=status) for status in (OPEN, RESTING)
        ]
        await a_conversation(unit, subject="YY261123-001", status=OVER)
        await a_conversation(unit, subject="YY261123-002")
        await a_conversation(unit, subject="YY261123-001", dialog="reminder")
        assert [one.id for one in await conversations.about(unit, "YY261123-001", "booking")] == wanted


async def test_locked_in_the_order_of_their_numbers(postgres_books: Books) -> None:
    """However they are asked for: whoever waits holds only lower numbers, so nobody waits in a circle."""
    async with postgres_books.unit() as unit:
        low, middle, high = [await a_conversation(unit) for _ in range(3)]

    async def waits() -> None:
        async with postgres_books.unit() as unit:
            await conversations.load(unit, [], [high, middle, low])

    async def free() -> set[int]:
        async with postgres_books.unit() as unit:
            found = select(CONVERSATIONS.c.id).with_for_update(skip_locked=True)
            return {row.id for row in await unit.rows(found)}

    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks, postgres_books.unit() as first:
        await conversations.load(first, [], [middle])
        tasks.create_task(waits())
        while low in await free():
            pass
        assert await free() == {high}


async def test_reading_waits_for_nobody(postgres_books: Books) -> None:
    async with postgres_books.unit() as unit:
        number = await a_conversation(unit)
    async with postgres_books.unit() as one, postgres_books.glance() as two:
        await conversations.load(one, [], [number])
        await two.run(text("SET LOCAL lock_timeout = '50ms'"))
        assert (await conversations.find(two, [number])).keys() == {number}
