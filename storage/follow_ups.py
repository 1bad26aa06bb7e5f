"""Follow-ups 跟踪回访: what is planned, asked, answered and called (F4), and every version of a sheet ever asked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    insert,
    or_,
    select,
    update,
)

from domain.follow_ups import NO_MORE, CallMade, CallOutcome, FollowUp, FollowUpState
from domain.questionnaires import Answer, FollowUpEvent, Questionnaire
from storage import locks
from storage.engine import Unit
from storage.locks import Lock
from storage.schema import METADATA, Instant, RowId

FOLLOW_UPS = Table(
    "follow_ups",
    METADATA,
    Column("number", String(32), primary_key=True),
    Column("questionnaire", String(32), nullable=False),
    Column("version", String(16), nullable=False, default=""),
    Column("event", String(16), nullable=False),
    Column("subject", String(24), nullable=False, default=""),
    Column("after", String(32), nullable=False, default=""),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("person_id", BigInteger),
    Column("address", String(64), nullable=False, default=""),
    Column("phone", String(20), nullable=False, default=""),
    Column("plate", String(16), nullable=False, default=""),
    Column("work", Text, nullable=False, default=""),
    Column("advisor_id", BigInteger),
    Column("advisor_name", String(128), nullable=False, default=""),
    Column("occurred_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("latest_at", Instant, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(16), nullable=False, default=""),
    Column("nudges", Integer, nullable=False, default=0),
    Column("invited_at", Instant),
    Column("ended_at", Instant),
    Column("call_at", Instant),
    Column("by_phone", Boolean, nullable=False, default=False),
    Column("complaint", String(24), nullable=False, default=""),
    Column("caller_id", BigInteger),
    Column("taken_at", Instant),
    Index("ix_follow_ups_occurred_at", "occurred_at"),
    Index("ix_follow_ups_state", "state", "latest_at"),
    Index("ix_follow_ups_advisor", "advisor_id", "ended_at"),
    Index("ix_follow_ups_customer", "customer_id"),
)

ANSWERS = Table(
    "follow_up_answers",
    METADATA,
    Column("number", String(32), ForeignKey("follow_ups.number"), primary_key=True),
    Column("question", String(32), primary_key=True),
    Column("codes", Text, nullable=False, default="[]"),
    Column("text", Text, nullable=False, default=""),
    Column("media", Text, nullable=False, default="[]"),
    Column("bad", Boolean, nullable=False, default=False),
    Column("given_at", Instant, nullable=False),
    Column("given_by", BigInteger),
)

CALLS = Table(
    "follow_up_calls",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("number", String(32), ForeignKey("follow_ups.number"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("person_id", BigInteger),
    Column("who", String(128), nullable=False, default=""),
    Column("outcome", String(16), nullable=False),
    Column("note", Text, nullable=False, default=""),
)

SHEETS = Table(
    "questionnaires",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("version", String(16), primary_key=True),
    Column("source", Text, nullable=False),
    Column("first_asked_at", Instant, nullable=False),
)

_OPEN = [state.value for state in FollowUpState if state.is_open]
AT_ONCE = 500  # numbers that one statement names
MOST_LISTED = 200  # follow-ups that one list of calls shows
_ANSWER_COLUMNS = ("codes", "text", "media", "bad", "given_at", "given_by")


# Statements of every press and timer are made once: making one costs as much as executing it.
_CHANGE = (
    update(FOLLOW_UPS)
    .where(FOLLOW_UPS.c.number == bindparam("wanted"))
    .values(
        {column.name: bindparam(f"new_{column.name}") for column in FOLLOW_UPS.c if not column.primary_key}
    )
)
_ONE = select(FOLLOW_UPS).where(FOLLOW_UPS.c.number == bindparam("wanted"))
_ITS_ANSWERS = (
    select(ANSWERS)
    .where(ANSWERS.c.number == bindparam("wanted"))
    .order_by(ANSWERS.c.given_at, ANSWERS.c.question)
)
_ITS_CALLS = select(CALLS).where(CALLS.c.number == bindparam("wanted")).order_by(CALLS.c.id)


# ---------------------------------------------------------------- writing


async def plan(unit: Unit, follow_up: FollowUp) -> None:
    """Write a planned follow-up."""
    await unit.run(unit.insert_new(FOLLOW_UPS), {"number": follow_up.number, **_fields(follow_up)})


async def change(unit: Unit, follow_up: FollowUp) -> None:
    """Write how it stands now; answers and calls are written by themselves."""
    fields = {f"new_{name}": value for name, value in _fields(follow_up).items()}
    await unit.run(_CHANGE, {"wanted": follow_up.number, **fields})


def _fields(follow_up: FollowUp) -> dict[str, Any]:
    return {
        "questionnaire": follow_up.questionnaire,
        "version": follow_up.version,
        "event": follow_up.event.value,
        "subject": follow_up.subject,
        "after": follow_up.after,
        "customer_id": follow_up.customer_id,
        "person_id": follow_up.person_id or None,
        "address": follow_up.address[:64],
        "phone": follow_up.phone,
        "plate": follow_up.plate,
        "work": follow_up.work,
        "advisor_id": follow_up.advisor or None,
        "advisor_name": follow_up.advisor_name[:128],
        "occurred_at": follow_up.occurred_at,
        "due_at": follow_up.due_at,
        "latest_at": follow_up.latest_at,
        "state": follow_up.state.value,
        "reason": follow_up.reason,
        "nudges": follow_up.nudges,
        "invited_at": follow_up.invited_at,
        "ended_at": follow_up.ended_at,
        "call_at": follow_up.call_at,
        "by_phone": follow_up.by_phone,
        "complaint": follow_up.complaint,
        "caller_id": follow_up.caller or None,
        "taken_at": follow_up.taken_at,
    }


async def take_call(
    unit: Unit, number: str, caller: int, now: datetime, free_since: datetime, *, early: bool = False
) -> bool:
    """`caller` has the call from `now` on; false where it waits for none, or another took it after `free_since`.

    `early`: also where the customer would still be asked in the chat.
    """
    taken = FOLLOW_UPS.c.caller_id, FOLLOW_UPS.c.taken_at
    free = or_(taken[0].is_(None), taken[0] == caller, taken[1] <= free_since)
    to_call = FollowUpState.TO_CALL.value
    this = FOLLOW_UPS.c.number == number, FOLLOW_UPS.c.state.in_(_OPEN if early else [to_call])
    taking = update(FOLLOW_UPS).where(*this, free)
    return await unit.run(taking.values(caller_id=caller, taken_at=now, state=to_call)) > 0


async def answer(unit: Unit, number: str, given: Answer, now: datetime) -> None:
    """Keep an answer; an earlier one to the same question is overwritten."""
    fields = {
        "number": number,
        "question": given.question,
        "codes": json.dumps(given.codes),
        "text": given.text,
        "media": json.dumps(given.media),
        "bad": given.bad,
        "given_at": given.at or now,
        "given_by": given.by or None,
    }
    await unit.run_many(unit.upsert(ANSWERS, ("number", "question"), _ANSWER_COLUMNS), [fields])


async def note_call(unit: Unit, number: str, call: CallMade) -> None:
    """Keep what came of a call."""
    fields = {"at": call.at, "person_id": call.by or None, "who": call.by_name[:128], "note": call.note}
    await unit.run(insert(CALLS).values(number=number, outcome=call.outcome.value, **fields))


async def keep_sheet(unit: Unit, sheet: Questionnaire, now: datetime) -> None:
    """Keep this version of a sheet for good, so that whoever has begun it can finish it."""
    kept = {"id": sheet.id, "version": sheet.version, "source": sheet.source, "first_asked_at": now}
    await unit.run(unit.insert_new(SHEETS), kept)


# ---------------------------------------------------------------- reading


async def load(unit: Unit, number: str) -> FollowUp | None:
    """The follow-up with its answers and calls; None if there is none of this number."""
    this = {"wanted": number}
    row = await unit.one(_ONE, this)
    if row is None:
        return None
    answers = tuple(_answer(each) for each in await unit.rows(_ITS_ANSWERS, this))
    return _follow_up(row, answers, tuple(_call(each) for each in await unit.rows(_ITS_CALLS, this)))


async def to_call(unit: Unit, now: datetime) -> list[FollowUp]:
    """Those that wait for a call and may be called by now, whose time is over soonest first."""
    due = or_(FOLLOW_UPS.c.call_at.is_(None), FOLLOW_UPS.c.call_at <= now)
    return await _read(unit, FOLLOW_UPS.c.state == FollowUpState.TO_CALL.value, due, limit=MOST_LISTED)


async def still_open(unit: Unit, customer: int) -> list[FollowUp]:
    """The contacts with this file's customer that are still to come or going on, by when they are due."""
    found = await _read(unit, FOLLOW_UPS.c.customer_id == customer, FOLLOW_UPS.c.state.in_(_OPEN))
    return sorted(found, key=lambda each: (each.due_at, each.number))


