"""A bill in the making, for the tests of everything that has to do with one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from dialogs.bill_form import BillForm
from dialogs.core import Entered, Outcome, Tell
from dialogs.effects import SaveSettlement
from domain.discounts import Discount, DiscountState
from domain.people import Role
from domain.repair_orders import OrderState, RepairOrder
from domain.settlement import Line, LineKind, Settlement
from domain.store import Service, ServiceGroup
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, MONDAY, STORE, Conversation, Desk
from tests.dialogs.promised_order import NUMBER, order_in

LABOUR, PARTS, PAINT, EXTRAS = (
    LineKind.LABOUR,
    LineKind.PARTS,
    LineKind.PAINT_LABOUR,
    LineKind.ACCESSORIES,
)
SPRAY = Service(
    code="spray",
    name="喷漆（每面）",
    group=ServiceGroup.BODYWORK,
    bay_kind="repair",
    minutes=240,
    price=Decimal(600),
)
BRAKES, PADS = Line("更换刹车片", LABOUR, Decimal("320.00")), Line("更换刹车片", PARTS, Decimal(360))
PLAIN = Line("更换刹车片", LABOUR, Decimal(680))
EXTRA = Line("脚垫", EXTRAS, Decimal("99.90"))


def in_the_office(desk: Desk) -> Desk:
    """Advisor Lin; Mr Wang's brakes are done for 680 yuan, and the car waits for its inspection."""
    desk.who, desk.home_person = ADVISOR, ADVISOR.person_id
    desk.store = replace(STORE, services=(*STORE.services, SPRAY))
    desk.order = order_in(OrderState.INSPECTION)
    return desk


def order_with(desk: Desk, **fields: Any) -> RepairOrder:
    """The same order with other particulars."""
    assert desk.order is not None
    desk.order = replace(desk.order, **fields)
    return desk.order


def form(desk: Desk, **fields: Any) -> Conversation:
    """The form as the order's card opens it; with `fields` it is filled in already."""
    state = BillForm(**({"version": 0} | fields)) if fields else None
    page = desk.begin("bill_form", state, NUMBER)
    return page.on(Entered())


def billed(desk: Desk, *lines: Line, **fields: Any) -> Settlement:
    """A bill that stands already."""
    bill = replace(Settlement(NUMBER, 3, lines or (PLAIN,)), **fields)
    desk.bills = BillBooks(bill, desk.bills.discounts)
    return bill


def request(state: DiscountState, share: str = "0.05") -> Discount:
    """Asked by the customer on the bill of version 3."""
    return Discount(
        "YH261123-050",
        NUMBER,
        3,
        Decimal(share),
        MONDAY,
        Role.BUSINESS_SUPERVISOR,
        Decimal(680),
        7,
        state=state,
    )


def saved(page: Conversation, *also: str) -> Settlement:
    """What was saved, before anybody hears of it: only so they read the new bill. `also`: other news."""
    kinds = [type(each) for each in page.effects]
    assert kinds.index(SaveSettlement) < kinds.index(Tell)
    told = {(each.subject, each.news) for each in page.of(Tell) if each.dialog == "order_desk"}
    assert told == {(NUMBER, "billed"), *((NUMBER, news) for news in also)}
    assert page.outcome is Outcome.DONE
    (effect,) = page.of(SaveSettlement)
    assert isinstance(effect, SaveSettlement)
    assert page.desk.bills.settlement == effect.settlement
    return effect.settlement


def shown(page: Conversation) -> list[str]:
    """The keys of the present card."""
    return [each.key for each in page.buttons()]
