"""Complaints 投诉 and their history, which is only ever added to; legs are what is looked up of it (C4, C8, C12)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    bindparam,
    false,
    insert,
    or_,
    select,
    text,
    true,
    update,
)

from domain.complaints import (
    Category,
    Classification,
    Complainant,
    Complaint,
    ComplaintKind,
    ComplaintState,
    Earlier,
    Entry,
    Happening,
    Origin,
    Severity,
)
from domain.people import Queue
from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

COMPLAINTS = Table(
    "complaints",
    METADATA,
    Column("number", String(24), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("origin", String(12), nullable=False),
    Column("person_id", BigInteger),
    Column("customer_id", BigInteger),
    Column("name", String(64), nullable=False, default=""),
    Column("phone", String(32), nullable=False, default=""),
    Column("plate", String(16), nullable=False, default=""),
    Column("topic", String(32), nullable=False),
    Column("category", String(12), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(12), nullable=False),
    Column("department", String(32), nullable=False),
    Column("confirmed", Boolean, nullable=False, default=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_complaints_person", "person_id", "opened_at"),
    Index("ix_complaints_plate", "plate", "opened_at"),
    Index("ix_complaints_opened_at", "opened_at"),
    Index("ix_complaints_state", "state", "number"),
)

_IS_ALARM = text("happening IN ('warned', 'breached', 'raised')")

COMPLAINT_ENTRIES = Table(
    "complaint_entries",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("number", String(24), ForeignKey("complaints.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("happening", String(16), nullable=False),
    Column("leg", String(40), nullable=False, default=""),
    Column("person_id", BigInteger),
    Column("who", String(128), nullable=False, default=""),
    Column("details", Text, nullable=False, default="{}"),
    Index("ix_complaint_entries_number", "number", "id"),
    # Each alarm of a leg rings exactly once, whatever happens (C6).
    Index(
        "uq_complaint_entries_alarm",
        "number",
        "leg",
        "happening",
        unique=True,
        sqlite_where=_IS_ALARM,
        postgresql_where=_IS_ALARM,
    ),
)

COMPLAINT_LEGS = Table(
    "complaint_legs",
    METADATA,
    Column("number", String(24), ForeignKey("complaints.number"), primary_key=True),
    Column("leg", String(40), primary_key=True),
    Column("queue", String(32), nullable=False),
    Column("owner_id", BigInteger),
    Column("open", Boolean, nullable=False),
    Column("due_at", Instant),
    Index("ix_complaint_legs_owner", "owner_id", "open", "due_at"),
    Index("ix_complaint_legs_queue", "queue", "open", "due_at"),
)

MOST_WORK = 100  # legs that one list shows


# ---------------------------------------------------------------- writing


async def file(unit: Unit, complaint: Complaint) -> None:
    """Write a new complaint; its history is noted separately."""
    by, about = complaint.by, complaint.classification
    await unit.run(
        insert(COMPLAINTS).values(
            number=complaint.number,
            state=complaint.state.value,
            origin=complaint.origin.value,
            person_id=by.person or None,
            customer_id=by.customer or None,
            name=by.name[:64],
            phone=by.phone,
            plate=by.plate,
            confirmed=complaint.confirmed,
            opened_at=complaint.opened_at,
            closed_at=None,
            **_columns(about),
        )
    )


async def change(unit: Unit, number: str, **fields: Any) -> None:
    """Give complaint `number` these fields."""
    await unit.run(update(COMPLAINTS).where(COMPLAINTS.c.number == number).values(**fields))


async def classify(unit: Unit, number: str, about: Classification, *, confirmed: bool) -> None:
    """What it is about by now (C2)."""
    await change(unit, number, confirmed=confirmed, **_columns(about))


def _columns(about: Classification) -> dict[str, str]:
    return {
        "topic": about.topic,
        "category": about.category.value,
        "kind": about.kind.value,
        "severity": about.severity.value,
        "department": about.department.value,
    }


async def note(unit: Unit, number: str, entries: Iterable[Entry]) -> None:
    """Add `entries` to the history of complaint `number`."""
    await unit.run_many(
        insert(COMPLAINT_ENTRIES),
        (
            {
                "number": number,
                "at": entry.at,
                "happening": entry.happening.value,
                "leg": entry.leg,
                "person_id": entry.person or None,
                "who": entry.who[:128],
                "details": json.dumps(dict(entry.details), ensure_ascii=False),
            }
            for entry in entries
        ),
    )


async def keep_legs(unit: Unit, legs: Sequence[Mapping[str, Any]]) -> None:
    """Write how legs stand, for lists and the self-check: number, leg, queue, owner_id, open, due_at."""
    if legs:
        kept = unit.upsert(COMPLAINT_LEGS, ("number", "leg"), ("queue", "owner_id", "open", "due_at"))
        await unit.run_many(kept, legs)


# ---------------------------------------------------------------- reading

_ONE = select(COMPLAINTS).where(COMPLAINTS.c.number == bindparam("wanted"))
_ONE_LOCKED = _ONE.with_for_update()
_HISTORY = (
    select(COMPLAINT_ENTRIES)
    .where(COMPLAINT_ENTRIES.c.number == bindparam("wanted"))
    .order_by(COMPLAINT_ENTRIES.c.id)
)


async def load(unit: Unit, number: str, *, locked: bool = True) -> Complaint | None:
    """Complaint `number` with its history; `locked` for this transaction, so that nobody adds to it meanwhile."""
    row = await unit.one(_ONE_LOCKED if locked and unit.is_postgres else _ONE, {"wanted": number})
    if row is None:
        return None
    return _read(row, [_entry(each) for each in await unit.rows(_HISTORY, {"wanted": number})])


async def load_many(unit: Unit, numbers: Collection[str]) -> list[Complaint]:
    """Complaints with their histories, in the order of their numbers, for reading."""
    found = select(COMPLAINTS).where(COMPLAINTS.c.number.in_(numbers)).order_by(COMPLAINTS.c.number)
    noted = select(COMPLAINT_ENTRIES).where(COMPLAINT_ENTRIES.c.number.in_(numbers))
    histories: dict[str, list[Entry]] = {}
    for row in await unit.rows(noted.order_by(COMPLAINT_ENTRIES.c.id)):
        histories.setdefault(row.number, []).append(_entry(row))
    return [_read(row, histories.get(row.number, [])) for row in await unit.rows(found)]


async def numbers_of_month(unit: Unit, first: datetime, last: datetime) -> list[str]:
    """Numbers of the complaints captured from `first` up to `last` (C11)."""
    wanted = COMPLAINTS.c.opened_at >= first, COMPLAINTS.c.opened_at < last
    found = select(COMPLAINTS.c.number).where(*wanted).order_by(COMPLAINTS.c.number)
    return [row.number for row in await unit.rows(found)]


async def open_numbers(unit: Unit, after: str, limit: int) -> list[str]:
    """Numbers of open complaints behind `after`, at most `limit`, for going through all of them."""
    wanted = COMPLAINTS.c.state == ComplaintState.OPEN.value, COMPLAINTS.c.number > after
    found = select(COMPLAINTS.c.number).where(*wanted).order_by(COMPLAINTS.c.number).limit(limit)
    return [row.number for row in await unit.rows(found)]


async def earlier(unit: Unit, complaint: Complaint, limit: int = 5) -> tuple[Earlier, ...]:
    """Other complaints of the same person or car, the newest first (C12)."""
    same = []
    if complaint.by.person:
        same.append(COMPLAINTS.c.person_id == complaint.by.person)
    if complaint.by.plate:
        same.append(COMPLAINTS.c.plate == complaint.by.plate)
    if not same:
        return ()
    found = select(COMPLAINTS).where(or_(*same), COMPLAINTS.c.number != complaint.number)
    rows = await unit.rows(found.order_by(COMPLAINTS.c.opened_at.desc()).limit(limit))
    return tuple(
        Earlier(row.number, row.opened_at, Category(row.category), ComplaintState(row.state)) for row in rows
    )


async def of_person(unit: Unit, person: int) -> tuple[Earlier, ...]:
    """The open complaints of `person`, the newest first."""
    wanted = COMPLAINTS.c.person_id == person, COMPLAINTS.c.state == ComplaintState.OPEN.value
    rows = await unit.rows(select(COMPLAINTS).where(*wanted).order_by(COMPLAINTS.c.opened_at.desc()).limit(5))
    return tuple(
        Earlier(row.number, row.opened_at, Category(row.category), ComplaintState(row.state)) for row in rows
    )


async def is_open_for(unit: Unit, person: int, customer: int, plate: str, phone: str) -> bool:
    """Whether a complaint of this person, file, car or number (what is 0 or empty is not looked at) is open (F2)."""
    whose = [
        column == value
        for column, value in (
            (COMPLAINTS.c.person_id, person),
            (COMPLAINTS.c.customer_id, customer),
            (COMPLAINTS.c.plate, plate),
            (COMPLAINTS.c.phone, phone),
        )
        if value
    ]
    found = select(COMPLAINTS.c.number).where(
        COMPLAINTS.c.state == ComplaintState.OPEN.value, or_(false(), *whose)
    )
    return await unit.one(found.limit(1)) is not None


async def owned(unit: Unit, person: int) -> list[tuple[str, str]]:
    """(number, leg) of every open leg that `person` owns, the most urgent first."""
    wanted = COMPLAINT_LEGS.c.owner_id == person, COMPLAINT_LEGS.c.open == true()
    found = select(COMPLAINT_LEGS.c.number, COMPLAINT_LEGS.c.leg).where(*wanted)
    rows = await unit.rows(found.order_by(COMPLAINT_LEGS.c.due_at, COMPLAINT_LEGS.c.number))
    return [(row.number, row.leg) for row in rows]


async def work(unit: Unit, person: int, queues: Collection[Queue]) -> list[Any]:
    """Open legs that `person` owns, or that lie unaccepted at `queues`: number, leg, owner_id, due_at."""
    mine = COMPLAINT_LEGS.c.owner_id == person
    waiting = COMPLAINT_LEGS.c.owner_id.is_(None) & COMPLAINT_LEGS.c.queue.in_(
        [queue.value for queue in queues]
    )
    found = select(COMPLAINT_LEGS).where(or_(mine, waiting), COMPLAINT_LEGS.c.open == true())
    return await unit.rows(found.order_by(COMPLAINT_LEGS.c.due_at, COMPLAINT_LEGS.c.number).limit(MOST_WORK))


def _entry(row: Any) -> Entry:
    return Entry(
        row.at, Happening(row.happening), row.leg, row.person_id or 0, row.who, json.loads(row.details)
    )


def _read(row: Any, history: Sequence[Entry]) -> Complaint:
    about = Classification(
        row.topic,
        Category(row.category),
        ComplaintKind(row.kind),
        Severity(row.severity),
        Queue(row.department),
    )
    by = Complainant(row.person_id or 0, row.customer_id or 0, row.name, row.phone, row.plate)
    state = ComplaintState(row.state)
    return Complaint(
        row.number, Origin(row.origin), by, row.opened_at, state, about, row.confirmed, tuple(history)
    )
