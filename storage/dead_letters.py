"""Dead letters: updates and timers that could not be handled, kept whole until somebody has looked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, String, Table, Text, insert, select, update

from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId


class DeadLetterState(StrEnum):
    """Where a dead letter stands."""

    KEPT = "kept"  # nobody has decided yet
    ASKED = "asked"  # somebody wants it handled once more; the running bot does so with its next look
    REPLAYED = "replayed"  # it was handled in the end
    LET_GO = "let_go"  # somebody decided that nothing need be done


DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("source", String(12), nullable=False),  # update or timer
    Column("reference", String(64), nullable=False),
    Column("payload", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("state", String(12), nullable=False, server_default=DeadLetterState.KEPT.value),
    Column("settled_at", Instant),
    Index("ix_dead_letters_state", "state"),
)


async def keep(unit: Unit, at: datetime, source: str, reference: str, payload: str, error: str) -> None:
    """Keep one."""
    await unit.run(
        insert(DEAD_LETTERS).values(at=at, source=source, reference=reference, payload=payload, error=error)
    )


async def all_of(unit: Unit) -> list[Any]:
    """All of them, oldest first."""
    return await unit.rows(select(DEAD_LETTERS).order_by(DEAD_LETTERS.c.id))


async def in_state(unit: Unit, state: DeadLetterState, limit: int) -> list[Any]:
    """The oldest `limit` of those in `state`."""
    those = select(DEAD_LETTERS).where(DEAD_LETTERS.c.state == state.value)
    return await unit.rows(those.order_by(DEAD_LETTERS.c.id).limit(limit))


async def asked(unit: Unit, limit: int) -> list[int]:
    """The numbers of the oldest `limit` that somebody wants handled once more."""
    return [row.id for row in await in_state(unit, DeadLetterState.ASKED, limit)]


async def take(unit: Unit, number: int) -> Any | None:
    """The dead letter `number` if it is asked for and no other process has it; locked for this transaction."""
    found = select(DEAD_LETTERS).where(
        DEAD_LETTERS.c.id == number, DEAD_LETTERS.c.state == DeadLetterState.ASKED.value
    )
    return await unit.one(found.with_for_update(skip_locked=True) if unit.is_postgres else found)


async def decide(unit: Unit, ids: Collection[int], state: DeadLetterState, at: datetime | None) -> set[int]:
    """Somebody wants `ids` in `state`; those for which that is new. What has been settled stays as it is."""
    open_ones = (DeadLetterState.KEPT.value, DeadLetterState.ASKED.value)
    those = update(DEAD_LETTERS).where(
        DEAD_LETTERS.c.id.in_(ids), DEAD_LETTERS.c.state.in_(open_ones), DEAD_LETTERS.c.state != state.value
    )
    changed = those.values(state=state.value, settled_at=at).returning(DEAD_LETTERS.c.id)
    return {row.id for row in await unit.rows(changed)} if ids else set()


async def keep_again(unit: Unit, number: int, error: str) -> bool:
    """Handling `number` once more failed, too; False when somebody else has settled it meanwhile."""
    those = update(DEAD_LETTERS).where(
        DEAD_LETTERS.c.id == number, DEAD_LETTERS.c.state == DeadLetterState.ASKED.value
    )
    return await unit.run(those.values(state=DeadLetterState.KEPT.value, error=error)) == 1


async def find(unit: Unit, number: int) -> Any | None:
    """One of them."""
    return await unit.one(select(DEAD_LETTERS).where(DEAD_LETTERS.c.id == number))


async def settle(
    unit: Unit, ids: Collection[int], state: DeadLetterState, at: datetime | None = None
) -> None:
    """They are in `state` now; `at` is when that was settled for good, None while it is not."""
    if ids:
        those = update(DEAD_LETTERS).where(DEAD_LETTERS.c.id.in_(ids))
        await unit.run(those.values(state=state.value, settled_at=at))
