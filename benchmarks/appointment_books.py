"""Books full of appointments with their reminders: a thousand as the house writes them, the others copies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, cast, insert, literal, select, update

from benchmarks.database import count_on, settle
from dialogs.appointment import Promise
from domain.appointments import AppointmentState, Source
from storage import conversations, people, states, timers, upgrade
from storage.appointments import APPOINTMENTS
from storage.conversations import CONVERSATIONS
from storage.customers import CUSTOMERS
from storage.engine import Books, Unit
from storage.people import PEOPLE
from storage.timers import TIMERS

WRITTEN = 1_000  # by the house itself; the others are copies
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
REMINDER = "reminder_24h"
NUMBERS = frozenset({"id", "user_id", "person_id", "conversation_id", "customer_id"})
NAMES = frozenset({"subject", "number"})
TABLES = (PEOPLE, CUSTOMERS, APPOINTMENTS, CONVERSATIONS, TIMERS)


def due(number: int) -> datetime:
    """When the appointment `number` is reminded of: ten o'clock and some minutes, on one of the next 365 days."""
    nth = number % WRITTEN
    return NOW + timedelta(days=1 + nth % 365, minutes=nth // 365)


def timer(number: int, name: str = REMINDER, due_at: datetime | None = None) -> dict[str, Any]:
    """A timer of the appointment `number`."""
    return {
        "conversation_id": number,
        "name": name,
        "due_at": due_at or due(number),
        "what": "提醒客户明天的预约",
        "why": f"预约 A{number}（B8）",
        "set_at": NOW,
        "attempts": 0,
    }


async def fill(books: Books, size: int) -> None:
    """Write `size` appointments into empty books, each with customer, conversation and reminder."""
    await upgrade.upgrade(books)
    async with books.unit() as unit:
        await _write_the_first(unit)
        for table in TABLES:
            await _multiply(unit, table, size)
        await count_on(unit, TABLES)
    await settle(books)


async def make_due(books: Books, numbers: Sequence[int]) -> None:
    """The reminders of these appointments were due a minute ago."""
    async with books.unit() as unit:
        mine = TIMERS.c.conversation_id.in_(numbers)
        await unit.run(update(TIMERS).where(mine).values(due_at=NOW - timedelta(minutes=1)))


async def put_back(books: Books, numbers: Sequence[int]) -> None:
    """The reminders of these appointments wait again."""
    async with books.unit() as unit:
        await timers.set_many(unit, [timer(number) for number in numbers])


async def _write_the_first(unit: Unit) -> None:
    numbers = range(1, WRITTEN + 1)
    met = [{"user_id": number, "first_name": "小林", "username": "", "first_seen": NOW} for number in numbers]
    await people.meet(unit, met)
    await unit.run_many(insert(CUSTOMERS), map(_customer, numbers))
    await unit.run_many(insert(APPOINTMENTS), map(_appointment, numbers))
    for number in numbers:
        if await conversations.begin(unit, _conversation(number)) != number:
            raise RuntimeError("The books were not empty: measure in new ones.")
    await timers.set_many(unit, [timer(number) for number in numbers])


def _customer(number: int) -> dict[str, Any]:
    return {"id": number, "person_id": number, "name": "林先生", "surname": "林", "opened_at": NOW}


def _appointment(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "number": f"A{number}",
        "state": AppointmentState.BOOKED.value,
        "service": "minor",
        "plate": "粤B12345",
        "customer_id": number,
        "starts_at": due(number) + timedelta(days=1),
        "minutes": 60,
        "bay": "G1",
        "cells": "{}",
        "deposit": Decimal(0),
        "source": Source.CUSTOMER.value,
        "benefits": True,
        "made_at": NOW,
    }


def _conversation(number: int) -> dict[str, Any]:
    start = due(number) + timedelta(days=1)
    return {
        "dialog": "appointment",
        "version": 1,
        "step": "keep",
        "state": states.write(Promise("minor", "粤B12345", "林先生", start, NOW, planned=True)),
        "person_id": number,
        "subject": f"A{number}",
        "asked_at": NOW,
        "opened_at": NOW,
    }


async def _multiply(unit: Unit, table: Table, size: int) -> None:
    """Copy the rows of `table` until there are `size`."""
    if size == WRITTEN:
        return
    copies = select(literal(1).label("nth")).cte("copies", recursive=True)
    copies = copies.union_all(select(copies.c.nth + 1).where(copies.c.nth + 1 < size // WRITTEN))
    further = copies.c.nth * WRITTEN

    def copied(column: Any) -> Any:
        if column.name in NUMBERS:
            return column + further
        if column.name in NAMES:
            return literal("A") + cast(table.c.id + further, CONVERSATIONS.c.subject.type)
        return column

    found = select(*(copied(column) for column in table.c)).select_from(table.join(copies, literal(1) == 1))
    await unit.run(insert(table).from_select([column.name for column in table.c], found))
