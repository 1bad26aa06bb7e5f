"""What the customer's own card of a visit (交车承诺卡) tells: stages, changes of the promise, additional work (O5).

Read from the order's history each time, so that the card can never say anything else than the books.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dialogs.order_moves import order_words
from domain.pickup import promises
from domain.repair_orders import OrderHappening, OrderState, RepairOrder
from domain.store import ServiceGroup

if TYPE_CHECKING:
    from dialogs.facts import Facts

STAGES = (OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION, OrderState.READY)


@dataclass(frozen=True, slots=True)
class Change:
    """A promised time that was changed: `to` None while it is only known that it cannot be kept."""

    was: datetime
    to: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Additional work and what became of it: ``agreed``, ``refused`` or still ``open``; the price in yuan."""

    name: str
    price: Decimal
    answer: str


def card_words(order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """Everything that the card, before and after signing, may say."""
    return order_words(order, facts) | {
        "stages": stages(order.state),
        "changes": changes(order),
        "proposed": proposals(order),
        "fee": diagnosis_fee(facts),
    }


def promised_words(order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """What is said of a new time: what was promised before, what is promised now, and why (G2)."""
    made = promises(order)
    before = made[-2].at if len(made) > 1 else None
    return order_words(order, facts) | {"before": before, "reason": made[-1].reason if made else ""}


def stages(state: OrderState) -> tuple[tuple[OrderState, str], ...]:
    """Every stage of the work with ``done``, ``now`` or ``later``; a car that is ready has no stage under way."""
    if state not in STAGES or state is OrderState.READY:
        over = state in (OrderState.READY, OrderState.SETTLED, OrderState.LEFT)
        return tuple((each, "done" if over else "later") for each in STAGES)
    here = STAGES.index(state)
    return tuple(
        (each, "done" if place < here else "now" if place == here else "later")
        for place, each in enumerate(STAGES)
    )


def changes(order: RepairOrder) -> tuple[Change, ...]:
    """Every change of the promise that the customer was told of, oldest first; the first promise is none."""
    found: list[Change] = []
    stands: datetime | None = None
    broken = False
    for each in order.of(OrderHappening.PROMISED, OrderHappening.DELAYED):
        reason = str(each.details.get("reason") or "")
        if each.happening is OrderHappening.DELAYED:
            # A delay notice that named the new time repeats a promise that is in the list already.
            if stands is not None and not each.details.get("to"):
                found.append(Change(stands, None, reason))
                broken = True
            continue
        at = datetime.fromisoformat(str(each.details["at"]))
        if stands is not None and (broken or at != stands):
            found.append(Change(stands, at, reason))
        stands, broken = at, False
    return tuple(found)


def proposals(order: RepairOrder) -> tuple[Proposal, ...]:
    """Additional work in the order it was proposed; unanswered questions only while they still wait (X1–X3)."""
    found: dict[str, Proposal] = {}
    for each in order.of(OrderHappening.PROPOSED, OrderHappening.AGREED, OrderHappening.REFUSED):
        name = str(each.details["item"])
        if each.happening is OrderHappening.PROPOSED:
            found[name] = Proposal(name, Decimal(str(each.details["price"])), "open")
        elif name in found:
            found[name] = Proposal(name, found[name].price, each.happening.value)
    return tuple(each for each in found.values() if each.answer != "open" or order.state.is_promised)


def diagnosis_fee(facts: Facts) -> Decimal | None:
    """What the diagnosis costs who then does not want the repair (O2); None: it is settled at the counter."""
    return next(
        (
            service.price
            for service in facts.store.services
            if service.group is ServiceGroup.DIAGNOSIS and service.price is not None
        ),
        None,
    )
