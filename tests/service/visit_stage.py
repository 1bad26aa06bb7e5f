"""Two cars in the shop: one in work with a question to its owner, and one that is ready (O1, X1, P2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from dialogs.effects import FileOrder
from domain.customers import Customer
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder
from service.briefing import Briefing
from service.trade import Bench, apply
from storage.conversations import Conversation
from storage.engine import Unit
from tests.clock import MONDAY_TEN
from tests.service.front_door import FrontDoor

PROMISED_ORDER, READY_ORDER = "JC261123-901", "JC261123-902"
MORE_WORK = "更换雨刮片"
TOMORROW = MONDAY_TEN + timedelta(days=1)


async def take_in(door: FrontDoor, unit: Unit, advisor: int, who: str) -> None:
    """A caller's car in the shop, in work and promised for tomorrow, with more work that waits for a yes or no.

    And a second one that is ready. `who` is the first name of `advisor`.
    """
    more = {
        "item": MORE_WORK,
        "price": "128.00",
        "why": "雨刮胶条老化",
        "until": "",
        "safety": False,
        "photo": None,
    }
    now = door.clock.now()
    happened: tuple[tuple[OrderHappening, dict[str, Any]], ...] = (
        (OrderHappening.OPENED, {}),
        (OrderHappening.PROMISED, {"at": TOMORROW.isoformat(), "reason": ""}),
        (OrderHappening.CONFIRMED, {"how": "paper"}),
        (OrderHappening.MOVED, {"state": OrderState.IN_SHOP.value}),
        (OrderHappening.MOVED, {"state": OrderState.IN_WORK.value}),
        (OrderHappening.PROPOSED, more),
    )
    history = tuple(OrderEntry(now, happening, advisor, who, details) for happening, details in happened)
    order = RepairOrder(
        PROMISED_ORDER,
        "粤B55555",
        0,
        0,
        "陈先生",
        advisor,
        who,
        now,
        OrderState.IN_WORK,
        items=(Item("更换刹车片", Decimal(680)),),
        phone="+8613712345678",
        history=history,
    )
    newcomer = Customer(0, None, "陈强", "陈", "先生", "+8613712345678")
    nobody = Conversation(0, "", None, "", "", 1, now, now)
    bench = Bench(unit, door.house.store, Briefing(unit, door.house, now), now, nobody)
    await apply(FileOrder(order, newcomer), bench)
    done = tuple(
        OrderEntry(now, OrderHappening.MOVED, advisor, who, {"state": state.value})
        for state in (OrderState.INSPECTION, OrderState.READY)
    )
    ready = replace(order, number=READY_ORDER, plate="粤B44444", history=(*history[:-1], *done))
    await apply(FileOrder(replace(ready, state=OrderState.READY), newcomer), bench)
