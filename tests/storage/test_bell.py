"""The bell of each process on one PostgreSQL: who is there, what is rung, whose turn it is to poll."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage import bell as bells
from storage.bell import Bell
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from storage.engine import Books

LONG = 20  # seconds after which something that was certain to happen has not


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bells, "BEAT", 0.05)
    monkeypatch.setattr(bells, "LULL", 0.01)
    monkeypatch.setattr(bells, "GONE", 0.1)


@asynccontextmanager
async def hung(books: Books, name: str) -> AsyncIterator[Bell]:
    bell = Bell(books, name)
    async with bell.attended():
        yield bell


async def until(what: Callable[[], bool]) -> None:
    """Beats go by."""
    async with asyncio.timeout(LONG):
        while not what():
            await asyncio.wait([asyncio.get_running_loop().create_future()], timeout=0.01)


async def cut(books: Books, name: str) -> None:
    """The server ends the connection of that bell."""
    async with books.unit() as unit:
        end = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
        await unit.rows(end, {"name": f"{bells.NAME}{name}"})


async def test_bells_know_who_is_there(postgres_books: Books) -> None:
    """Who is alone knows it for certain; who comes is known, and who goes."""
    async with hung(postgres_books, "left") as left:
        await until(lambda: left.is_alone)
        async with hung(postgres_books, "right") as right:
            assert right.others == {"left"}
            await until(lambda: left.others == {"right"})
            await until(lambda: not left.is_alone)
        await until(lambda: left.is_alone)
    await until(lambda: not left.is_alone)  # who has no bell knows nothing


async def test_what_is_rung_is_heard_by_the_others_alone(postgres_books: Books) -> None:
    """The soonest of several moments; not by the ringer."""
    async with hung(postgres_books, "left") as left, hung(postgres_books, "right") as right:
        heard: list[tuple[str, datetime]] = []
        left.on_ring(lambda moment: heard.append(("left", moment)))
        right.on_ring(lambda moment: heard.append(("right", moment)))
        await until(lambda: bool(left.others))
        left.ring(MONDAY_TEN + timedelta(seconds=3))
        left.ring(MONDAY_TEN)
        await until(lambda: bool(heard))
        assert heard == [("right", MONDAY_TEN)]


async def poll(bell: Bell, began: asyncio.Queue[asyncio.Event]) -> None:
    """Stand by, then poll until the turn is lost; `began` is told when it is ours."""
    async with bell.turn_to_poll() as lost:
        began.put_nowait(lost)
        await lost.wait()


async def test_one_polls_and_the_next_takes_over(postgres_books: Books) -> None:
    """The turn goes with the connection; who has lost it hears so, and may stand by again."""
    left_began, right_began = asyncio.Queue[asyncio.Event](), asyncio.Queue[asyncio.Event]()
    async with (
        hung(postgres_books, "left") as left,
        hung(postgres_books, "right") as right,
        asyncio.timeout(LONG),
        asyncio.TaskGroup() as group,
    ):
        group.create_task(poll(left, left_began))
        lost = await left_began.get()
        standing_by = group.create_task(poll(right, right_began))
        await until(lambda: left.others == {"right"})
        assert right_began.empty()
        await cut(postgres_books, "left")
        assert not (await right_began.get()).is_set()
        await until(lost.is_set)  # the server gives the turn away a moment before it hangs up
        polling = group.create_task(poll(left, left_began))
        await until(lambda: left.others == {"right"})
        assert left_began.empty()
        standing_by.cancel()  # it is asked to stop, and lets go before its bell does
        assert not (await left_began.get()).is_set()
        polling.cancel()


async def test_a_lost_bell_is_hung_anew(postgres_books: Books) -> None:
    """While it is lost nothing is certain and no unit can be had; then all is as before."""
    async with hung(postgres_books, "left") as left, hung(postgres_books, "right"):
        await until(lambda: bool(left.others))
        await cut(postgres_books, "left")
        await until(lambda: not left.is_open)
        assert not left.is_alone
        with pytest.raises(ConnectionError):
            async with left.unit():
                pass
        await until(lambda: left.is_open and left.others == {"right"})
        async with left.unit() as unit:
            assert (await unit.rows(text("SELECT 1")))[0][0] == 1


async def test_nobody_is_alone_while_others_hang_their_bells_anew(
    postgres_books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has hung theirs first sees nobody, and yet the others live: alone is only who has been so for a while."""
    monkeypatch.setattr(bells, "GONE", LONG)
    async with hung(postgres_books, "left") as left:
        await until(lambda: left.is_alone)  # at the start there is nothing to wait for
        async with hung(postgres_books, "right"):
            await until(lambda: bool(left.others))
        await until(lambda: not left.others)
        assert not left.is_alone, "the other one may have lost its bell"
        monkeypatch.setattr(bells, "GONE", 0.1)
        await until(lambda: left.is_alone)
        monkeypatch.setattr(bells, "GONE", LONG)
        await cut(postgres_books, "left")
        await until(lambda: not left.is_open)
        await until(lambda: left.is_open)
        assert not left.is_alone, "whatever cut this bell may have cut others that are not there yet"


async def test_who_does_not_answer_is_lost(postgres_books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that hangs is as good as none."""
    async with hung(postgres_books, "left") as left:
        monkeypatch.setattr(bells, "PATIENCE", 0.05)
        with pytest.raises(TimeoutError):
            async with left.unit() as unit:
                await unit.rows(text("SELECT pg_sleep(5)"))
        monkeypatch.undo()
        assert not left.is_open
        await until(lambda: left.is_open)


async def test_who_stands_still_is_as_good_as_dead(
    postgres_books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that is stopped beats no more: another polls, and when it goes on it knows that it may not."""
    right_began = asyncio.Queue[asyncio.Event]()
    async with (
        hung(postgres_books, "left") as left,
        hung(postgres_books, "right") as right,
        asyncio.timeout(LONG),
        asyncio.TaskGroup() as group,
    ):
        await until(lambda: left.others == {"right"})
        polling = group.create_task(poll(right, right_began))
        lost = await right_began.get()
        monkeypatch.setattr(bells, "SILENT", 0.5)
        async with right._in_use:
            await until(lambda: left.is_alone)
            async with left.turn_to_poll():
                await until(lost.is_set)
        await until(lambda: left.others == {"right"})
        polling.cancel()
        monkeypatch.setattr(bells, "FRESH", 0.0)
        assert not right.is_alone, "who stood still knows nothing for certain"
