"""Sending windows: rows that every process counts in, one round at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import sending_windows
from storage.sending_windows import THE_BOT, SendingWindow
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from storage.engine import Books


async def test_what_is_saved_is_read(postgres_books: Books) -> None:
    """To the millisecond; who has no row has no window."""
    window = SendingWindow(7, ((1_000.001, 2), (1_000.25, 1)), MONDAY_TEN)
    async with postgres_books.unit() as unit:
        await sending_windows.lock(unit)
        await sending_windows.save(unit, [SendingWindow(THE_BOT, ((1_000.25, 3),)), window])
    async with postgres_books.unit() as unit:
        await sending_windows.lock(unit)
        now, found = await sending_windows.read(unit, [7, -9])
        assert {each.scope: each for each in found} == {
            7: window,
            THE_BOT: SendingWindow(THE_BOT, ((1_000.25, 3),)),
        }
        assert now > 1_700_000_000, "seconds since 1970"
        assert (await sending_windows.take_all(unit))[1] == found
        await sending_windows.lock(unit)
        assert [each.turns for each in (await sending_windows.read(unit, [7]))[1]] == [()]


async def test_one_round_at_a_time(postgres_books: Books) -> None:
    """Twenty count one more, side by side, from an empty table on: none is lost."""

    async def count_one_more() -> None:
        async with postgres_books.unit() as unit:
            await sending_windows.lock(unit)
            _, found = await sending_windows.read(unit, [7])
            turns = {each.scope: each.turns for each in found}.get(7, ())
            await sending_windows.save(unit, [SendingWindow(7, (*turns, (1.0 + len(turns), 1)))])

    async with asyncio.timeout(20):
        await asyncio.gather(*(count_one_more() for _ in range(20)))
    async with postgres_books.unit() as unit:
        _, found = await sending_windows.read(unit, [7])
    assert [len(each.turns) for each in found if each.scope == 7] == [20]


async def test_idle_windows_are_swept(postgres_books: Books) -> None:
    """What was lately written to stays, what is closed stays, and so does the bot's own row."""
    async with postgres_books.unit() as unit:
        await sending_windows.lock(unit)
        now, _ = await sending_windows.read(unit, ())
        old, young = ((now - 200, 1), (now - 121, 1)), ((now - 200, 1), (now - 100, 1))
        closed = MONDAY_TEN + timedelta(seconds=1)
        await sending_windows.save(
            unit,
            [
                SendingWindow(THE_BOT, old),
                SendingWindow(1, old),
                SendingWindow(2, young),
                SendingWindow(3, old, closed),
                SendingWindow(4, (), MONDAY_TEN - timedelta(seconds=1)),
            ],
        )
        await sending_windows.sweep(unit, 120, MONDAY_TEN)
        _, left = await sending_windows.take_all(unit)
    assert {each.scope for each in left} == {THE_BOT, 2, 3}
