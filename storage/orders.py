"""Repair orders 进厂维修单 and the history of each visit, which is only ever added to (O1–O5)."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
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
    insert,
    select,
    text,
    union,
    update,
)

from domain.repair_orders import (
    Arrival,
    Estimate,
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    PartsOrigin,
    RepairOrder,
)
from storage.engine import Unit
from storage.schema import METADATA, Instant, RowId

_OVER = [state.value for state in OrderState if not state.is_open]
_IS_OPEN = text("state NOT IN ('left', 'cancelled')")
_HAS_REFERENCE = text("reference <> ''")

REPAIR_ORDERS = Table(
    "repair_orders",
    METADATA,
    Column("number", String(24), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("plate", String(16), nullable=False),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("person_id", BigInteger),
    Column("address", String(64), nullable=False, default=""),
    Column("phone", String(20), nullable=False, default=""),
    Column("tier", String(16), nullable=False, default=""),
    Column("advisor_id", BigInteger),
    Column("advisor_name", String(128), nullable=False, default=""),
    Column("items", Text, nullable=False, default="[]"),
    Column("arrival", Text, nullable=False, default="{}"),
    Column("fault", Text, nullable=False, default=""),
    Column("appointment", String(24), nullable=False, default=""),
    Column("benefits", Boolean, nullable=False, default=False),
    Column("reference", String(64), nullable=False, default=""),
    Column("opened_at", Instant, nullable=False),
    Column("promised_at", Instant),
    Column("left_at", Instant),
    Index("ix_repair_orders_person", "person_id", "state"),
    Index("ix_repair_orders_state", "state", "promised_at"),
    Index("ix_repair_orders_left_at", "left_at"),
    Index("ix_repair_orders_customer", "customer_id", "state"),
    # A car is in the shop once: two advisors who open an order for it at the same instant make one.
    Index(
        "uq_repair_orders_plate",
        "plate",
        unique=True,
        sqlite_where=_IS_OPEN,
        postgresql_where=_IS_OPEN,
    ),
    # The same order of the shop's own system is imported once (O4).
    Index(
        "uq_repair_orders_reference",
        "reference",
        unique=True,
        sqlite_where=_HAS_REFERENCE,
        postgresql_where=_HAS_REFERENCE,
    ),
)

ORDER_ENTRIES = Table(
    "order_entries",
    METADATA,
    Column("id", RowId, primary_key=True),
    Column("number", String(24), ForeignKey("repair_orders.number"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("happening", String(16), nullable=False),
    Column("person_id", BigInteger),
    Column("who", String(128), nullable=False, default=""),
    Column("details", Text, nullable=False, default="{}"),
    Index("ix_order_entries_number", "number", "id"),
)

MOST_LISTED = 200  # orders that one list shows


# ---------------------------------------------------------------- writing


async def file(unit: Unit, order: RepairOrder, promised_at: datetime | None) -> bool:
    """Write a new order; its history is noted separately. False if its car, or its reference, has one already."""
    fields: dict[str, Any] = {
        "number": order.number,
        "state": order.state.value,
        "plate": order.plate,
        "customer_id": order.customer_id,
        "person_id": order.person_id or None,
        "address": order.address[:64],
        "phone": order.phone,
        "tier": order.tier,
        "advisor_id": order.advisor or None,
        "advisor_name": order.advisor_name[:128],
        "items": json.dumps([asdict(item) for item in order.items], ensure_ascii=False, default=str),
        "arrival": json.dumps(asdict(order.arrival), ensure_ascii=False),
        "fault": order.fault,
        "appointment": order.appointment,
        "benefits": order.benefits,
        "reference": order.reference,
        "opened_at": order.opened_at,
        "promised_at": promised_at,
        "left_at": None,
    }
    return await unit.run(unit.insert_new(REPAIR_ORDERS).values(**fields)) == 1


async def note(unit: Unit, number: str, entries: Iterable[OrderEntry]) -> None:
    """Add `entries` to the history of order `number`."""
    await unit.run_many(
        insert(ORDER_ENTRIES),
        (
            {
                "number": number,
                "at": entry.at,
                "happening": entry.happening.value,
                "person_id": entry.person or None,
                "who": entry.who[:128],
                "details": json.dumps(dict(entry.details), ensure_ascii=False),
            }
            for entry in entries
        ),
    )


async def change(unit: Unit, number: str, **fields: Any) -> None:
    """Give order `number` these fields: what lists look up, and what its history does not hold."""
    if fields:
        await unit.run(update(REPAIR_ORDERS).where(REPAIR_ORDERS.c.number == number).values(**fields))


# ---------------------------------------------------------------- reading

_ONE = select(REPAIR_ORDERS).where(REPAIR_ORDERS.c.number == bindparam("wanted"))
_ONE_LOCKED = _ONE.with_for_update()
_HISTORY = (
    select(ORDER_ENTRIES).where(ORDER_ENTRIES.c.number == bindparam("wanted")).order_by(ORDER_ENTRIES.c.id)
)
_OPEN_FOR = select(REPAIR_ORDERS.c.number).where(
    # In the words of the partial index, or it would not be used.
    REPAIR_ORDERS.c.plate == bindparam("wanted"),
    _IS_OPEN,
)


async def load(unit: Unit, number: str, *, locked: bool = True) -> RepairOrder | None:
    """Order `number` with its history; `locked` for this transaction, so that nobody adds to it meanwhile."""
    row = await unit.one(_ONE_LOCKED if locked and unit.is_postgres else _ONE, {"wanted": number})
    if row is None:
        return None
    return _read(row, [_entry(each) for each in await unit.rows(_HISTORY, {"wanted": number})])


async def open_for(unit: Unit, plate: str) -> str:
    """The number of the order under which `plate` is in the shop; empty if it is not."""
    row = await unit.one(_OPEN_FOR, {"wanted": plate})
    return str(row.number) if row else ""


async def open_of(unit: Unit, person: int) -> tuple[str, ...]:
    """Numbers of the open orders of the customer `person`, the oldest first."""
    wanted = REPAIR_ORDERS.c.person_id == person, REPAIR_ORDERS.c.state.notin_(_OVER)
    found = select(REPAIR_ORDERS.c.number).where(*wanted).order_by(REPAIR_ORDERS.c.number)
    return tuple(row.number for row in await unit.rows(found))


async def in_shop(unit: Unit) -> list[Any]:
    """Open orders, the one promised soonest first."""
    found = select(REPAIR_ORDERS).where(REPAIR_ORDERS.c.state.notin_(_OVER))
    soonest_first = REPAIR_ORDERS.c.promised_at, REPAIR_ORDERS.c.number
    return await unit.rows(found.order_by(*soonest_first).limit(MOST_LISTED))


async def known(
    unit: Unit, references: Collection[str], plates: Collection[str], since: datetime
) -> list[Any]:
    """Orders that rows of the shop's own list may be (O4): number, reference, plate, state, promised_at.

    Those with one of these `references`; those of the cars `plates` that are open, or were promised `since`.
    """
    columns = [REPAIR_ORDERS.c[name] for name in ("number", "reference", "plate", "state", "promised_at")]
    orders = REPAIR_ORDERS.c
    recent = orders.state.in_(_OVER) & (orders.promised_at >= since)
    named = [each for each in references if each]
    # As one statement without OR, so that each part has its index.
    parts = (
        orders.reference.in_(named) & _HAS_REFERENCE,
        orders.plate.in_(plates) & _IS_OPEN,
        orders.plate.in_(plates) & recent,
    )
    return await unit.rows(union(*(select(*columns).where(part) for part in parts)))


# ---------------------------------------------------------------- rows


def _entry(row: Any) -> OrderEntry:
    return OrderEntry(
        row.at, OrderHappening(row.happening), row.person_id or 0, row.who, json.loads(row.details)
    )


def _read(row: Any, history: Sequence[OrderEntry]) -> RepairOrder:
    return RepairOrder(
        number=row.number,
        plate=row.plate,
        customer_id=row.customer_id,
        person_id=row.person_id or 0,
        address=row.address,
        advisor=row.advisor_id or 0,
        advisor_name=row.advisor_name,
        opened_at=row.opened_at,
        state=OrderState(row.state),
        items=tuple(_item(each) for each in json.loads(row.items)),
        arrival=_arrival(json.loads(row.arrival)),
        fault=row.fault,
        appointment=row.appointment,
        phone=row.phone,
        tier=row.tier,
        benefits=row.benefits,
        reference=row.reference,
        history=tuple(history),
    )


def _item(kept: dict[str, Any]) -> Item:
    estimate, origin = Estimate(kept["estimate"]), PartsOrigin(kept["origin"])
    return Item(kept["name"], Decimal(kept["price"]), estimate, origin)


def _arrival(kept: dict[str, Any]) -> Arrival:
    photos = tuple((kind, file) for kind, file in kept["photos"])
    return Arrival(kept["mileage"], kept["fuel"], kept["key"], tuple(kept["items"]), photos)
