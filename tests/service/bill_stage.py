"""A car that is ready with its bill, and one whose bill somebody has asked a discount on (D1)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete

from dialogs.discount_card import Asked
from dialogs.effects import AskDiscount, FileOrder, SaveSettlement
from domain.customers import Customer
from domain.discounts import Discount
from domain.people import Role
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder
from domain.settlement import Line, LineKind, Settlement
from service.briefing import Briefing
from service.trade import Bench, apply
from storage import orders
from storage.conversations import Conversation
from storage.discounts import DISCOUNTS
from storage.engine import Unit

BILLED_ORDER, ASKED_ORDER = "JC261123-903", "JC261123-904"
REQUEST = "YH261123-901"
ASKED = Asked(REQUEST)
PRICE = Decimal(1000)


async def bill(door: Any, unit: Unit, number: str, *, person: int = 0, share: str = "0.05") -> None:
    """Order `number` of the customer in chat `person` is ready, with a bill of 1000 yuan.

    On ASKED_ORDER a customer asks for `share` off, again where that was decided; the general manager has to decide.
    """
    now: datetime = door.clock.now()
    happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
        (OrderHappening.OPENED, {}),
        (OrderHappening.PROMISED, {"at": now.replace(hour=9, minute=0).isoformat(), "reason": ""}),
        (OrderHappening.CONFIRMED, {"how": "paper"}),
        (OrderHappening.MOVED, {"state": OrderState.IN_SHOP.value}),
        (OrderHappening.MOVED, {"state": OrderState.READY.value}),
    )
    order = RepairOrder(
        number,
        f"粤B33{number[-3:]}",
        0,
        person,
        "郑先生",
        0,
        "",
        now,
        OrderState.READY,
        items=(Item("更换刹车片", PRICE),),
        phone="+8613612345678",
        history=tuple(OrderEntry(now, each, 0, "", details) for each, details in happened),
    )
    nobody = Conversation(0, "", None, "", "", 1, now, now)
    bench = Bench(unit, door.house.store, Briefing(unit, door.house, now), now, nobody)
    if await orders.load(unit, number) is None:
        await apply(FileOrder(order, Customer(0, None, "郑强", "郑", "先生", order.phone)), bench)
    settlement = Settlement(number, lines=(Line("更换刹车片", LineKind.LABOUR, PRICE),))
    await apply(SaveSettlement(settlement), bench)
    if number == ASKED_ORDER:
        await unit.run(delete(DISCOUNTS).where(DISCOUNTS.c.number == REQUEST))  # also where it was decided
        await apply(AskDiscount(await _request(unit, now, Decimal(share))), bench)


async def _request(unit: Unit, now: datetime, share: Decimal) -> Discount:
    filed = await orders.load(unit, ASKED_ORDER)
    assert filed is not None
    return Discount(REQUEST, ASKED_ORDER, 1, share, now, Role.GENERAL_MANAGER, PRICE, filed.customer_id)
