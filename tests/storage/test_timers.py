"""Timers: one of each name per conversation, woken by one process, forgotten with their conversation."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from storage import conversations, people, timers
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_conversation, a_person, a_timer

if TYPE_CHECKING:
    from storage.engine import Books, Unit

MINUTE = timedelta(minutes=1)
LATER = MONDAY_TEN + timedelta(hours=1)


async def _all(unit: Unit) -> list[tuple[int, str]]:
    return [(row.conversation_id, row.name) for row in await timers.coming(unit, 50)]


def _named(rows: list[Any]) -> list[tuple[int, str]]:
    return [(row.conversation_id, row.name) for row in rows]


async def test_a_timer_of_the_same_name_is_moved(books: Books) -> None:
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(1, attempts=3), a_timer(1, "no_show"), a_timer(2)])
        first = (await timers.coming(unit, 50))[0]
        moved = a_timer(1, due_at=LATER, what="改期提醒", why="客户改期", set_at=MONDAY_TEN + MINUTE)
        await timers.set_many(unit, [moved])
        assert await _all(unit) == [(1, "no_show"), (2, "reminder"), (1, "reminder")]
        now = await timers.find(unit, first.id)
        assert now is not None
        assert now._mapping == moved | {"id": first.id}
        await timers.set_many(unit, [])


async def test_taken_back_by_name(books: Books) -> None:
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(1), a_timer(1, "no_show"), a_timer(2), a_timer(2, "no_show")])
        await timers.unset_many(unit, [(1, "reminder"), (2, "no_show"), (3, "reminder")])
        assert await _all(unit) == [(1, "no_show"), (2, "reminder")]
        await timers.unset_many(unit, [])


async def test_an_ended_conversation_keeps_none(books: Books) -> None:
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(1), a_timer(1, "no_show"), a_timer(2), a_timer(3)])
        await timers.end_conversations(unit, [1, 3])
        assert await _all(unit) == [(2, "reminder")]
        await timers.end_conversations(unit, [])


async def test_due_ones_soonest_first(books: Books) -> None:
    async with books.unit() as unit:
        one, two = await a_conversation(unit), await a_conversation(unit)
        await timers.set_many(
            unit,
            [
                a_timer(one),
                a_timer(two, due_at=MONDAY_TEN - MINUTE),
                a_timer(one, "late", due_at=MONDAY_TEN + MINUTE),
            ],
        )
        assert _named(await timers.claim_due(unit, MONDAY_TEN, 50)) == [(two, "reminder"), (one, "reminder")]
        assert _named(await timers.claim_due(unit, MONDAY_TEN, 1)) == [(two, "reminder")]
        assert await timers.claim_due(unit, MONDAY_TEN - 2 * MINUTE, 50) == []


async def test_a_timer_without_a_conversation_is_found_too(books: Books) -> None:
    """Nothing stays due for ever because its conversation is gone."""
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(404)])
        assert _named(await timers.claim_due(unit, MONDAY_TEN, 50)) == [(404, "reminder")]


async def test_one_alone(books: Books) -> None:
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(1), a_timer(2), a_timer(3, due_at=LATER)])
        ids = {row.conversation_id: row.id for row in await timers.coming(unit, 50)}
        assert _named(await timers.claim_due(unit, MONDAY_TEN, 50, ids[2])) == [(2, "reminder")]
        assert await timers.claim_due(unit, MONDAY_TEN, 50, ids[3]) == [], "it is not due yet"


async def test_dropped_or_put_off(books: Books) -> None:
    async with books.unit() as unit:
        await timers.set_many(unit, [a_timer(1), a_timer(2)])
        one, two = await timers.claim_due(unit, MONDAY_TEN, 50)
        await timers.drop(unit, [one.id])
        await timers.put_off(unit, two.id, LATER)
        assert await timers.find(unit, one.id) is None
        kept = await timers.find(unit, two.id)
        assert kept is not None
        assert (kept.due_at, kept.attempts) == (LATER, 1)
        assert await timers.claim_due(unit, MONDAY_TEN, 50) == []
        await timers.drop(unit, [])


async def test_when_the_next_is_due(books: Books) -> None:
    async with books.unit() as unit:
        assert await timers.next_due(unit) is None
        await timers.set_many(unit, [a_timer(1, due_at=LATER), a_timer(2, due_at=LATER - MINUTE)])
        assert await timers.next_due(unit) == LATER - MINUTE
        assert _named(await timers.coming(unit, 1)) == [(2, "reminder")]


async def test_woken_once_by_processes_side_by_side(books: Books) -> None:
    async with books.unit() as unit:
        person = await a_person(unit)
        homes = [await a_conversation(unit, person_id=person if turn % 2 else None) for turn in range(40)]
        await timers.set_many(unit, [a_timer(home) for home in homes])
    woken: list[int] = []

    async def process() -> None:
        while True:
            async with books.unit() as unit:
                due = await timers.claim_due(unit, MONDAY_TEN, 7)
                await timers.drop(unit, [row.id for row in due])
                left = await timers.next_due(unit)
            woken.extend(row.conversation_id for row in due)
            if left is None:
                return

    await asyncio.gather(*(process() for _ in range(5)))
    assert sorted(woken) == homes


async def test_another_process_skips_what_is_being_woken(postgres_books: Books) -> None:
    async with postgres_books.unit() as unit:
        home = await a_conversation(unit)
        await timers.set_many(unit, [a_timer(home), a_timer(404)])
    async with asyncio.timeout(20), postgres_books.unit() as one, postgres_books.unit() as two:
        assert len(await timers.claim_due(one, MONDAY_TEN, 50)) == 2
        assert await timers.claim_due(two, MONDAY_TEN, 50) == []


async def test_a_conversation_that_somebody_works_on_is_woken_later(postgres_books: Books) -> None:
    """The customer writes at the very moment of the reminder: no circle of two who wait for each other."""
    async with postgres_books.unit() as unit:
        person = await a_person(unit, 7)
        busy, free = await a_conversation(unit, person_id=person), await a_conversation(unit)
        case = await a_conversation(unit)
        await timers.set_many(unit, [a_timer(busy), a_timer(free), a_timer(case)])
    async with asyncio.timeout(20), postgres_books.unit() as message:
        await people.load(message, MONDAY_TEN, user_ids=[7])
        async with postgres_books.unit() as clockwork:
            assert _named(await timers.claim_due(clockwork, MONDAY_TEN, 50)) == [
                (free, "reminder"),
                (case, "reminder"),
            ]
        await conversations.load(message, [person], [case])
        async with postgres_books.unit() as clockwork:
            assert _named(await timers.claim_due(clockwork, MONDAY_TEN, 50)) == [(free, "reminder")]
            await timers.drop(clockwork, [])
        await timers.unset_many(message, [(busy, "reminder"), (case, "reminder")])
