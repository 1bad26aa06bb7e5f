"""What is looked up of many complaints at once: by the self-check and the monthly figures (C6, C11)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, text

from storage import locks
from storage.audit import AUDIT
from storage.complaints import COMPLAINT_LEGS, COMPLAINTS
from storage.conversations import CONVERSATIONS
from storage.engine import Unit
from storage.locks import Lock
from storage.outbox import OUTBOX
from storage.people import PEOPLE
from storage.timers import TIMERS

DESK = "complaint_desk"
ALARM, TOLD_INSTEAD = "complaint_desk/alarm", "shared/colleague_unreachable"
_SEVERAL_AS_OF_ONE_MOMENT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


async def stand_still(unit: Unit) -> None:
    """What is read from now on is all of one moment, however many statements read it. First in its transaction.

    SQLite reads so anyway.
    """
    if unit.is_postgres:
        await unit.run(_SEVERAL_AS_OF_ONE_MOMENT)


async def alone_at_the_watch(unit: Unit) -> None:
    """Until this transaction is over no other process begins a self-check. SQLite has one writer anyway."""
    await locks.alone(unit, Lock.WATCH)


async def numbers(unit: Unit, after: str, limit: int) -> list[str]:
    """Numbers of complaints behind `after`, open or closed, at most `limit`, for going through all of them."""
    found = select(COMPLAINTS.c.number).where(COMPLAINTS.c.number > after)
    return [row.number for row in await unit.rows(found.order_by(COMPLAINTS.c.number).limit(limit))]


# ---------------------------------------------------------------- what belongs to complaints


async def legs_kept(unit: Unit, of: Collection[str]) -> list[Any]:
    """How the legs of complaints `of` stand as lists see them: number, leg, owner_id, open, due_at."""
    return await unit.rows(select(COMPLAINT_LEGS).where(COMPLAINT_LEGS.c.number.in_(of)))


def _cards_of(numbers: Collection[str]) -> ColumnElement[bool]:
    return and_(CONVERSATIONS.c.dialog == DESK, CONVERSATIONS.c.subject.in_(numbers))


async def cards(unit: Unit, of: Collection[str]) -> list[Any]:
    """The cards of complaints `of`, also those that are over: id, subject, status, state, version."""
    columns = CONVERSATIONS.c.id, CONVERSATIONS.c.subject, CONVERSATIONS.c.status
    found = select(*columns, CONVERSATIONS.c.state, CONVERSATIONS.c.version).where(_cards_of(of))
    return await unit.rows(found.order_by(CONVERSATIONS.c.id))


async def timers_of_cards(unit: Unit, of: Collection[str]) -> list[Any]:
    """The timers of their cards: conversation_id, name, due_at, attempts."""
    columns = TIMERS.c.conversation_id, TIMERS.c.name, TIMERS.c.due_at, TIMERS.c.attempts
    joined = TIMERS.join(CONVERSATIONS, CONVERSATIONS.c.id == TIMERS.c.conversation_id)
    return await unit.rows(select(*columns).select_from(joined).where(_cards_of(of)))


async def alarm_letters(unit: Unit, of: Collection[str], since: datetime | None) -> list[Any]:
    """What was written of their alarms since that moment (None: ever): conversation_id, created_at, state, reason,
    script.
    """
    columns = (
        OUTBOX.c.conversation_id, OUTBOX.c.created_at, OUTBOX.c.state, OUTBOX.c.reason, OUTBOX.c.script,
    )  # fmt: skip
    joined = OUTBOX.join(CONVERSATIONS, CONVERSATIONS.c.id == OUTBOX.c.conversation_id)
    found = select(*columns).select_from(joined)
    found = found.where(_cards_of(of), OUTBOX.c.script.in_((ALARM, TOLD_INSTEAD)))
    return await unit.rows(found if since is None else found.where(OUTBOX.c.created_at >= since))


async def stray_timers(unit: Unit) -> list[Any]:
    """Timers of cards whose complaint is not in the books at all: subject, name, due_at."""
    joined = TIMERS.join(CONVERSATIONS, CONVERSATIONS.c.id == TIMERS.c.conversation_id)
    joined = joined.outerjoin(COMPLAINTS, COMPLAINTS.c.number == CONVERSATIONS.c.subject)
    found = select(CONVERSATIONS.c.subject, TIMERS.c.name, TIMERS.c.due_at).select_from(joined)
    found = found.where(CONVERSATIONS.c.dialog == DESK, COMPLAINTS.c.number.is_(None))
    return await unit.rows(found.order_by(CONVERSATIONS.c.subject, TIMERS.c.name))


# ---------------------------------------------------------------- what they are measured against


async def arrivals(unit: Unit, first: datetime, last: datetime) -> list[Any]:
    """Vehicles that arrived from `first` up to `last` by who recorded it: person_id, first_name, served."""
    joined = AUDIT.join(PEOPLE, PEOPLE.c.id == AUDIT.c.person_id)
    served = func.count(AUDIT.c.subject.distinct()).label("served")
    found = select(PEOPLE.c.id.label("person_id"), PEOPLE.c.first_name, served).select_from(joined)
    found = found.where(AUDIT.c.action == "appointment.arrived", AUDIT.c.at >= first, AUDIT.c.at < last)
    return await unit.rows(found.group_by(PEOPLE.c.id, PEOPLE.c.first_name).order_by(PEOPLE.c.id))
