"""The card on which a discount is decided: at after-sales, and with everybody who may say yes (D1–D5, R2, R4).

What was asked is read from the books at every event. The first decision wins; every copy of the card shows it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from dialogs.core import (
    Dialog,
    Effect,
    Entered,
    Event,
    Pressed,
    Record,
    Refused,
    Say,
    Toast,
    Told,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.discount_card import Asked, card, closed, granted, last_face, refused, request, shown
from dialogs.discount_moves import asked, attended, colleagues_concerned, told
from dialogs.effects import Decide, RaiseDiscount
from dialogs.facts import APPRAISAL, BILL, COLLEAGUES, ORDER
from dialogs.order_clock import call_task
from domain.discounts import Discount, DiscountState, is_allowed, level_for, limit_of, next_level
from domain.people import present_holders

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts
    from domain.repair_orders import RepairOrder
    from domain.settlement import Settlement

UNANSWERED = "unanswered"
MOST_REPEATS = 3  # how often general managers are asked again before the front desk goes to see them
FACES = {"other": "steps", "refuse": "refuse", "back": ""}


def attend(held: Asked, event: Event, facts: Facts) -> Turn:
    """What may happen to a request, until it is decided."""
    order, bill, discount = facts.order, facts.settlement, request(held, facts)
    if order is None:
        return done()
    if discount is None or bill is None:
        return _in_work(held, event, facts)
    if discount.state is not DiscountState.OPEN:
        return _over(discount, order, facts)
    return _waiting(held, discount, order, bill, event, facts)


def _waiting(
    held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, event: Event, facts: Facts
) -> Turn:
    """What may happen to a request that is open, on a bill that is there."""
    match event:
        case Entered():
            return _shown(held, discount, order, bill, facts)
        case Pressed(key, value) if (key, value) in shown(held, discount, bill, facts):
            return _pressed(held, discount, order, bill, event, facts)
        case Woke(name) if name == UNANSWERED:
            return _unanswered(held, discount, order, bill, facts)
        case Refused(_, "outdated"):
            return _outdated(discount, order, bill, facts)
        case Told("lines_changed") if bill.version != discount.version:
            return _outdated(discount, order, bill, facts)
        case Told("over"):
            return _withdrawn(discount, order, facts)
        case Told():
            return stay()
        case Pressed(key, value):
            return stay(Toast("discount_desk/press_please"), _refused_press(facts, key, value))
        case _:
            return stay(Toast("discount_desk/press_please"))


def _refused_press(facts: Facts, key: str, value: str) -> Record:
    """What the card does not show, whoever claims that it was pressed (R5)."""
    return Record("refused_press", facts.subject, {"button": key, "value": value})


# ---------------------------------------------------------------- who is asked


def _shown(held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts) -> Turn:
    """A new card; copies go out with the first one, and when all is offered again after a start."""
    begun = replace(held, begun=True)
    everywhere = not held.begun or not facts.who.person_id
    return ask(
        begun,
        card(begun, discount, order, bill, facts, fresh=True),
        *(_copies(begun, discount, order, bill, facts) if everywhere else ()),
        *(() if held.begun else (_clock(facts),)),
    )


def _copies(
    held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts
) -> tuple[Say, ...]:
    """The same card in the private chats of everybody present who holds the role that is asked (R4)."""
    people = present_holders(facts.colleagues, (discount.level,))
    return tuple(card(held, discount, order, bill, facts, to=person) for person in people)


def _clock(facts: Facts) -> Wake:
    """So long an answer is waited for (D5)."""
    minutes = facts.store.settlement.answer_minutes
    return Wake(UNANSWERED, facts.now + timedelta(minutes=minutes), {"number": facts.subject})


def _unanswered(held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts) -> Turn:
    """To the next role; at the top once more, and when that is in vain the front desk goes and asks (D5)."""
    level = next_level(discount.level)
    if level is not None:
        raised = replace(discount, level=attended(level, facts))
        details = {"order": order.number, "level": raised.level.value}
        record = Record("discount.raised", discount.number, details)
        first = RaiseDiscount(discount.number, raised.level), record, *told(order, "raised")
        return _asked_again(replace(held, face=""), raised, order, bill, facts, *first)
    if held.repeats < MOST_REPEATS:
        again = replace(held, face="", repeats=held.repeats + 1)
        return _asked_again(again, discount, order, bill, facts)
    return stay(call_task(order, "discount_unanswered"))


def _asked_again(
    held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts, *first: Effect
) -> Turn:
    return ask(
        held,
        *first,
        card(held, discount, order, bill, facts),
        *_copies(held, discount, order, bill, facts),
        _clock(facts),
    )


def _in_work(held: Asked, event: Event, facts: Facts) -> Turn:
    """The car went back to the workshop: there is no bill to decide on before it is inspected again."""
    match event:
        case Told("over"):
            return done()
        case Woke(name) if name == UNANSWERED:
            return stay(_clock(facts))
        case Pressed(key, value):
            in_work = Toast("discount_desk/in_work", alert=True)
            return stay(in_work, _refused_press(facts, key, value))
        case _:
            return stay()


# ---------------------------------------------------------------- the decision


def _pressed(
    held: Asked, discount: Discount, order: RepairOrder, bill: Settlement, pressed: Pressed, facts: Facts
) -> Turn:
    """A button that the card really shows, pressed by somebody who may (the rows below)."""
    match pressed:
        case Pressed("approve"):
            return _granted(discount, discount.asked, order, bill, facts)
        case Pressed("step", share):
            return _granted(discount, Decimal(share), order, bill, facts)
        case Pressed("because", reason):
            details = {"order": order.number, "reason": reason}
            return _decided(refused(discount, reason, facts), order, facts, details)
        case Pressed(key):
            faced = replace(held, face=FACES[key])
            return ask(faced, card(faced, discount, order, bill, facts))


def _granted(discount: Discount, share: Decimal, order: RepairOrder, bill: Settlement, facts: Facts) -> Turn:
    """As asked or another share; nobody grants more than their own limit, whoever's card it is (D4)."""
    limit = limit_of(facts.who.roles, facts.store.settlement)
    if share > limit:
        beyond = Record("discount.beyond_limit", discount.number, {"share": share, "limit": limit})
        return stay(Toast("discount_desk/beyond", {"limit": limit}, alert=True), beyond)
    after = granted(discount, share, bill, facts)
    return _decided(after, order, facts, {"order": order.number, "share": share, "amount": after.amount})


