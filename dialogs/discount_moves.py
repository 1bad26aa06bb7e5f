"""What asking for a discount and deciding about it share: who is asked, how it begins, who hears of it (D1–D5, R4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.core import Effect, Home, Kind, Open, Record, Say, Tell
from dialogs.discount_card import Asked
from dialogs.effects import AskDiscount
from dialogs.order_moves import in_charge, order_words, tell_desk
from domain.discounts import LADDER, Discount, discount_number, level_for, next_level
from domain.people import Queue, who_acts_for
from domain.settlement import bill_of

if TYPE_CHECKING:
    from decimal import Decimal

    from dialogs.facts import Facts
    from domain.people import Role
    from domain.repair_orders import RepairOrder
    from domain.settlement import Settlement

DESK = "discount_desk"
SHEET = "order_sheet"
VOID = "void"  # news: what was granted does not hold for the bill as it stands now, and nobody may grant it


def asked(
    order: RepairOrder,
    settlement: Settlement,
    share: Decimal,
    reason: str,
    facts: Facts,
    *,
    by_customer: bool,
    former: Discount | None = None,
) -> tuple[Effect, ...]:
    """Ask for `share` off the bill as it stands (D1); the dialog needs COLLEAGUES. Refused: as `AskDiscount`.

    `reason` is the code of a usual one or typed words. `former`: the request that this one takes the place of; it is
    still the same person who asks, and nobody below the role that had it is asked again. Raises ValueError for a
    share that nobody may grant.
    """
    lowest = level_for(share, facts.store.settlement)
    if lowest is None:
        raise ValueError(f"Nobody may grant {share} off: refuse it where it is asked for (D4).")
    begun = Discount(
        discount_number(facts.now, facts.conversation),
        order.number,
        settlement.version,
        share,
        facts.now,
        attended(max(lowest, former.level, key=LADDER.index) if former else lowest, facts),
        bill_of(settlement, facts.store.settlement).due,
        order.customer_id,
        0 if by_customer else facts.who.person_id,
        "" if by_customer else facts.who.first_name,
        order.tier,
        reason,
    )
    if former:
        begun = replace(begun, asked_by=former.asked_by, asked_name=former.asked_name)
    details = {"order": order.number, "share": share, "level": begun.level.value}
    return (
        AskDiscount(begun),
        Open(DESK, Asked(begun.number), Home(queue=Queue.AFTER_SALES), order.number),
        Record("discount.asked", begun.number, details),
        *told(order, "asked"),
    )


def told(order: RepairOrder, state: str) -> tuple[Tell, Tell]:
    """The customer's own card and the order's card hear what has become of it (D2, D5)."""
    return Tell(SHEET, order.number, "discount", {"state": state}), tell_desk(order.number, "discount")


def attended(level: Role, facts: Facts) -> Role:
    """`level`, or the first role above it that somebody present acts in; nobody there: the top (D4, R4)."""
    while not _is_present(level, facts) and (higher := next_level(level)):
        level = higher
    return level


def _is_present(level: Role, facts: Facts) -> bool:
    return any(
        level in each.own_roles and who_acts_for(each.person_id, facts.colleagues)
        for each in facts.colleagues
    )


def colleagues_concerned(
    discount: Discount, order: RepairOrder, facts: Facts, script: str
) -> tuple[Say, ...]:
    """A line to whoever is in charge of the order and to the colleague who asked; not to who has just acted (D2)."""
    people = dict.fromkeys((*in_charge(order, facts), discount.asked_by))
    words = order_words(order, facts) | {"discount": discount}
    return tuple(
        Say(script, words, to=Home(person=person), kind=Kind.STAFF)
        for person in people
        if person and person != facts.who.person_id
    )