async def alone(unit: Unit) -> None:
    """Until this transaction is over nobody else enters an event: two colleagues who enter the same one see it.

    On SQLite there is one writer at a time anyway.
    """
    await locks.alone(unit, Lock.EVENTS)


async def is_known(
    unit: Unit, event: FollowUpEvent, plate: str, phone: str, since: datetime, until: datetime
) -> bool:
    """Whether contacts follow such an event between the two moments, of the car `plate` or else of the `phone`."""
    whose = FOLLOW_UPS.c.plate == plate if plate else FOLLOW_UPS.c.phone == phone
    happened = FOLLOW_UPS.c.occurred_at > since, FOLLOW_UPS.c.occurred_at < until
    this = FOLLOW_UPS.c.event == event.value, whose, *happened
    return await unit.one(select(FOLLOW_UPS.c.number).where(*this).limit(1)) is not None


async def wants_no_more(unit: Unit, customer: int) -> bool:
    """Whether this file's customer, who is in no chat, has said on the phone that they want no follow-ups (F2)."""
    this = FOLLOW_UPS.c.customer_id == customer, FOLLOW_UPS.c.reason == NO_MORE
    return await unit.one(select(FOLLOW_UPS.c.number).where(*this).limit(1)) is not None


async def of_events(unit: Unit, since: datetime, until: datetime) -> list[FollowUp]:
    """Those after what happened from `since` up to `until`, in the order in which it happened."""
    occurred = FOLLOW_UPS.c.occurred_at
    found = await _read(unit, occurred >= since, occurred < until)
    return sorted(found, key=lambda each: (each.occurred_at, each.number))


