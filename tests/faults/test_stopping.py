"""Told to stop, the program is gone within ten seconds, whatever hangs; and what it let go comes after the next start.

This one figure is a promise of the product, so it is asserted; how long each took is printed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from contextlib import asynccontextmanager
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession
from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.engine import Books
from tests.faults.shop import WANG
from tests.faults.stage import open_stage
from tests.faults.tally import LONG

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.faults.program import Nursery, Program
    from tests.faults.stage import Stage
    from tests.faults.tally import Tally
    from tests.postgres import Postgres

PROMISED = 10.0  # seconds
ASKED, ANSWERED = "电话", "021-5555 0100"
WAYS = ["polling", "webhook"] if LONG else ["webhook"]  # how updates arrive
CHANNELS = ["aiogram", "ptb"] if LONG else ["aiogram"]
A_LEASE = 1  # minutes: longer than a stopped courier's letters stay its own


async def told_to_stop(
    program: Program, name: str, how: signal.Signals = signal.SIGTERM, *, cut_off: bool = False
) -> None:
    """It ends well and in time, and in order, unless it may have to be `cut_off` because a thread hangs."""
    (number,) = await program._until(1)
    began = monotonic()
    os.kill(number, how)
    code = await program.exit()
    took = monotonic() - began
    print(f"stopped while {name}: {took:.1f} s")
    assert code == 0, program.log.read_text(encoding="utf-8")
    assert took <= PROMISED
    assert cut_off or "leaving as it stands" not in program.log.read_text(encoding="utf-8")


async def answered_after_the_next_start(stage: Stage, tally: Tally) -> None:
    """What was let go is said then, once."""
    await stage.pass_time(A_LEASE)
    began = monotonic()
    program = await stage.start()
    await stage.read(WANG, ANSWERED)
    recovered = monotonic() - began
    await stage.settled()
    await program.stop()
    said = sum(ANSWERED in words for words in stage.said(WANG))
    tally(
        "told to stop while something hangs",
        updates=1,
        lost=int(not said),
        repeated=said - 1,
        recovery=recovered,
    )
    assert said == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT] if LONG else [signal.SIGTERM])
async def test_while_nothing_happens(
    nursery: Nursery, sqlite_url: str, tmp_path: Path, how: signal.Signals
) -> None:
    """A long poll is open, which the service would answer after 25 seconds."""
    async with open_stage(nursery, sqlite_url, tmp_path) as stage:
        await told_to_stop(await stage.start(), "a long poll is open", how)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("way", WAYS)
async def test_while_the_service_does_not_answer(
    nursery: Nursery,
    database_url: str,
    tmp_path: Path,
    way: str,
    channel: str,
    unused_tcp_port: int,
    tally: Tally,
) -> None:
    port = unused_tcp_port if way == "webhook" else 0
    async with open_stage(nursery, database_url, tmp_path, port, channel) as stage:
        program = await stage.start()
        stage.sandbox.faults.hang("sendMessage")
        await stage.say(WANG, ASKED)
        await stage.see(lambda: stage.sandbox.calls_of("sendMessage"), "a letter under way")
        await told_to_stop(program, f"a letter hangs, by {way} and {channel}")
        await answered_after_the_next_start(stage, tally)


@pytest.mark.parametrize("way", WAYS)
async def test_while_the_database_is_locked(
    nursery: Nursery, database_url: str, tmp_path: Path, way: str, unused_tcp_port: int, tally: Tally
) -> None:
    """By somebody who will not let go of it; the message is not confirmed, so it comes again."""
    port = unused_tcp_port if way == "webhook" else 0
    async with open_stage(nursery, database_url, tmp_path, port) as stage:
        program = await stage.start()
        async with locked(database_url):
            await stage.say(WANG, ASKED)
            await asyncio.sleep(0.3)  # until it has the message in hand
            await told_to_stop(program, f"the database is locked, by {way}", cut_off=True)
        await answered_after_the_next_start(stage, tally)


async def test_while_the_database_says_nothing(
    nursery: Nursery, postgres: Postgres, postgres_url: str, tmp_path: Path, tally: Tally
) -> None:
    async with open_stage(nursery, postgres_url, tmp_path) as stage:
        program = await stage.start()
        with postgres.frozen():
            await stage.say(WANG, ASKED)
            await asyncio.sleep(0.3)  # until it has the message in hand
            await told_to_stop(program, "the database says nothing", cut_off=True)
        await answered_after_the_next_start(stage, tally)


async def test_its_status_says_so(
    nursery: Nursery, sqlite_url: str, tmp_path: Path, unused_tcp_port: int
) -> None:
    """Starting, serving, stopping: what a service manager hears of the real program."""
    place = f"127.0.0.1:{unused_tcp_port}"

    async def ask(page: str) -> tuple[int, str]:
        async with session.get(f"http://{place}/{page}") as answer:
            return answer.status, (await answer.text()).strip()

    async with open_stage(nursery, sqlite_url, tmp_path) as stage, ClientSession() as session:
        stage.sandbox.faults.hang("getMe")
        program = await stage.start(awaited=False, STATUS_LISTEN=place)
        await stage.see(lambda: stage.sandbox.calls_of("getMe"), "the program at the door")
        assert await ask("readyz") == (503, "starting")
        assert await ask("healthz") == (200, "ok")
        await told_to_stop(program, "its start hangs, and it is watched")
        program = await stage.start(STATUS_LISTEN=place)
        await stage.say(WANG, ASKED)
        await stage.read(WANG, ANSWERED)
        assert await ask("readyz") == (200, "ok")
        assert 'desk_updates_total{kind="said"} 1.0' in (await ask("metrics"))[1]
        stage.sandbox.faults.hang("sendMessage")
        await stage.say(WANG, ASKED)
        await stage.see(lambda: len(stage.sandbox.calls_of("sendMessage")) == 2, "a letter under way")
        os.kill((await program._until(1))[0], signal.SIGTERM)
        while (await ask("readyz"))[0] == 200:
            pass
        assert await ask("readyz") == (503, "stopping")
        assert await program.exit() == 0


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Nobody else can write to these books."""
    if url.startswith("sqlite"):
        file = make_url(url).database
        assert file is not None
        other = sqlite3.connect(file, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            yield
        finally:
            other.close()
        return
    books = Books(url)
    try:
        async with books.unit() as unit:
            await unit.run(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
            yield
    finally:
        await books.close()
