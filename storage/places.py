"""The staff group and its topics: where each queue's cards lie."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from domain.people import Queue
from storage import locks
from storage.conversations import CONVERSATIONS, OVER
from storage.engine import Unit
from storage.locks import Lock
from storage.outbox import NO_STAFF_GROUP, NO_TOPIC, OUTBOX, TOLD_PRIVATELY, UNDER_WAY, LetterState
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

    @property
    def lacks_its_topic(self) -> bool:
        """Whether what belongs there has to wait until the topic is made."""
        return self.has_topics and self.thread_id is None


async def _nobody_else(unit: Unit) -> None:
    """Until this transaction is over nobody else changes a place, nor holds what waits for one (`nobody_releases`).

    A topic that is made while the group is bound once more would be written into rows that are not there any more.
    """
    await locks.alone(unit, Lock.PLACES)


async def load(unit: Unit) -> dict[Queue, Place]:
    """All queues that have a place."""
    rows = await unit.rows(select(PLACES))
    return {Queue(row.queue): Place(row.chat_id, row.thread_id, row.has_topics) for row in rows}


async def bind(unit: Unit, chat_id: int, has_topics: bool) -> None:
    """Group `chat_id` is the staff group from now on; its topics, if it has any, are made next."""
    await _nobody_else(unit)
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


async def set_topic(unit: Unit, queue: Queue, chat_id: int, thread_id: int | None) -> bool:
    """The topic of `queue` has been made in `chat_id`; False if that is not the staff group any more."""
    await _nobody_else(unit)
    made = and_(PLACES.c.queue == queue.value, PLACES.c.chat_id == chat_id)
    return await unit.run(update(PLACES).where(made).values(thread_id=thread_id)) > 0


async def lose_topic(unit: Unit, queue: Queue, chat_id: int, thread_id: int | None) -> bool:
    """The topic `thread_id` of `queue` in `chat_id` is gone; False if there is another one by now."""
    await _nobody_else(unit)
    lost = and_(PLACES.c.queue == queue.value, PLACES.c.chat_id == chat_id, PLACES.c.thread_id == thread_id)
    return await unit.run(update(PLACES).where(lost).values(thread_id=None)) > 0


async def do_without_topics(unit: Unit, chat_id: int) -> None:
    """No topic can be made in the group: what has none goes to the group itself."""
    await _nobody_else(unit)
    bare = and_(PLACES.c.chat_id == chat_id, PLACES.c.thread_id.is_(None))
    await unit.run(update(PLACES).where(bare).values(has_topics=False))


async def forget(unit: Unit, chat_id: int) -> bool:
    """Group `chat_id` is the staff group no more; False if it was not."""
    await _nobody_else(unit)
    return await unit.run(delete(PLACES).where(PLACES.c.chat_id == chat_id)) > 0


async def move(unit: Unit, old_chat: int, new_chat: int) -> None:
    """The group has become a supergroup with another number; its topics begin anew."""
    await _nobody_else(unit)
    moved = update(PLACES).where(PLACES.c.chat_id == old_chat)
    await unit.run(moved.values(chat_id=new_chat, thread_id=None))


# ---------------------------------------------------------------- what waits for a place

_HELD = OUTBOX.c.state == LetterState.HELD.value


async def nobody_releases(unit: Unit) -> None:
    """Until this transaction is over nobody releases what waits for a place, but whoever holds something may hold it.

    What is held meanwhile would not be seen by that release, and no other would follow: it would wait for ever. What
    is read from now on is up to date. SQLite has one writer at a time anyway.
    """
    await locks.shared(unit, Lock.PLACES)


async def release(unit: Unit, reason: str, now: datetime) -> int:
    """What was held for `reason` may be tried again now; whoever is just holding something is waited for."""
    return await _release(unit, OUTBOX.c.reason == reason, now)


async def release_topics(unit: Unit, now: datetime) -> int:
    """What was held until its topic is made may be tried again now."""
    return await _release(unit, OUTBOX.c.reason.startswith(f"{NO_TOPIC}:"), now)


async def release_queues(unit: Unit, now: datetime) -> int:
    """The staff group is lost: whatever waits to lie there is due now, to be told to those on duty."""
    waits = OUTBOX.c.state.in_([LetterState.PENDING.value, LetterState.RETRY.value])
    return await _release(unit, OUTBOX.c.queue != "", now, or_(waits, _HELD))


async def _release(
    unit: Unit, which: ColumnElement[bool], now: datetime, states: ColumnElement[bool] = _HELD
) -> int:
    await _nobody_else(unit)
    due = update(OUTBOX).where(states, which)
    return await unit.run(due.values(state=LetterState.PENDING.value, due_at=now))


# ---------------------------------------------------------------- cards that lie elsewhere


async def misplaced(unit: Unit, limit: int, among: Collection[int] | None = None) -> list[int]:
    """Unfinished conversations whose card does not lie where their queue has its place now; of `among` only.

    Without a place a card belongs to the private chats of those on duty; who waits until there is one is not
    misplaced, nor is a card that is on its way.
    """
    card = OUTBOX.c
    elsewhere = or_(
        card.chat_id.is_(None),
        card.chat_id != PLACES.c.chat_id,
        func.coalesce(card.thread_id, 0) != func.coalesce(PLACES.c.thread_id, 0),
    )
    wrong = or_(
        and_(PLACES.c.queue.is_(None), card.reason.not_in([TOLD_PRIVATELY, NO_STAFF_GROUP])),
        and_(PLACES.c.queue.is_not(None), card.state.not_in(UNDER_WAY), elsewhere),
    )
    found = (
        select(CONVERSATIONS.c.id)
        .join(OUTBOX, card.id == CONVERSATIONS.c.card_letter)
        .outerjoin(PLACES, PLACES.c.queue == CONVERSATIONS.c.queue)
        .where(CONVERSATIONS.c.queue != "", CONVERSATIONS.c.status != OVER, wrong)
    )
    if among is not None:
        found = found.where(CONVERSATIONS.c.id.in_(among))
    return [row.id for row in await unit.rows(found.order_by(CONVERSATIONS.c.id).limit(limit))]
