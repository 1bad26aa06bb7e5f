"""The append-only audit log: who decided what, when, on which card (R5). The database itself refuses to change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, String, Table, Text, insert, select

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("person_id", BigInteger),
    Column("conversation_id", BigInteger),
    Column("action", String(48), nullable=False),
    Column("subject", String(40), nullable=False, default="", index=True),
    Column("details", Text, nullable=False, default="{}"),
)


async def write(unit: Unit, lines: Sequence[Mapping[str, Any]]) -> None:
    """Append lines."""
    if lines:
        await unit.run_many(insert(AUDIT), lines)


async def about(unit: Unit, subject: str) -> list[Any]:
    """Everything that was recorded about `subject`, oldest first."""
    return await unit.rows(select(AUDIT).where(AUDIT.c.subject == subject).order_by(AUDIT.c.id))


async def since(unit: Unit, moment: datetime) -> list[Any]:
    """Everything recorded since `moment`, oldest first."""
    return await unit.rows(select(AUDIT).where(AUDIT.c.at >= moment).order_by(AUDIT.c.id))
