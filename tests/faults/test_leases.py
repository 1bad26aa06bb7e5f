"""A process prolongs the lease of its letters while it writes down what became of them, and never waits in a circle."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select

from storage import outbox
from storage.engine import Books
from storage.outbox import OUTBOX, LetterState, Receipt
from tests.clock import MONDAY_TEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LATER = MONDAY_TEN + timedelta(seconds=30)
LETTERS = range(1, 4)


@pytest.fixture
async def books(postgres_url: str) -> AsyncIterator[Books]:
    """Three letters under way with one courier; where one writer is the rule (SQLite) nobody can wait in a circle."""
    opened = Books(postgres_url)
    row: dict[str, Any] = {
        "kind": "staff", "script": "complaint_desk/card", "payload": "{}", "state": LetterState.SENDING.value,
        "due_at": MONDAY_TEN, "created_at": MONDAY_TEN, "courier": "me", "lease_until": MONDAY_TEN,
    }  # fmt: skip
    async with opened.unit() as unit:
        await unit.run_many(insert(OUTBOX), ({"id": number} | row for number in LETTERS))
    yield opened
    await opened.close()


async def test_a_lease_does_not_wait_for_receipts(books: Books) -> None:
    """Receipts come in the order of delivery: the second letter's first, then the first letter's."""
    async with asyncio.timeout(10), books.unit() as writing:
        await outbox.settle(writing, [Receipt(2, LetterState.SENT, MONDAY_TEN, message_id=2)])
        async with books.unit() as lease:
            await outbox.keep_lease(lease, "me", LATER)
        await outbox.settle(writing, [Receipt(1, LetterState.SENT, MONDAY_TEN, message_id=1)])
    async with books.glance() as unit:
        rows = await unit.rows(select(OUTBOX).order_by(OUTBOX.c.id))
    assert [(row.state, row.lease_until) for row in rows] == [
        ("sent", None),
        ("sent", None),
        ("sending", LATER),
    ]