def _decided(after: Discount, order: RepairOrder, facts: Facts, details: Mapping[str, object]) -> Turn:
    """Customer, whoever is in charge and the colleague who asked hear it at once (D2, R5)."""
    return done(
        Decide(after),
        Record(f"discount.{after.state.value}", after.number, details),
        *told(order, after.state.value),
        *colleagues_concerned(after, order, facts, "discount_desk/heard"),
        last_face(after, order, facts),
    )


def _over(discount: Discount, order: RepairOrder, facts: Facts) -> Turn:
    """Somebody was quicker: the card shows who (D3)."""
    return done(last_face(discount, order, facts), _taken(discount))


def _taken(discount: Discount) -> Toast:
    return Toast("discount_desk/taken", {"discount": discount})


# ---------------------------------------------------------------- it is over without a decision


def _outdated(discount: Discount, order: RepairOrder, bill: Settlement, facts: Facts) -> Turn:
    """The bill is another one now: the same is asked anew for it, or whoever asked is told that it cannot be."""
    after, figures = closed(discount, DiscountState.OUTDATED, facts), facts.store.settlement
    share = discount.asked
    again = level_for(share, figures) and is_allowed(share, bill, figures)
    if again:
        customers = not discount.asked_by
        follows = asked(order, bill, share, discount.reason, facts, by_customer=customers, former=discount)
    else:
        line = colleagues_concerned(after, order, facts, "discount_desk/heard")
        follows = *told(order, DiscountState.OUTDATED.value), *line
    return done(
        Decide(after),
        Record("discount.outdated", discount.number, {"order": order.number}),
        *follows,
        last_face(after, order, facts),
        Toast("discount_desk/outdated", alert=True),
    )


def _withdrawn(discount: Discount, order: RepairOrder, facts: Facts) -> Turn:
    """The visit has ended."""
    after = closed(discount, DiscountState.WITHDRAWN, facts)
    record = Record("discount.withdrawn", discount.number, {"order": order.number})
    return done(Decide(after), record, last_face(after, order, facts))


# ---------------------------------------------------------------- who may press


def may_approve(held: Asked, facts: Facts) -> bool:
    """Whoever may grant as much as is asked, in their own role or standing in (D4, R4)."""
    discount = request(held, facts)
    return may_decide(held, facts) and (
        discount is None or discount.asked <= limit_of(facts.who.roles, facts.store.settlement)
    )


def may_decide(held: Asked, facts: Facts) -> bool:
    """Whoever may grant anything at all may grant less, or refuse."""
    return limit_of(facts.who.roles, facts.store.settlement) > 0


def overtaken(held: Asked, facts: Facts, key: str) -> Toast | None:
    """Who was quicker (D3)."""
    discount = request(held, facts)
    return _taken(discount) if discount and discount.state is not DiscountState.OPEN else None


DISCOUNT_DESK = Dialog(
    "discount_desk",
    Asked,
    steps=(attend,),
    needs=frozenset({ORDER, BILL, APPRAISAL, COLLEAGUES}),
    authority={
        "approve": may_approve,
        **dict.fromkeys(("other", "step", "refuse", "because", "back"), may_decide),
    },
    overtaken=overtaken,
    patient=True,
    offered_again=True,
)