async def sheet(unit: Unit, wanted: str, version: str) -> str | None:
    """The content of a sheet in one of its versions; None if nobody was ever asked it."""
    this = SHEETS.c.id == wanted, SHEETS.c.version == version
    row = await unit.one(select(SHEETS.c.source).where(*this))
    return None if row is None else str(row.source)


async def ratings_of(unit: Unit, advisor: int, since: datetime, until: datetime) -> list[int]:
    """Every rating given from `since` up to `until` on a visit that `advisor` was responsible for."""
    joined = ANSWERS.join(FOLLOW_UPS, FOLLOW_UPS.c.number == ANSWERS.c.number)
    given = ANSWERS.c.given_at >= since, ANSWERS.c.given_at < until, FOLLOW_UPS.c.advisor_id == advisor
    rows = await unit.rows(select(ANSWERS).select_from(joined).where(*given))
    return [rating for row in rows if (rating := _answer(row).rating) is not None]


async def _read(unit: Unit, *those: Any, limit: int | None = None) -> list[FollowUp]:
    found = select(FOLLOW_UPS).where(*those).order_by(FOLLOW_UPS.c.latest_at, FOLLOW_UPS.c.number)
    rows = await unit.rows(found if limit is None else found.limit(limit))
    answers = await _of(unit, ANSWERS, rows, ANSWERS.c.given_at, ANSWERS.c.question)
    calls = await _of(unit, CALLS, rows, CALLS.c.id)
    return [
        _follow_up(
            row,
            tuple(_answer(each) for each in answers.get(row.number, ())),
            tuple(_call(each) for each in calls.get(row.number, ())),
        )
        for row in rows
    ]


async def _of(unit: Unit, table: Table, rows: Iterable[Any], *order: Any) -> dict[str, list[Any]]:
    numbers = [row.number for row in rows]
    found: dict[str, list[Any]] = {}
    for first in range(0, len(numbers), AT_ONCE):
        these = table.c.number.in_(numbers[first : first + AT_ONCE])
        for row in await unit.rows(select(table).where(these).order_by(*order)):
            found.setdefault(row.number, []).append(row)
    return found


def _answer(row: Any) -> Answer:
    media = tuple((kind, file) for kind, file in json.loads(row.media))
    codes = tuple(json.loads(row.codes))
    return Answer(row.question, codes, row.text, media, row.bad, row.given_at, row.given_by or 0)


def _call(row: Any) -> CallMade:
    return CallMade(row.at, row.person_id or 0, row.who, CallOutcome(row.outcome), row.note)


def _follow_up(row: Any, answers: tuple[Answer, ...], calls: tuple[CallMade, ...]) -> FollowUp:
    return FollowUp(
        number=row.number,
        questionnaire=row.questionnaire,
        event=FollowUpEvent(row.event),
        customer_id=row.customer_id,
        occurred_at=row.occurred_at,
        due_at=row.due_at,
        latest_at=row.latest_at,
        version=row.version,
        subject=row.subject,
        after=row.after,
        person_id=row.person_id or 0,
        address=row.address,
        phone=row.phone,
        plate=row.plate,
        work=row.work,
        advisor=row.advisor_id or 0,
        advisor_name=row.advisor_name,
        state=FollowUpState(row.state),
        reason=row.reason,
        nudges=row.nudges,
        invited_at=row.invited_at,
        ended_at=row.ended_at,
        call_at=row.call_at,
        by_phone=row.by_phone,
        complaint=row.complaint,
        caller=row.caller_id or 0,
        taken_at=row.taken_at,
        answers=answers,
        calls=calls,
    )
