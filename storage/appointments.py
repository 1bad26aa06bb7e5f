"""Appointment forms 预约单: the register (B7) and the slot each of them keeps."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
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
    func,
    insert,
    select,
    update,
)

from domain.appointments import Appointment, AppointmentState, Source
from storage import bays
from storage.customers import CUSTOMERS, VEHICLES
from storage.engine import Unit
from storage.schema import METADATA, Instant, Money, RowId

APPOINTMENTS = Table(
    "appointments",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("number", String(24), nullable=False, unique=True),
    Column("state", String(20), nullable=False),
    Column("service", String(32), nullable=False),
    Column("plate", String(16), nullable=False),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("minutes", Integer, nullable=False),
    Column("bay", String(16), nullable=False),
    Column("cells", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("deposit", Money, nullable=False, default=Decimal(0)),
    Column("source", String(12), nullable=False),
    Column("benefits", Boolean, nullable=False),
    Column("held_until", Instant),
    Column("made_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", BigInteger),
    Index("ix_appointments_customer", "customer_id", "starts_at"),
)

_STANDING = [state.value for state in AppointmentState if state.standing]
_USUAL = (
    select(APPOINTMENTS.c.service)
    .where(
        APPOINTMENTS.c.customer_id == bindparam("customer"),
        APPOINTMENTS.c.state.in_([AppointmentState.ARRIVED.value, *_STANDING]),
    )
    .group_by(APPOINTMENTS.c.service)
    .order_by(func.count().desc(), APPOINTMENTS.c.service)
    .limit(3)
)


def _read(row: Any) -> Appointment:
    return Appointment(
        number=row.number,
        state=AppointmentState(row.state),
        service=row.service,
        plate=row.plate,
        starts_at=row.starts_at,
        minutes=row.minutes,
        customer_id=row.customer_id,
        person_id=row.person_id,
        bay=row.bay,
        description=row.description,
        deposit=row.deposit,
        source=Source(row.source),
        acknowledged=row.acknowledged_at is not None,
        benefits=row.benefits,
    )


def _select(*conditions: Any) -> Any:
    joined = APPOINTMENTS.join(CUSTOMERS, APPOINTMENTS.c.customer_id == CUSTOMERS.c.id)
    columns = (APPOINTMENTS, CUSTOMERS.c.person_id)
    return select(*columns).select_from(joined).where(*conditions).order_by(APPOINTMENTS.c.starts_at)


async def by_number(unit: Unit, number: str) -> Appointment | None:
    """The form with this number."""
    return (await by_numbers(unit, [number])).get(number)


async def by_numbers(unit: Unit, numbers: Collection[str]) -> dict[str, Appointment]:
    """Those of the forms `numbers` that there are."""
    if not numbers:
        return {}
    return {row.number: _read(row) for row in await unit.rows(_select(APPOINTMENTS.c.number.in_(numbers)))}


async def standing_of(unit: Unit, customers: Collection[int]) -> dict[int, tuple[Appointment, ...]]:
    """Standing appointments by customer, soonest first."""
    found: dict[int, tuple[Appointment, ...]] = {}
    if customers:
        wanted = APPOINTMENTS.c.customer_id.in_(customers), APPOINTMENTS.c.state.in_(_STANDING)
        for row in await unit.rows(_select(*wanted)):
            found[row.customer_id] = (*found.get(row.customer_id, ()), _read(row))
    return found


async def between(unit: Unit, first: datetime, last: datetime) -> list[Appointment]:
    """The register from `first` up to `last`, whatever became of them (B7)."""
    wanted = APPOINTMENTS.c.starts_at >= first, APPOINTMENTS.c.starts_at < last
    return [_read(row) for row in await unit.rows(_select(*wanted))]


async def usual_of(unit: Unit, customer: int) -> tuple[str, ...]:
    """Codes of the services that `customer` really came for, the most frequent first."""
    return tuple(row.service for row in await unit.rows(_USUAL, {"customer": customer}))


async def slot_of(unit: Unit, number: str) -> tuple[AppointmentState, str, dict[date, int]] | None:
    """State, bay and cells of form `number`, locked for this transaction together with the bays (`bays.alone`)."""
    await bays.alone(unit)
    columns = APPOINTMENTS.c.state, APPOINTMENTS.c.bay, APPOINTMENTS.c.cells
    found = select(*columns).where(APPOINTMENTS.c.number == number)
    row = await unit.one(found.with_for_update() if unit.is_postgres else found)
    if row is None:
        return None
    cells = {date.fromisoformat(day): mask for day, mask in json.loads(row.cells).items()}
    return AppointmentState(row.state), row.bay, cells


async def write(unit: Unit, number: str, cells: Mapping[date, int], **fields: Any) -> None:
    """Make form `number`, or give it these fields."""
    kept = json.dumps({day.isoformat(): mask for day, mask in cells.items()})
    changed = update(APPOINTMENTS).where(APPOINTMENTS.c.number == number)
    later = {name: value for name, value in fields.items() if name != "made_at"}
    if await unit.run(changed.values(cells=kept, **later)) == 0:
        await unit.run(insert(APPOINTMENTS).values(number=number, cells=kept, **fields))


async def mark(unit: Unit, number: str, state: AppointmentState) -> None:
    """Form `number` is in `state` now."""
    changed = update(APPOINTMENTS).where(APPOINTMENTS.c.number == number)
    await unit.run(changed.values(state=state.value, held_until=None))


async def acknowledge(unit: Unit, number: str, person: int, now: datetime) -> bool:
    """The workshop keeps the bay (B6); False if it was acknowledged before."""
    first = update(APPOINTMENTS).where(
        APPOINTMENTS.c.number == number, APPOINTMENTS.c.acknowledged_at.is_(None)
    )
    return await unit.run(first.values(acknowledged_at=now, acknowledged_by=person)) == 1


async def describe(unit: Unit, number: str, description: str) -> None:
    """The customer's own words (B2)."""
    changed = update(APPOINTMENTS).where(APPOINTMENTS.c.number == number)
    await unit.run(changed.values(description=description))


async def register(unit: Unit, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Every form from `first` up to `last` with customer and vehicle, for export (B7)."""
    joined = APPOINTMENTS.join(CUSTOMERS, APPOINTMENTS.c.customer_id == CUSTOMERS.c.id).outerjoin(
        VEHICLES, APPOINTMENTS.c.plate == VEHICLES.c.plate
    )
    columns = (APPOINTMENTS, CUSTOMERS.c.name, CUSTOMERS.c.salutation, CUSTOMERS.c.phone, VEHICLES.c.model)
    wanted = APPOINTMENTS.c.starts_at >= first, APPOINTMENTS.c.starts_at < last
    found = select(*columns).select_from(joined).where(*wanted)
    return await unit.records(found.order_by(APPOINTMENTS.c.starts_at, APPOINTMENTS.c.number))
