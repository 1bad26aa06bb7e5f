"""A discount that was asked or granted for a bill which is being changed: it is asked anew for the new one (D2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogs.discount_moves import VOID, asked, told
from dialogs.order_card import open_request
from domain.discounts import Discount, DiscountState, is_allowed, level_for

if TYPE_CHECKING:
    from decimal import Decimal

    from dialogs.core import Effect
    from dialogs.facts import Facts
    from domain.settlement import Settlement


def at_stake(facts: Facts) -> Discount | None:
    """The discount that is for the bill as it stands alone: still being asked, else the last one granted."""
    bill = facts.settlement
    if (waiting := open_request(facts)) or bill is None or not bill.discount:
        return waiting
    granted = (each for each in reversed(facts.discounts) if each.state is DiscountState.GRANTED)
    return next((each for each in granted if each.version == bill.version), None)


def may_be_granted(discount: Discount, bill: Settlement, facts: Facts) -> bool:
    """Whether anybody could grant the same share on `bill` (D4, the floor)."""
    share, figures = _share(discount), facts.store.settlement
    return level_for(share, figures) is not None and is_allowed(share, bill, figures)


def asked_anew(bill: Settlement, facts: Facts) -> tuple[Effect, ...]:
    """What was granted on the bill before is asked for this one; where it cannot be, the customer hears that it is
    void. A request that is open sees to itself.

    After the effect that saves `bill`. The dialog needs COLLEAGUES. Refused: as `AskDiscount`.
    """
    discount, order = at_stake(facts), facts.order
    if discount is None or order is None or discount.state is DiscountState.OPEN:
        return ()
    if not may_be_granted(discount, bill, facts):
        return told(order, VOID)
    customers = not discount.asked_by
    return asked(
        order, bill, _share(discount), discount.reason, facts, by_customer=customers, former=discount
    )


def _share(discount: Discount) -> Decimal:
    return discount.asked if discount.state is DiscountState.OPEN else discount.granted
