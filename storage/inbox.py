"""The inbox: which updates have been handled, so that none is handled twice."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, Column, Table, delete

from storage.engine import Unit
from storage.schema import METADATA, Instant

INBOX = Table(
    "inbox",
    METADATA,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", Instant, nullable=False, index=True),
)


async def note(unit: Unit, bot_id: int, update_ids: Collection[int], now: datetime) -> set[int]:
    """Write down `update_ids` as handled in this transaction; those that were not known before."""
    if not update_ids:
        return set()
    wanted = [
        {"bot_id": bot_id, "update_id": number, "received_at": now} for number in sorted(set(update_ids))
    ]
    # The sets are handed over beside the statement, not within it: it would be compiled anew for every batch.
    statement = unit.insert_new(INBOX, returning=("update_id",))
    return {row.update_id for row in await unit.rows(statement, wanted)}


async def forget(unit: Unit, before: datetime) -> int:
    """Drop what came before `before`: the service keeps updates 24 h, older ones cannot come again."""
    return await unit.run(delete(INBOX).where(INBOX.c.received_at < before))
