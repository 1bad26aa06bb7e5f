"""The settlement 结算单 of an order as it stands: its lines, and the terms that hold for it (D6, D7, B12)."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    select,
)

from domain.repair_orders import OrderState
from domain.settlement import Benefit, Line, LineKind, Settlement
from storage.engine import Unit
from storage.orders import REPAIR_ORDERS
from storage.schema import METADATA, Instant, Share

SETTLEMENTS = Table(
    "settlements",
    METADATA,
    Column("number", String(24), ForeignKey("repair_orders.number"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("lines", Text, nullable=False),
    Column("insurance", Boolean, nullable=False),
    Column("fleet", Boolean, nullable=False),
    Column("benefits", Boolean, nullable=False),
    Column("benefit", String(12), nullable=False),
    Column("discount", Share, nullable=False),
    Column("saved_at", Instant, nullable=False),
    Column("saved_by", BigInteger),
)

_COLUMNS = tuple(column.name for column in SETTLEMENTS.columns if not column.primary_key)


class Standing(NamedTuple):
    """The car of an order, and the version that its bill has now; 0: there is no bill."""

    plate: str
    version: int


async def save(unit: Unit, settlement: Settlement, now: datetime, person: int) -> None:
    """Write the bill as it stands now; the former version is overwritten (the audit log names both)."""
    lines = [
        {"name": line.name, "kind": line.kind.value, "price": str(line.price)} for line in settlement.lines
    ]
    fields: dict[str, Any] = {
        "number": settlement.number,
        "version": settlement.version,
        "lines": json.dumps(lines, ensure_ascii=False),
        "insurance": settlement.insurance,
        "fleet": settlement.fleet,
        "benefits": settlement.benefits,
        "benefit": settlement.benefit.value,
        "discount": settlement.discount,
        "saved_at": now,
        "saved_by": person or None,
    }
    await unit.run_many(unit.upsert(SETTLEMENTS, ("number",), _COLUMNS), [fields])


_PAID = (OrderState.SETTLED.value, OrderState.LEFT.value)
_ONE = select(SETTLEMENTS).where(SETTLEMENTS.c.number == bindparam("wanted"))


async def load(unit: Unit, number: str) -> Settlement | None:
    """The bill of order `number`; lock the order before you change it."""
    row = await unit.one(_ONE, {"wanted": number})
    return None if row is None else _read(row)


async def paid_by(unit: Unit, customer: int, but: str, limit: int = 100) -> list[Settlement]:
    """The bills that `customer` has paid on other orders than `but`, the newest first."""
    joined = SETTLEMENTS.join(REPAIR_ORDERS, REPAIR_ORDERS.c.number == SETTLEMENTS.c.number)
    wanted = (
        REPAIR_ORDERS.c.customer_id == customer,
        REPAIR_ORDERS.c.number != but,
        REPAIR_ORDERS.c.state.in_(_PAID),
    )
    found = select(SETTLEMENTS).select_from(joined).where(*wanted)
    return [_read(row) for row in await unit.rows(found.order_by(SETTLEMENTS.c.saved_at.desc()).limit(limit))]


async def as_they_stand(unit: Unit, numbers: Collection[str]) -> dict[str, Standing]:
    """Of each order among `numbers`, with a bill or without one."""
    joined = REPAIR_ORDERS.outerjoin(SETTLEMENTS, SETTLEMENTS.c.number == REPAIR_ORDERS.c.number)
    found = select(REPAIR_ORDERS.c.number, REPAIR_ORDERS.c.plate, SETTLEMENTS.c.version).select_from(joined)
    rows = await unit.rows(found.where(REPAIR_ORDERS.c.number.in_(numbers)))
    return {row.number: Standing(row.plate, row.version or 0) for row in rows}


def _read(row: Any) -> Settlement:
    lines = tuple(
        Line(each["name"], LineKind(each["kind"]), Decimal(each["price"])) for each in json.loads(row.lines)
    )
    return Settlement(
        row.number,
        row.version,
        lines,
        row.insurance,
        row.fleet,
        row.benefits,
        Benefit(row.benefit),
        row.discount,
    )
