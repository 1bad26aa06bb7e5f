"""What a repair order's card shows colleagues, and which buttons fit its state (O3, P2). Masked in groups (A3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialogs.core import Button, Home, Kind, Rows, Say
from dialogs.keyboard import in_rows
from dialogs.order_clock import moments
from dialogs.order_moves import order_words
from domain.additional_work import open_questions
from domain.discounts import LADDER, Discount, DiscountState, steps_for
from domain.people import Queue, Role, serves
from domain.repair_orders import OrderHappening, OrderState, RepairOrder, may_follow
from domain.settlement import bill_of

if TYPE_CHECKING:
    from dialogs.facts import Facts, Who

CHECKLIST = ("checked", "cleaned", "counted", "summed")
"""P2: what the advisor has seen to before a car is ready."""

MOST_COLLEAGUES = 8
BILLED_IN = frozenset({OrderState.INSPECTION, OrderState.READY})
"""When the bill is written and discounts are asked: the work is done, nothing is paid yet."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the card asks just now (`face`; "": nothing), and what of the checklist is ticked."""

    face: str = ""
    ticked: tuple[str, ...] = ()


STEPS: dict[OrderState, Rows] = {
    OrderState.AWAITING: ((Button("in_shop"),),),
    OrderState.IN_SHOP: ((Button("in_work"),),),
    OrderState.IN_WORK: ((Button("inspection"),),),
    OrderState.INSPECTION: ((Button("ready"), Button("rework")),),
    OrderState.READY: ((Button("settled"), Button("rework")),),
    OrderState.SETTLED: ((Button("left"),),),
}
"""What takes each state further (O3)."""


def card(held: Held, order: RepairOrder, facts: Facts, *, fresh: bool = False, to: int = 0) -> Say:
    """The card as it is now: at home in place of the old one, or a live copy for the colleague `to`."""
    words, rows = card_words(held, order, facts), buttons(held, order, facts)
    if to:
        return Say("order_desk/card", words, rows, to=Home(person=to), kind=Kind.STAFF, copy=True)
    return Say("order_desk/card", words, rows, kind=Kind.STAFF, fresh=fresh, in_place=not fresh)


def shown(held: Held, order: RepairOrder, facts: Facts) -> frozenset[tuple[str, str]]:
    """Key and value of every button of the card as it is now: nothing else may be pressed, whatever a press claims."""
    return frozenset((button.key, button.value) for row in buttons(held, order, facts) for button in row)


def last_face(order: RepairOrder, facts: Facts) -> Say:
    """The card of a visit that is over."""
    return Say("order_desk/over", card_words(Held(), order, facts), kind=Kind.STAFF, in_place=True)


def card_words(held: Held, order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """Everything the card may say."""
    answers = order.of(OrderHappening.ANSWERED)
    return order_words(order, facts) | {
        "face": held.face,
        "ticked": held.ticked,
        "checklist": CHECKLIST,
        "questions": questions(order, facts),
        "refused": refused_items(order),
        "accepted": accepted_at(order),
        "answer": str(answers[-1].details["answer"]) if answers else "",
        "media": len(order.arrival.photos),
        "bill": bill_of(facts.settlement, facts.store.settlement) if facts.settlement else None,
        "asked": open_request(facts),
    }


def buttons(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    """What may be pressed now, by whoever the rows of the dialog let."""
    if held.face:
        return (*_ASKS[held.face](held, order, facts), (Button("back"),))
    rows = [*STEPS.get(order.state, ())]
    if order.state in BILLED_IN:
        asking = (Button("ask_discount"),) if may_ask(facts) else ()
        rows.append((Button("bill"), *asking))
    if order.state is OrderState.READY and "notice" in moments(order, facts):
        rows.append((Button("early"),))
    if order.state.is_promised:
        rows.append((Button("propose"), Button("new_time")))
    if questions(order, facts):
        rows.append((Button("by_phone"),))
    contact = (Button("contact"), Button("write")) if order.person_id else (Button("contact"),)
    look = (Button("look"),) if order.arrival.photos else ()
    rows += [contact, (Button("entrust"), *look)]
    if OrderState.CANCELLED in may_follow(order.state):
        rows[-1] = (*rows[-1], Button("cancel_order"))
    return tuple(rows)


# ---------------------------------------------------------------- what a card may ask


def _sign(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    """已进厂 without a signature on the phone: it was signed on paper (O2)."""
    return ((Button("signed_on_paper"),),)


def _ready(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    ticks = (
        Button("tick", each, label="ticked" if each in held.ticked else "tick", words={"kind": each})
        for each in CHECKLIST
    )
    confirm = ((Button("all_ready"),),) if set(held.ticked) == set(CHECKLIST) else ()
    return (*in_rows(ticks, 2), *confirm)


def _by_phone(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    """What the customer answered on the phone, item by item (X2: an explicit answer only)."""
    return tuple(
        (
            Button("phone_yes", str(place), words={"name": item}),
            Button("phone_no", str(place), words={"name": item}),
        )
        for place, item in enumerate(questions(order, facts))
    )


def _entrust(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    colleagues = (
        each
        for each in facts.colleagues
        if each.absent_until is None and each.person_id != order.advisor and _receives(each, facts)
    )
    named = [Button("to", str(each.person_id), words={"who": each.first_name}) for each in colleagues]
    return in_rows(named[:MOST_COLLEAGUES], 2)


def _cancel(held: Held, order: RepairOrder, facts: Facts) -> Rows:
    return ((Button("cancel_sure"),),)


_ASKS = {
    "sign": _sign,
    "ready": _ready,
    "by_phone": _by_phone,
    "entrust": _entrust,
    "cancel": _cancel,
}


def questions(order: RepairOrder, facts: Facts) -> tuple[str, ...]:
    """The additional work that waits for an answer, in the order of its buttons."""
    return tuple(each.item for each in open_questions(order, facts.store.visits))


def _receives(who: Who, facts: Facts) -> bool:
    """Whether this colleague may be an order's advisor: they serve the front desk themselves (R1)."""
    return serves(who.own_roles - {Role.GENERAL_MANAGER}, Queue.FRONT_DESK, facts.store.staff.desks)


# ---------------------------------------------------------------- what its history says


def open_request(facts: Facts) -> Discount | None:
    """The discount that waits for its decision."""
    return next((each for each in facts.discounts if each.state is DiscountState.OPEN), None)


def may_ask(facts: Facts) -> bool:
    """Whether a discount may be asked now (D1): there is a bill with room for one, and none is being asked."""
    bill, figures = facts.settlement, facts.store.settlement
    return bill is not None and open_request(facts) is None and bool(steps_for(LADDER, bill, figures))


def accepted_at(order: RepairOrder) -> datetime | None:
    """When the workshop took the car over, to ten minutes (O3)."""
    taken = (each for each in order.of(OrderHappening.MOVED) if each.details.get("accepted"))
    first = next(taken, None)
    return datetime.fromisoformat(first.details["accepted"]) if first else None


def refused_items(order: RepairOrder) -> tuple[str, ...]:
    """Additional work that the customer did not want (X3)."""
    agreed = {item.name for item in order.agreed}
    refused = dict.fromkeys(str(each.details["item"]) for each in order.of(OrderHappening.REFUSED))
    return tuple(item for item in refused if item not in agreed)
