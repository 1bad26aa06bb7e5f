"""No update is handled twice, however often it arrives."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import inbox
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from storage.engine import Books


async def test_a_number_counts_once(books: Books) -> None:
    async with books.unit() as unit:
        assert await inbox.note(unit, 1, [7, 9, 7], MONDAY_TEN) == {7, 9}
        assert await inbox.note(unit, 1, [9, 10], MONDAY_TEN) == {10}
        assert await inbox.note(unit, 1, [], MONDAY_TEN) == set()
    async with books.unit() as unit:
        assert await inbox.note(unit, 1, [7, 9, 10, 11], MONDAY_TEN) == {11}


async def test_each_bot_counts_by_itself(books: Books) -> None:
    async with books.unit() as unit:
        assert await inbox.note(unit, 1, [7], MONDAY_TEN) == {7}
        assert await inbox.note(unit, 2, [7], MONDAY_TEN) == {7}


async def test_what_was_rolled_back_comes_again(books: Books) -> None:
    try:
        async with books.unit() as unit:
            await inbox.note(unit, 1, [7], MONDAY_TEN)
            raise ConnectionError
    except ConnectionError:
        pass
    async with books.unit() as unit:
        assert await inbox.note(unit, 1, [7], MONDAY_TEN) == {7}


async def test_two_processes_share_what_arrives_twice(books: Books) -> None:
    """The same updates in different order: each is new for exactly one of them, and nobody waits in a circle."""

    async def process(numbers: list[int]) -> set[int]:
        async with books.unit() as unit:
            return await inbox.note(unit, 1, numbers, MONDAY_TEN)

    there = list(range(200))
    found = await asyncio.gather(*(process(there if turn % 2 else there[::-1]) for turn in range(6)))
    assert sorted(number for one in found for number in one) == there


async def test_old_numbers_are_forgotten(books: Books) -> None:
    async with books.unit() as unit:
        await inbox.note(unit, 1, [7], MONDAY_TEN)
        await inbox.note(unit, 1, [8], MONDAY_TEN + timedelta(hours=1))
        assert await inbox.forget(unit, MONDAY_TEN + timedelta(minutes=30)) == 1
        assert await inbox.note(unit, 1, [7, 8], MONDAY_TEN) == {7}
