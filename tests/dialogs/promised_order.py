"""A car in the shop that is promised for four in the afternoon, and the people who are asked about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dialogs.facts import Who
from domain.people import Role
from domain.repair_orders import Item, OrderEntry, OrderHappening, OrderState, RepairOrder, state_of
from tests.dialogs.conftest import ADVISOR, MONDAY, WORKSHOP

NUMBER = "JC261123-040"
PROMISED = MONDAY + timedelta(hours=7)
HALF_PAST_TWO = MONDAY + timedelta(hours=5, minutes=30)
PARTS = Who(person_id=14, first_name="孙经理", roles=frozenset({Role.PARTS_MANAGER}))
SUPERVISOR = Who(person_id=15, first_name="何主管", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))


def happened(happening: OrderHappening, by: Who = ADVISOR, **details: Any) -> OrderEntry:
    """At half past two."""
    return OrderEntry(HALF_PAST_TWO, happening, by.person_id, by.first_name, details)


def promised(at: datetime, reason: str = "") -> OrderEntry:
    return happened(OrderHappening.PROMISED, at=at.isoformat(), reason=reason)


def order_in(state: OrderState = OrderState.IN_WORK, *more: OrderEntry, person: int = 3) -> RepairOrder:
    """Mr Wang's order; `person` 0: he has no chat."""
    first = {"at": PROMISED.isoformat(), "reason": ""}
    history = (
        OrderEntry(MONDAY, OrderHappening.PROMISED, 11, "林顾问", first),
        OrderEntry(MONDAY, OrderHappening.MOVED, 11, "林顾问", {"state": OrderState.IN_SHOP.value}),
        OrderEntry(MONDAY, OrderHappening.MOVED, 12, WORKSHOP.first_name, {"state": state.value}),
        *more,
    )
    return RepairOrder(
        number=NUMBER,
        plate="粤B12345",
        customer_id=7,
        person_id=person,
        address="王先生",
        advisor=ADVISOR.person_id,
        advisor_name=ADVISOR.first_name,
        opened_at=MONDAY,
        state=state_of(history),
        items=(Item("更换刹车片", Decimal(680)),),
        history=history,
    )
