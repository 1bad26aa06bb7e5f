"""The append-only audit log: who decided what, when, on which card (R5). The database itself refuses to change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, String, Table, Text, func, insert, select

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


async def latest(unit: Unit, action: str, subjects: Collection[str]) -> dict[str, datetime]:
    """When `action` was last recorded about each of `subjects`; those without a record are left out."""
    if not subjects:
        return {}
    found = select(AUDIT.c.subject, func.max(AUDIT.c.at).label("last")).where(
        AUDIT.c.subject.in_(subjects), AUDIT.c.action == action
    )
    return {row.subject: row.last for row in await unit.rows(found.group_by(AUDIT.c.subject))}


async def since(unit: Unit, moment: datetime) -> list[Any]:
    """Everything recorded since `moment`, oldest first."""
    return await unit.rows(select(AUDIT).where(AUDIT.c.at >= moment).order_by(AUDIT.c.id))
