"""Customer and vehicle files 客户档案 (A1, A2)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, func, insert, select, update

from domain.customers import Customer, Vehicle
from storage import locks
from storage.engine import Unit
from storage.locks import Lock
from storage.schema import METADATA, Instant, RowId, among

CUSTOMERS = Table(
    "customers",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("person_id", BigInteger, ForeignKey("people.id"), unique=True),
    Column("name", String(64), nullable=False, default=""),
    Column("surname", String(16), nullable=False, default=""),
    Column("salutation", String(8), nullable=False, default=""),
    Column("phone", String(20), nullable=False, default="", index=True),
    Column("tier", String(16), nullable=False, default=""),
    Column("consent_at", Instant),
    Column("opened_at", Instant, nullable=False),
)

VEHICLES = Table(
    "vehicles",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("plate", String(16), nullable=False, unique=True),
    Column("model", String(64), nullable=False, default=""),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
)


def _files(condition: Any) -> Any:
    """One row per vehicle of every file that meets `condition`, or one without a vehicle."""
    return (
        select(CUSTOMERS, VEHICLES.c.id.label("vehicle_id"), VEHICLES.c.plate, VEHICLES.c.model)
        .outerjoin(VEHICLES, VEHICLES.c.customer_id == CUSTOMERS.c.id)
        .where(condition)
        .order_by(CUSTOMERS.c.id, VEHICLES.c.id)
    )


_OF_PEOPLE = _files(among(CUSTOMERS.c.person_id, "people"))


async def of_people(unit: Unit, people: Collection[int]) -> dict[int, Customer]:
    """The customer files of `people`, by person."""
    if not people:
        return {}
    found = await _read(unit, _OF_PEOPLE, {"people": list(people)})
    return {customer.person_id: customer for customer in found if customer.person_id is not None}


async def by_ids(unit: Unit, ids: Collection[int]) -> dict[int, Customer]:
    """Customer files by number."""
    return {one.id: one for one in await _read(unit, _files(CUSTOMERS.c.id.in_(ids)))} if ids else {}


async def by_plate(unit: Unit, plate: str) -> Customer | None:
    """Whose vehicle carries `plate` (normal form)."""
    owner = select(VEHICLES.c.customer_id).where(VEHICLES.c.plate == plate).scalar_subquery()
    found = await _read(unit, _files(CUSTOMERS.c.id == owner))
    return found[0] if found else None


async def by_phone(unit: Unit, phone: str) -> Customer | None:
    """Whose number is `phone` (international form); of several files with it the one opened last."""
    latest = select(func.max(CUSTOMERS.c.id)).where(CUSTOMERS.c.phone == phone).scalar_subquery()
    found = await _read(unit, _files(CUSTOMERS.c.id == latest))
    return found[0] if found else None


async def by_plate_or_phone(unit: Unit, sought: str) -> Customer | None:
    """Whose file a plate (normal form) or phone number (international form) leads to."""
    return await (by_phone(unit, sought) if sought.startswith("+") else by_plate(unit, sought))


async def _read(unit: Unit, statement: Any, parameters: Any = None) -> list[Customer]:
    rows = await unit.rows(statement, parameters)
    vehicles: dict[int, list[Vehicle]] = {}
    for row in rows:
        if row.vehicle_id is not None:
            vehicles.setdefault(row.id, []).append(Vehicle(row.vehicle_id, row.plate, row.model))
    return [
        Customer(
            row.id, row.person_id, row.name, row.surname, row.salutation, row.phone, row.tier, row.consent_at,
            tuple(vehicles.get(row.id, ())),
        )
        for row in {row.id: row for row in rows}.values()
    ]  # fmt: skip


async def alone_with(unit: Unit, phone: str) -> None:
    """Until this transaction is over nobody else looks for `phone` to open a file: two would each open one (A1).

    On SQLite there is one writer at a time anyway.
    """
    await locks.alone(unit, Lock.PHONES, phone)


async def open_file(unit: Unit, person: int | None, now: datetime, **fields: Any) -> int:
    """Open a customer file; its number. One that the person has already is left as it is."""
    if person is not None:
        await unit.run(
            unit.insert_new(CUSTOMERS, unless=("person_id",)).values(person_id=person, opened_at=now)
        )
        row = await unit.one(select(CUSTOMERS.c.id).where(CUSTOMERS.c.person_id == person))
    else:
        row = await unit.one(insert(CUSTOMERS).values(opened_at=now).returning(CUSTOMERS.c.id))
    assert row is not None
    await change_file(unit, row.id, **fields)
    return int(row.id)


async def change_file(unit: Unit, customer: int, **fields: Any) -> None:
    """Write fields of a customer file."""
    if fields:
        await unit.run(update(CUSTOMERS).where(CUSTOMERS.c.id == customer).values(**fields))


async def keep_vehicle(unit: Unit, customer: int, plate: str, model: str, now: datetime) -> bool:
    """Note that `plate` belongs to `customer`; False if it is somebody else's (A1: one vehicle, one file)."""
    new = unit.insert_new(VEHICLES, unless=("plate",))
    await unit.run(new.values(plate=plate, model=model, customer_id=customer, opened_at=now))
    mine = VEHICLES.c.plate == plate, VEHICLES.c.customer_id == customer
    if model:
        return await unit.run(update(VEHICLES).where(*mine).values(model=model)) == 1
    return await unit.one(select(VEHICLES.c.id).where(*mine)) is not None
