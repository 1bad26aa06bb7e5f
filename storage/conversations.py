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
from storage.schema import METADATA, Instant, RowId, among

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
    # By subject first: what is told about a case goes to everything that is open about it.
    Index("ix_conversations_subject", "subject", "dialog", "status"),
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


_COLUMNS = tuple(CONVERSATIONS.columns.keys())
_CHANGING = (
    "status", "step", "state", "version", "turn", "misses", "trail", "card_letter", "card_message", "interrupts",
    "asked_at",
)  # fmt: skip


# Statements of the busiest path are made once: making one costs as much as executing it.
_BEGIN = insert(CONVERSATIONS).returning(CONVERSATIONS.c.id)
_SAVE = (
    update(CONVERSATIONS)
    .where(CONVERSATIONS.c.id == bindparam("number"))
    .values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_OF_PEOPLE_OR_NUMBERED = (
    select(CONVERSATIONS)
    .where(
        or_(
            and_(
                among(CONVERSATIONS.c.person_id, "people"),
                CONVERSATIONS.c.status != OVER,
            ),
            among(CONVERSATIONS.c.id, "ids"),
        )
    )
    # Always in the order of their numbers, so that two processes never wait for each other in a circle.
    .order_by(CONVERSATIONS.c.id)
)
_THE_SAME_LOCKED = _OF_PEOPLE_OR_NUMBERED.with_for_update()


def _read(row: Any) -> Conversation:
    return Conversation(**dict(zip(_COLUMNS, row, strict=True)))


async def load(unit: Unit, people: Collection[int], ids: Collection[int]) -> list[Conversation]:
    """Unfinished conversations of `people`, and those numbered `ids` (finished too), locked for this transaction."""
    if not people and not ids:
        return []
    found = _THE_SAME_LOCKED if unit.is_postgres else _OF_PEOPLE_OR_NUMBERED
    return [_read(row) for row in await unit.rows(found, {"people": list(people), "ids": list(ids)})]


async def about(unit: Unit, subject: str, dialog: str = "") -> list[Conversation]:
    """The unfinished conversations about `subject` (of `dialog` only, if named), locked for this transaction."""
    wanted = [CONVERSATIONS.c.subject == subject, CONVERSATIONS.c.status != OVER]
    if dialog:
        wanted.append(CONVERSATIONS.c.dialog == dialog)
    found = select(CONVERSATIONS).where(*wanted).order_by(CONVERSATIONS.c.id)
    return [_read(row) for row in await unit.rows(found.with_for_update() if unit.is_postgres else found)]


async def waiting_at(unit: Unit, dialog: str, step: str) -> list[Conversation]:
    """The unfinished conversations of `dialog` about no subject that wait at `step`, for reading."""
    of_dialog = CONVERSATIONS.c.subject == "", CONVERSATIONS.c.dialog == dialog  # as the index has them
    wanted = *of_dialog, CONVERSATIONS.c.step == step, CONVERSATIONS.c.status != OVER
    return [_read(row) for row in await unit.rows(select(CONVERSATIONS).where(*wanted))]


async def asked_before(unit: Unit, dialogs: Collection[str], moment: datetime) -> list[Conversation]:
    """The open conversations of `dialogs` that asked last at `moment` or before, for reading, the oldest first."""
    if not dialogs:
        return []
    wanted = (
        CONVERSATIONS.c.dialog.in_(dialogs),
        CONVERSATIONS.c.status == OPEN,
        CONVERSATIONS.c.asked_at <= moment,
    )
    return [
        _read(row)
        for row in await unit.rows(select(CONVERSATIONS).where(*wanted).order_by(CONVERSATIONS.c.id))
    ]


async def begin(unit: Unit, conversation: dict[str, Any]) -> int:
    """Write a new conversation; its number."""
    row = await unit.one(_BEGIN, conversation)
    assert row is not None
    return int(row.id)


async def is_about(unit: Unit, number: int, subject: str) -> None:
    """Conversation `number` is about `subject`: for those whose subject is named after their own number."""
    await unit.run(update(CONVERSATIONS).where(CONVERSATIONS.c.id == number).values(subject=subject))


async def save(unit: Unit, conversations: Iterable[Conversation]) -> None:
    """Write back what changed."""
    await unit.run_many(
        _SAVE,
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


async def load_free(unit: Unit, ids: Collection[int]) -> list[Conversation]:
    """Those of the conversations `ids` that nobody works on, locked for this transaction."""
    if not ids:
        return []
    found = select(CONVERSATIONS).where(CONVERSATIONS.c.id.in_(ids)).order_by(CONVERSATIONS.c.id)
    free = found.with_for_update(skip_locked=True) if unit.is_postgres else found
    return [_read(row) for row in await unit.rows(free)]
