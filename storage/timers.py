"""Timers: when a conversation wants to be woken. They are rows, so nothing is forgotten by a restart."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
    bindparam,
    delete,
    func,
    select,
    update,
)

from storage import subjects
from storage.conversations import CONVERSATIONS
from storage.engine import Unit
from storage.people import PEOPLE
from storage.schema import METADATA, Instant, RowId, among

TIMERS = Table(
    "timers",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", BigInteger, nullable=False),
    Column("name", String(40), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("what", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    # With the number, so that the soonest are found without sorting all that are due in the same second.
    Index("ix_timers_due", "due_at", "id"),
    Index("uq_timers_conversation_id_name", "conversation_id", "name", unique=True),
)


# Statements of the busiest path are made once: making one costs more than executing it.
_UNSET = delete(TIMERS).where(
    TIMERS.c.conversation_id == bindparam("conversation"), TIMERS.c.name == bindparam("timer")
)
_DROP = delete(TIMERS).where(among(TIMERS.c.id, "fired"))
_SOONEST = select(TIMERS).order_by(TIMERS.c.due_at, TIMERS.c.id)
_DUE = _SOONEST.where(TIMERS.c.due_at <= bindparam("now")).limit(bindparam("most"))
_DUE_ONE = _DUE.where(TIMERS.c.id == bindparam("only"))
_FREE = (
    _SOONEST.where(among(TIMERS.c.id, "due"), among(TIMERS.c.conversation_id, "free"))
    .where(TIMERS.c.due_at <= bindparam("now"))  # unless somebody has moved it meanwhile
    .with_for_update(skip_locked=True)
)
_HOMES = select(CONVERSATIONS.c.id, CONVERSATIONS.c.person_id, CONVERSATIONS.c.subject).where(
    among(CONVERSATIONS.c.id, "conversations")
)
_FREE_PEOPLE = (
    select(PEOPLE.c.id)
    .where(among(PEOPLE.c.id, "people"))
    .order_by(PEOPLE.c.id)
    .with_for_update(skip_locked=True, key_share=True)
)
_FREE_CONVERSATIONS = (
    select(CONVERSATIONS.c.id)
    .where(among(CONVERSATIONS.c.id, "conversations"))
    .order_by(CONVERSATIONS.c.id)
    .with_for_update(skip_locked=True)
)


async def set_many(unit: Unit, timers: Sequence[Mapping[str, Any]]) -> None:
    """Set timers; one of the same conversation and name is moved."""
    change = ("due_at", "what", "why", "set_at", "attempts")
    if timers:
        await unit.run_many(unit.upsert(TIMERS, ("conversation_id", "name"), change), timers)


async def set_again(unit: Unit, timer: Mapping[str, Any]) -> int | None:
    """Set a timer that was given up; its number, or None where its conversation has set that one anew meanwhile."""
    statement = unit.insert_new(TIMERS, unless=("conversation_id", "name"), returning=("id",))
    row = await unit.one(statement, timer)
    return row.id if row else None


async def unset_many(unit: Unit, keys: Collection[tuple[int, str]]) -> None:
    """Take timers back by (conversation, name)."""
    await unit.run_many(_UNSET, ({"conversation": one, "timer": name} for one, name in keys))


async def end_conversations(unit: Unit, conversations: Collection[int]) -> None:
    """An ended conversation keeps no timer."""
    if conversations:
        await unit.run(delete(TIMERS).where(TIMERS.c.conversation_id.in_(conversations)))


async def claim_due(unit: Unit, now: datetime, limit: int, only: int | None = None) -> list[Any]:
    """Timers that are due, soonest first, locked for this transaction (another process skips them).

    With them their conversations and the people these are held with: a timer whose conversation somebody works on
    stays due and is found the next time. They must be handled and then dropped, set anew or put off in the same
    unit. `only` takes that one timer.
    """
    if only is None:
        found = await unit.rows(_DUE, {"now": now, "most": limit})
    else:
        found = await unit.rows(_DUE_ONE, {"now": now, "most": limit, "only": only})
    if not unit.is_postgres or not found:
        return found
    free = await _free(unit, {row.conversation_id for row in found})
    return await unit.rows(_FREE, {"now": now, "due": [row.id for row in found], "free": list(free)})


async def _free(unit: Unit, conversations: Collection[int]) -> set[int]:
    """Those of `conversations` that nobody works on; locked.

    Whoever handles a message holds the person and the conversation before touching its timers. Had we locked the
    timer first and waited for the conversation then, each would wait for the other.
    """
    homes = await unit.rows(_HOMES, {"conversations": list(conversations)})
    about = {row.subject for row in homes if row.subject}
    held_with = {row.person_id for row in homes if row.person_id is not None}
    free_people = {row.id for row in await unit.rows(_FREE_PEOPLE, {"people": list(held_with)})}
    taken = await subjects.taken(unit, about)
    wanted = [
        row.id
        for row in homes
        if (row.person_id is None or row.person_id in free_people) and row.subject not in taken
    ]
    free = {row.id for row in await unit.rows(_FREE_CONVERSATIONS, {"conversations": wanted})}
    gone = set(conversations) - {row.id for row in homes}
    return free | gone


async def drop(unit: Unit, ids: Collection[int]) -> None:
    """These timers have fired."""
    if ids:
        await unit.run(_DROP, {"fired": list(ids)})


async def put_off(unit: Unit, timer: int, until: datetime) -> None:
    """Handling `timer` failed: try again at `until`."""
    await unit.run(
        update(TIMERS).where(TIMERS.c.id == timer).values(due_at=until, attempts=TIMERS.c.attempts + 1)
    )


async def next_due(unit: Unit) -> datetime | None:
    """When the next timer is due."""
    row = await unit.one(select(func.min(TIMERS.c.due_at).label("due_at")))
    return row.due_at if row else None


async def coming(unit: Unit, limit: int) -> list[Any]:
    """What is planned next, soonest first."""
    return await unit.rows(select(TIMERS).order_by(TIMERS.c.due_at, TIMERS.c.id).limit(limit))


async def about(unit: Unit, subject: str) -> list[Any]:
    """What is planned in conversations about `subject`, soonest first."""
    joined = TIMERS.join(CONVERSATIONS, CONVERSATIONS.c.id == TIMERS.c.conversation_id)
    those = select(TIMERS).select_from(joined).where(CONVERSATIONS.c.subject == subject)
    return await unit.rows(those.order_by(TIMERS.c.due_at, TIMERS.c.id))


async def still_due(unit: Unit, timer: int, now: datetime) -> Any | None:
    """`timer`, locked for this transaction, unless somebody has moved it or taken it back meanwhile."""
    found = select(TIMERS).where(TIMERS.c.id == timer, TIMERS.c.due_at <= now)
    return await unit.one(found.with_for_update() if unit.is_postgres else found)


async def find(unit: Unit, timer: int) -> Any | None:
    """One timer."""
    return await unit.one(select(TIMERS).where(TIMERS.c.id == timer))
