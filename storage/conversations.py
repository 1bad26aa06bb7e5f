"""Conversations: which procedure is held with whom, at which step, remembering what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

OPEN, RESTING, OVER = "open", "resting", "over"

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("dialog", String(40), nullable=False),
    Column("subject", String(40), nullable=False, default=""),
    Column("person_id", BigInteger),
    Column("queue", String(32), nullable=False, default=""),
    Column("status", String(8), nullable=False, default=OPEN),
    Column("step", String(60), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("turn", Integer, nullable=False, default=0),
    Column("misses", Integer, nullable=False, default=0),
    Column("trail", Text, nullable=False, default="[]"),
    Column("card_letter", BigInteger),
    Column("card_message", BigInteger),
    Column("interrupts", BigInteger),
    Column("asked_at", Instant, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Index("ix_conversations_person", "person_id", "status"),
    Index("ix_conversations_subject", "dialog", "subject", "status"),
)


@dataclass(slots=True)
class Conversation:
    """One row, as it is worked on inside a transaction. `state` and `trail` are JSON text."""

    id: int
    dialog: str
    person_id: int | None
    step: str
    state: str
    version: int
    asked_at: datetime
    opened_at: datetime
    subject: str = ""
    queue: str = ""
    status: str = OPEN
    turn: int = 0
    misses: int = 0
    trail: str = "[]"
    card_letter: int | None = None
    card_message: int | None = None
    interrupts: int | None = None
    changed: bool = field(default=False, compare=False)


_COLUMNS = tuple(column.name for column in CONVERSATIONS.columns)
_CHANGING = (
    "status", "step", "state", "version", "turn", "misses", "trail", "card_letter", "card_message", "interrupts",
    "asked_at",
)  # fmt: skip


def _read(row: Any) -> Conversation:
    return Conversation(**{name: getattr(row, name) for name in _COLUMNS})


async def load(unit: Unit, people: Collection[int], ids: Collection[int]) -> list[Conversation]:
    """Unfinished conversations of `people`, and those numbered `ids` (finished too), locked for this transaction."""
    wanted = []
    if people:
        wanted.append(and_(CONVERSATIONS.c.person_id.in_(people), CONVERSATIONS.c.status != OVER))
    if ids:
        wanted.append(CONVERSATIONS.c.id.in_(ids))
    if not wanted:
        return []
    return await _locked(unit, or_(*wanted))


async def about(unit: Unit, dialog: str, subject: str) -> list[Conversation]:
    """The unfinished conversations of `dialog` about `subject`, locked for this transaction."""
    return await _locked(
        unit,
        and_(
            CONVERSATIONS.c.dialog == dialog,
            CONVERSATIONS.c.subject == subject,
            CONVERSATIONS.c.status != OVER,
        ),
    )


async def _locked(unit: Unit, condition: Any) -> list[Conversation]:
    # Always in the order of their numbers, so that two processes never wait for each other in a circle.
    found = select(CONVERSATIONS).where(condition).order_by(CONVERSATIONS.c.id)
    return [_read(row) for row in await unit.rows(found.with_for_update() if unit.is_postgres else found)]


async def begin(unit: Unit, conversation: dict[str, Any]) -> int:
    """Write a new conversation; its number."""
    row = await unit.one(insert(CONVERSATIONS).values(**conversation).returning(CONVERSATIONS.c.id))
    assert row is not None
    return int(row.id)


async def save(unit: Unit, conversations: Iterable[Conversation]) -> None:
    """Write back what changed."""
    statement = (
        update(CONVERSATIONS)
        .where(CONVERSATIONS.c.id == bindparam("number"))
        .values({name: bindparam(f"new_{name}") for name in _CHANGING})
    )
    await unit.run_many(
        statement,
        (
            {"number": one.id} | {f"new_{name}": getattr(one, name) for name in _CHANGING}
            for one in conversations
        ),
    )


async def find(unit: Unit, ids: Collection[int]) -> dict[int, Conversation]:
    """Conversations by number, for reading."""
    if not ids:
        return {}
    found = select(CONVERSATIONS).where(CONVERSATIONS.c.id.in_(ids))
    return {row.id: _read(row) for row in await unit.rows(found)}
