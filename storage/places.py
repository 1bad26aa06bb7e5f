"""The staff group and its topics: where each queue's cards lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, String, Table, delete, insert, select, update

from domain.people import Queue
from storage.engine import Unit
from storage.schema import METADATA

PLACES = Table(
    "places",
    METADATA,
    Column("queue", String(32), primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("thread_id", BigInteger),
    Column("has_topics", Boolean, nullable=False, default=False),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a queue's messages go; `thread_id` is None while (or where) there is no topic."""

    chat_id: int
    thread_id: int | None
    has_topics: bool


async def load(unit: Unit) -> dict[Queue, Place]:
    """All queues that have a place."""
    rows = await unit.rows(select(PLACES))
    return {Queue(row.queue): Place(row.chat_id, row.thread_id, row.has_topics) for row in rows}


async def bind(unit: Unit, chat_id: int, has_topics: bool) -> None:
    """Group `chat_id` is the staff group from now on; its topics, if it has any, are made next."""
    known = {row.queue: row for row in await unit.rows(select(PLACES).where(PLACES.c.chat_id == chat_id))}
    await unit.run(delete(PLACES))
    rows: list[Mapping[str, Any]] = [
        {
            "queue": queue.value,
            "chat_id": chat_id,
            "thread_id": known[queue.value].thread_id if queue.value in known and has_topics else None,
            "has_topics": has_topics,
        }
        for queue in Queue
    ]
    await unit.run_many(insert(PLACES), rows)


async def set_topic(unit: Unit, queue: Queue, thread_id: int | None) -> None:
    """The topic of `queue` has been made, or (None) is gone."""
    await unit.run(update(PLACES).where(PLACES.c.queue == queue.value).values(thread_id=thread_id))


async def move(unit: Unit, old_chat: int, new_chat: int) -> None:
    """The group has become a supergroup with another number; its topics begin anew."""
    moved = update(PLACES).where(PLACES.c.chat_id == old_chat)
    await unit.run(moved.values(chat_id=new_chat, thread_id=None))
