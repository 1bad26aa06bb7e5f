"""The card of one repair order as tests play it alone: what it is told, and what it tells others."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from dialogs.call import Call
from dialogs.core import Entered, Home, Open, Tell, Told
from dialogs.facts import Who
from domain.people import Role
from domain.pickup import standing_promise
from domain.repair_orders import (
    Item,
    OrderEntry,
    OrderHappening,
    OrderState,
    RepairOrder,
)
from tests.dialogs.conftest import ADVISOR, MONDAY, WORKSHOP, Conversation, Desk

SUPERVISOR = Who(13, "陈晓", roles=frozenset({Role.FRONT_DESK_SUPERVISOR}))
SETTLER = Who(14, "吴芳", roles=frozenset({Role.SETTLEMENT_MANAGER}))
CUSTOMER = Who(3, "小王")
NOBODY = Who()
FIVE = MONDAY.replace(hour=17)
NUMBER = "JC261123-041"


def order_of(**fields: Any) -> RepairOrder:
    history = (
        OrderEntry(MONDAY, OrderHappening.OPENED, ADVISOR.person_id, ADVISOR.first_name),
        OrderEntry(MONDAY, OrderHappening.PROMISED, ADVISOR.person_id, "", {"at": FIVE.isoformat()}),
    )
    known: dict[str, Any] = {
        "number": NUMBER,
        "plate": "粤B12345",
        "customer_id": 7,
        "person_id": 3,
        "address": "王先生",
        "phone": "+8613800138000",
        "advisor": ADVISOR.person_id,
        "advisor_name": ADVISOR.first_name,
        "opened_at": MONDAY,
        "items": (Item("小保养", Decimal(398)),),
        "history": history,
    }
    return RepairOrder(**(known | fields))


def desk_with_order(**fields: Any) -> Desk:
    """A desk with an order that nobody has signed yet; its advisor acts."""
    return Desk(colleagues=(ADVISOR, WORKSHOP, SUPERVISOR, SETTLER), order=order_of(**fields), who=ADVISOR)


def card_of(desk: Desk) -> Conversation:
    desk.home_person = 0
    return desk.begin("order_desk", None, NUMBER).on(Entered())


def told(card: Conversation, news: str, who: Who = NOBODY, **words: Any) -> Conversation:
    card.desk.who = who
    return card.on(Told(news, words))


def in_work(desk: Desk) -> Conversation:
    card = told(card_of(desk), "signed", CUSTOMER)
    desk.who = WORKSHOP
    return card.press("in_work")


def ready(desk: Desk, at: datetime) -> Conversation:
    card = in_work(desk)
    desk.now, desk.who = at, WORKSHOP
    card.press("inspection")
    desk.who = ADVISOR
    card.press("ready")
    for item in ("checked", "cleaned", "counted", "summed"):
        card.press("tick", item)
    return card.press("all_ready")


def history(desk: Desk, *happenings: OrderHappening) -> list[OrderEntry]:
    assert desk.order is not None
    return list(desk.order.of(*happenings))


def state_of(desk: Desk) -> OrderState:
    assert desk.order is not None
    return desk.order.state


def promise_of(desk: Desk) -> datetime:
    assert desk.order is not None
    promise = standing_promise(desk.order)
    assert promise is not None
    return promise.at


def news_of(card: Conversation, dialog: str) -> list[str]:
    return [tell.news for tell in card.of(Tell) if tell.dialog == dialog]


def homes(card: Conversation, dialog: str) -> list[Home]:
    return [each.home for each in card.of(Open) if each.dialog == dialog]


def calls(card: Conversation) -> list[Call]:
    return [each.state for each in card.of(Open) if each.dialog == "call"]
