"""Thousands want the last slots at the same instant: each slot is sold once, and nobody sees an error (B4).

"Must be shown" 2: 10,000 attempts on 500 slots over four processes on PostgreSQL, 2,000 on SQLite, where one process
is the rule. A loser is offered the nearest three alternatives.
"""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from structlog.testing import capture_logs

from storage.appointments import APPOINTMENTS
from storage.bays import BAY_DAYS
from storage.dead_letters import DEAD_LETTERS
from storage.engine import Books
from storage.inbox import INBOX
from storage.outbox import OUTBOX
from tests.faults.last_slots import Rush, rush

if TYPE_CHECKING:
    from storage.engine import Unit

PROCESSES = 4
PATIENCE = 240  # seconds of real time for one process
ROOT = Path(__file__).resolve().parents[2]
TROUBLE = ("shared/trouble", "shared/trouble_staff", "shared/expired", "shared/undeliverable")


async def test_ten_thousand_over_four_processes(postgres_url: str) -> None:
    crowd = Rush(attempts=10_000, slots=500)
    await seated(postgres_url, crowd)
    share = crowd.attempts // PROCESSES
    processes = [await one_process(postgres_url, crowd, share * part) for part in range(PROCESSES)]
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    told: Counter[str] = Counter()
    winners: set[int] = set()
    for output, _ in said:
        # A warning in the log would be a line of its own.
        (line,) = output.splitlines()
        seen = json.loads(line)
        told.update({kind: len(chats) for kind, chats in seen.items()})
        winners |= set(seen["won"])
    await sold_once(postgres_url, crowd, told, winners)


async def one_process(url: str, crowd: Rush, first: int) -> asyncio.subprocess.Process:
    """A process that serves a share of the crowd, as soon as it is told."""
    numbers = (crowd.attempts, crowd.slots, first, first + crowd.attempts // PROCESSES)
    command = ["-W", "error", str(ROOT / "tests/faults/last_slots.py"), url, *map(str, numbers)]
    return await asyncio.create_subprocess_exec(sys.executable, *command, stdin=PIPE, stdout=PIPE, cwd=ROOT)


async def test_two_thousand_in_one_process_on_sqlite(sqlite_url: str) -> None:
    crowd = Rush(attempts=2_000, slots=100)
    await seated(sqlite_url, crowd)
    with capture_logs() as logs:
        seen = await rush(sqlite_url, list(crowd.presses(0, crowd.attempts)))
    assert logs == []
    told = Counter({kind: len(chats) for kind, chats in seen.items()})
    await sold_once(sqlite_url, crowd, told, set(seen["won"]))


async def seated(url: str, crowd: Rush) -> None:
    """Everybody sits before the card."""
    books = Books(url, synchronous="OFF")
    await crowd.set_up(books)
    await books.close()


async def sold_once(url: str, crowd: Rush, told: Counter[str], winners: set[int]) -> None:
    """One winner per slot, with a form and a bay; everybody else has three offers; no trouble anywhere."""
    assert told == {"won": crowd.slots, "offered": crowd.attempts - crowd.slots, "other": 0}
    books = Books(url, synchronous="OFF")
    async with books.glance() as unit:
        forms = await unit.rows(select(APPOINTMENTS))
        assert sorted(form.starts_at for form in forms) == crowd.starts
        assert {form.customer_id for form in forms} == winners
        assert {form.state for form in forms} == {"held", "booked"}
        taken: Counter[tuple[str, str, int]] = Counter()
        for form in forms:
            for day, mask in json.loads(form.cells).items():
                taken.update((form.bay, day, cell) for cell in cells(mask))
        assert set(taken.values()) == {1}, "a cell was sold twice"
        days = await unit.rows(select(BAY_DAYS).where(BAY_DAYS.c.bay != "G2"))
        assert taken.keys() == {(row.bay, f"{row.day}", cell) for row in days for cell in cells(row.mask)}
        assert await count(unit, INBOX) == crowd.attempts
        assert await count(unit, DEAD_LETTERS) == 0
        assert await count(unit, OUTBOX, OUTBOX.c.script.in_(TROUBLE)) == 0
    await books.close()


def cells(mask: int) -> list[int]:
    """The cells of a mask."""
    return [cell for cell in range(mask.bit_length()) if mask >> cell & 1]


async def count(unit: Unit, table: object, *conditions: object) -> int:
    """How many rows there are."""
    row = await unit.one(select(func.count().label("rows")).select_from(table).where(*conditions))  # type: ignore[arg-type]
    assert row is not None
    return int(row.rows)
