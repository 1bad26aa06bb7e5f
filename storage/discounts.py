"""Requests for a discount 优惠, and what was decided: once each, whoever presses at the same instant (D1–D5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    cast,
    func,
    select,
    text,
    update,
)

from domain.discounts import Discount, DiscountState
from domain.people import Role
from storage.engine import Unit
from storage.schema import METADATA, Instant, Money, Share
from storage.settlements import SETTLEMENTS

_IS_OPEN = text("state = 'open'")

DISCOUNTS = Table(
    "discounts",
    METADATA,
    Column("number", String(24), primary_key=True),
    Column("order_number", String(24), ForeignKey("repair_orders.number"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(12), nullable=False),
    Column("asked", Share, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("asked_by", BigInteger),
    Column("asked_name", String(128), nullable=False, default=""),
    Column("level", String(32), nullable=False),
    Column("total", Money, nullable=False),
    Column("customer_id", BigInteger, ForeignKey("customers.id"), nullable=False),
    Column("tier", String(16), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("decided_by", BigInteger),
    Column("decided_name", String(128), nullable=False, default=""),
    Column("decided_at", Instant),
    Column("granted", Share, nullable=False),
    Column("amount", Money, nullable=False),
    Column("refusal", Text, nullable=False, default=""),
    Index("ix_discounts_customer", "customer_id", "asked_at"),
    Index("ix_discounts_decided_at", "decided_at"),
    # One request at a time for an order.
    Index(
        "uq_discounts_order", "order_number", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
    ),
)

_IS_DECIDED = DISCOUNTS.c.state.in_((DiscountState.GRANTED.value, DiscountState.REFUSED.value))


async def ask(unit: Unit, discount: Discount) -> bool:
    """Write a new request. False if another one for the same order is open."""
    fields = {
        "number": discount.number,
        "order_number": discount.order,
        "version": discount.version,
        "state": discount.state.value,
        "asked": discount.asked,
        "asked_at": discount.asked_at,
        "asked_by": discount.asked_by or None,
        "asked_name": discount.asked_name[:128],
        "level": discount.level.value,
        "total": discount.total,
        "customer_id": discount.customer_id,
        "tier": discount.tier,
        "reason": discount.reason,
        "granted": discount.granted,
        "amount": discount.amount,
    }
    return await unit.run(unit.insert_new(DISCOUNTS).values(**fields)) == 1


async def change(unit: Unit, number: str, **fields: Any) -> bool:
    """Give the open request `number` these fields; False if it is not open any more (D3: the first decision wins)."""
    open_one = DISCOUNTS.c.number == number, DISCOUNTS.c.state == DiscountState.OPEN.value
    return await unit.run(update(DISCOUNTS).where(*open_one).values(**fields)) == 1


async def of_order(unit: Unit, order: str) -> list[Discount]:
    """Every request for `order`, the oldest first."""
    found = select(DISCOUNTS).where(DISCOUNTS.c.order_number == order)
    return [_read(row) for row in await unit.rows(found.order_by(DISCOUNTS.c.asked_at, DISCOUNTS.c.number))]


async def recent(unit: Unit, limit: int = 200) -> list[Discount]:
    """The requests granted or refused last, the newest first."""
    found = select(DISCOUNTS).where(_IS_DECIDED)
    newest = DISCOUNTS.c.decided_at.desc(), DISCOUNTS.c.number.desc()
    return [_read(row) for row in await unit.rows(found.order_by(*newest).limit(limit))]


async def decided(unit: Unit, since: datetime, until: datetime) -> list[Discount]:
    """What was granted or refused from `since` up to `until`, the oldest first."""
    wanted = _IS_DECIDED, DISCOUNTS.c.decided_at >= since, DISCOUNTS.c.decided_at < until
    found = select(DISCOUNTS).where(*wanted).order_by(DISCOUNTS.c.decided_at, DISCOUNTS.c.number)
    return [_read(row) for row in await unit.rows(found)]


async def granted_since(unit: Unit, since: datetime) -> Decimal:
    """How much was granted from `since` on, in yuan; what was granted on a bill that has changed since is void."""
    return await _granted(unit, DISCOUNTS.c.decided_at >= since)


async def granted_to(unit: Unit, customer: int, but: str) -> Decimal:
    """How much this customer was granted on other orders than `but`, in yuan; counted as in `granted_since`."""
    return await _granted(unit, DISCOUNTS.c.customer_id == customer, DISCOUNTS.c.order_number != but)


async def _granted(unit: Unit, *wanted: ColumnElement[bool]) -> Decimal:
    stands = (
        SETTLEMENTS.c.number == DISCOUNTS.c.order_number,
        SETTLEMENTS.c.version == DISCOUNTS.c.version,
        DISCOUNTS.c.state == DiscountState.GRANTED.value,
    )
    fen = func.coalesce(func.sum(cast(DISCOUNTS.c.amount, BigInteger)), 0).label("fen")
    row = await unit.one(select(fen).where(*stands, *wanted))
    return Decimal(row.fen).scaleb(-2) if row else Decimal(0)


async def open_requests(unit: Unit) -> Sequence[Discount]:
    """Everything that still waits for a decision, the oldest first."""
    found = select(DISCOUNTS).where(DISCOUNTS.c.state == DiscountState.OPEN.value)
    return [_read(row) for row in await unit.rows(found.order_by(DISCOUNTS.c.asked_at, DISCOUNTS.c.number))]


def _read(row: Any) -> Discount:
    return Discount(
        number=row.number,
        order=row.order_number,
        version=row.version,
        asked=row.asked,
        asked_at=row.asked_at,
        level=Role(row.level),
        total=row.total,
        customer_id=row.customer_id,
        asked_by=row.asked_by or 0,
        asked_name=row.asked_name,
        tier=row.tier,
        reason=row.reason,
        state=DiscountState(row.state),
        decided_by=row.decided_by or 0,
        decided_name=row.decided_name,
        decided_at=row.decided_at,
        granted=row.granted,
        amount=row.amount,
        refusal=row.refusal,
    )
