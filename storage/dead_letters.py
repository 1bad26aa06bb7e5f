"""Dead letters: updates and timers that could not be handled, kept whole until somebody has looked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, String, Table, Text, insert, select

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("source", String(12), nullable=False),  # update or timer
    Column("reference", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("error", Text, nullable=False),
)


async def keep(unit: Unit, at: datetime, source: str, reference: str, payload: str, error: str) -> None:
    """Keep one."""
    await unit.run(
        insert(DEAD_LETTERS).values(at=at, source=source, reference=reference, payload=payload, error=error)
    )


async def all_of(unit: Unit) -> list[Any]:
    """All of them, oldest first."""
    return await unit.rows(select(DEAD_LETTERS).order_by(DEAD_LETTERS.c.id))
