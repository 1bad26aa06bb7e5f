"""A bill of a thousand yuan, who may grant something on it, and a request played from the form to its card."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from dialogs.core import Entered, Pressed, Say, Tell
from dialogs.discount_desk import DISCOUNT_DESK
from dialogs.discount_form import DiscountForm
from dialogs.facts import Who
from domain.discounts import Discount
from domain.people import Role
from domain.repair_orders import OrderState
from domain.settlement import Line, LineKind, Settlement
from tests.dialogs.bill_books import BillBooks
from tests.dialogs.conftest import ADVISOR, MONDAY, STRANGER, Conversation, Desk
from tests.dialogs.promised_order import NUMBER, order_in

BUSINESS = Who(21, "陈业务", roles=frozenset({Role.BUSINESS_SUPERVISOR}))
AFTER_SALES = Who(22, "周经理", roles=frozenset({Role.AFTER_SALES_MANAGER}))
BOSS = Who(23, "吴总", roles=frozenset({Role.GENERAL_MANAGER}))
FOREMAN = Who(24, "孙立", roles=frozenset({Role.WORKSHOP_SUPERVISOR}))
STAFF = (ADVISOR, BUSINESS, AFTER_SALES, BOSS, FOREMAN)
CUSTOMER = STRANGER

# The floor is 600 × 60 % + 400 × 85 % = 700: no more than 30 % may go off.
BILL = Settlement(
    NUMBER,
    lines=(
        Line("更换刹车片工时", LineKind.LABOUR, Decimal(600)),
        Line("前刹车片", LineKind.PARTS, Decimal(400)),
    ),
)


def away(who: Who, substitute: Who | None = None) -> Who:
    """The colleague as everybody sees them while they are not there (R4)."""
    return replace(
        who, absent_until=MONDAY.replace(day=30), substitute=substitute.person_id if substitute else 0
    )


def billed(
    desk: Desk, settlement: Settlement | None = BILL, state: OrderState = OrderState.READY, person: int = 3
) -> Desk:
    """The car is ready and its bill is written."""
    desk.order, desk.colleagues = order_in(state, person=person), STAFF
    desk.bills = BillBooks(settlement)
    return desk


def form(desk: Desk, who: Who = ADVISOR) -> Conversation:
    """申请优惠, pressed by a colleague or by the customer."""
    desk.who, desk.home_person = who, who.person_id
    return desk.begin("discount_form", DiscountForm(who == CUSTOMER), NUMBER).on(Entered())


def asked(desk: Desk, share: str = "0.05", who: Who = ADVISOR) -> Conversation:
    """The form filled in and submitted, and the card that it opened; what is not offered is typed."""
    begun = form(desk, who)
    offered = [button.value for button in begun.buttons() if button.key == "share"]
    chosen = begun.press("share", share) if share in offered else begun.say(f"{Decimal(share) * 100:f}%")
    filling = chosen.press("reason").press("submit")
    return card_of(desk, filling)


def card_of(desk: Desk, filling: Conversation) -> Conversation:
    """The card that a turn has opened, as it is entered in the same transaction."""
    return desk.open(filling.opened("discount_desk"))


def tap(card: Conversation, who: Who, key: str, value: str = "") -> bool:
    """The data of a button reach the card, however somebody came by them; false when they may not press it (R2)."""
    card.desk.who = who
    permit = DISCOUNT_DESK.authority.get(key)
    if permit is None or not permit(card.state, card.desk.facts(card)):
        return False
    card.on(Pressed(key, value))
    return True


def copies(card: Conversation) -> list[int]:
    """Who got the card in their private chat by the last event."""
    return [say.to.person or 0 for say in card.of(Say) if say.copy]


def only(desk: Desk) -> Discount:
    """The last request there is."""
    return desk.bills.discounts[-1]


def news(card: Conversation) -> list[tuple[str, Any]]:
    """What the other cards hear by the last event."""
    return [(each.dialog, each.words.get("state")) for each in card.of(Tell)]


def heard_by(card: Conversation) -> list[int]:
    """Who was sent a line of their own."""
    return sorted(say.to.person or 0 for say in card.of(Say) if say.to.person and not say.copy)
