"""Bills: what is written is read back to the fen, the newest version alone, and what a customer has paid (D6, D7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from domain.repair_orders import OrderState
from domain.settlement import Benefit, Line, LineKind, Settlement
from storage import orders, settlements
from storage.settlements import SETTLEMENTS, Standing
from tests.clock import MONDAY_TEN
from tests.storage.rows import a_person
from tests.storage.test_orders import an_order, an_owner, move

if TYPE_CHECKING:
    from storage.engine import Books, Unit

NUMBER = "JC261123-001"
FULL = Settlement(
    NUMBER,
    4,
    (
        Line("更换前刹车片：「原厂」", LineKind.PARTS, Decimal("1280.05")),
        Line("工时", LineKind.LABOUR, Decimal("0.10")),
        Line("喷漆", LineKind.PAINT_LABOUR, Decimal("9999999.99")),
        Line("脚垫", LineKind.ACCESSORIES, Decimal(0)),
    ),
    insurance=True,
    fleet=True,
    benefits=True,
    benefit=Benefit.VOUCHER,
    discount=Decimal("0.0825"),
)


async def paid(unit: Unit, owner: int, number: str, state: OrderState, minutes: int = 0) -> None:
    """An order in `state` with a bill, saved that much later than the others."""
    assert await orders.file(unit, an_order(owner, number, plate=f"沪{number}"), None)
    await move(unit, number, state)
    await settlements.save(unit, Settlement(number), MONDAY_TEN + timedelta(minutes=minutes), 0)


@pytest.mark.parametrize("bill", [FULL, Settlement(NUMBER)], ids=["everything", "nothing"])
async def test_d7_a_bill_is_read_back_as_it_was_written(books: Books, bill: Settlement) -> None:
    """Also its noughts: 0.10 yuan is written as 0.10 on the bill."""
    async with books.unit() as unit:
        assert await orders.file(unit, an_order(await an_owner(unit)), None)
        assert await settlements.load(unit, NUMBER) is None
        await settlements.save(unit, bill, MONDAY_TEN, await a_person(unit))
    async with books.unit() as unit:
        found = await settlements.load(unit, NUMBER)
        assert found == bill
        assert [str(line.price) for line in found.lines] == [str(line.price) for line in bill.lines]


async def test_d2_the_newest_version_takes_the_place_of_the_former(books: Books) -> None:
    async with books.unit() as unit:
        person = await a_person(unit)
        assert await orders.file(unit, an_order(await an_owner(unit)), None)
        await settlements.save(unit, FULL, MONDAY_TEN, person)
        newer = Settlement(NUMBER, 5, FULL.lines[:1], benefit=Benefit.PARTS, discount=Decimal("0.1"))
        await settlements.save(unit, newer, MONDAY_TEN + timedelta(hours=1), 0)
        assert await settlements.load(unit, NUMBER) == newer
        [row] = await unit.rows(select(SETTLEMENTS))
    assert (row.saved_at, row.saved_by) == (MONDAY_TEN + timedelta(hours=1), None)


async def test_d1_what_a_customer_has_paid_before(books: Books) -> None:
    """Bills of settled orders and of cars that have left, the newest first; not this one's, not anybody else's."""
    async with books.unit() as unit:
        owner, other = await an_owner(unit), await an_owner(unit)
        for place, state in enumerate(OrderState):
            await paid(unit, owner, f"JC-{state}", state, place)
        await paid(unit, owner, "JC-NOW", OrderState.LEFT)
        await paid(unit, other, "JC-OTHER", OrderState.LEFT)
        found = await settlements.paid_by(unit, owner, but="JC-NOW")
        assert [each.number for each in found] == ["JC-left", "JC-settled"]
        assert [each.number for each in await settlements.paid_by(unit, owner, "JC-NOW", 1)] == ["JC-left"]


async def test_d2_how_the_bills_of_some_orders_stand(books: Books) -> None:
    async with books.unit() as unit:
        owner = await an_owner(unit)
        for number, plate in ((NUMBER, "沪A12345"), ("JC261123-002", "沪AD12345"), ("JC261123-003", "沪A1")):
            assert await orders.file(unit, an_order(owner, number, plate), None)
        for each in (FULL, replace(FULL, number="JC261123-003")):
            await settlements.save(unit, each, MONDAY_TEN, 0)
        found = await settlements.as_they_stand(unit, [NUMBER, "JC261123-002", "JC261123-404"])
        assert found == {NUMBER: Standing("沪A12345", 4), "JC261123-002": Standing("沪AD12345", 0)}
        assert await settlements.as_they_stand(unit, []) == {}
