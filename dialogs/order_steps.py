"""How a repair order goes on: signed, in work, inspected, ready, settled, left, or cancelled (O2, O3, P7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.core import Effect, Record, Tell, Turn, ask, done
from dialogs.effects import NoteOrder
from dialogs.follow_up_planning import begun, of_order
from dialogs.order_card import Held, card, last_face
from dialogs.order_clock import overdue, settled_questions, timers
from dialogs.order_moves import entry, noted
from domain.questionnaires import FollowUpEvent
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

LEFT = "left"
"""What the customer's card hears when the car has left the shop."""
ACCEPTED_TO = timedelta(minutes=10)  # O3: the workshop's acceptance time is recorded to ten minutes


def written(
    held: Held, order: RepairOrder, facts: Facts, *entries: OrderEntry, also: tuple[Effect, ...] = ()
) -> Turn:
    """Write `entries` and whatever is due by them; the card shows it, and the timers follow."""
    after = noted(order, *entries)
    more, heard = overdue(after, facts)
    after = noted(after, *more)
    return ask(
        held, *_noted(order, *entries, *more), *also, *heard, card(held, after, facts), *timers(after, facts)
    )


def _noted(order: RepairOrder, *entries: OrderEntry) -> tuple[Effect, ...]:
    if not entries:
        return ()
    details = {"state": entries[0].details["state"]} if "state" in entries[0].details else {}
    record = Record(f"order.{entries[0].happening.value}", order.number, details)
    return NoteOrder(order.number, entries), record


def moved(state: OrderState, facts: Facts) -> OrderEntry:
    """The entry with which an order is in `state`; the workshop's acceptance with its time to ten minutes."""
    details: dict[str, Any] = {"state": state.value}
    if state is OrderState.IN_WORK:
        past = timedelta(minutes=facts.now.minute % 10, seconds=facts.now.second)
        details["accepted"] = (facts.now.replace(microsecond=0) - past).isoformat()
    return entry(OrderHappening.MOVED, facts, **details)


def signed(facts: Facts, **how: Any) -> tuple[OrderEntry, OrderEntry]:
    """The customer has confirmed the order, with the car before them: it is in the shop (O2)."""
    return entry(OrderHappening.CONFIRMED, facts, **how), moved(OrderState.IN_SHOP, facts)


def goes_on(order: RepairOrder, state: OrderState, facts: Facts) -> Turn:
    """The order is in `state` from now on; everybody's card shows it."""
    also: tuple[Effect, ...] = (Tell("order_sheet", order.number, "moved"),)
    if not state.is_in_work:
        also += (*settled_questions(order), Tell("silent_visit", order.number, "over"))
    if state in (OrderState.SETTLED, OrderState.IN_WORK):
        also += (Tell("pickup", order.number, "over"),)
    if not state.is_promised:
        also += (Tell("additional_work", order.number, "over"),)
    return written(Held(), order, facts, moved(state, facts), also=also)


def over(order: RepairOrder, facts: Facts, *entries: OrderEntry, news: str) -> Turn:
    """The visit ends: with the car's leaving, from which the follow-ups count (F1), or cancelled."""
    after = noted(order, *entries)
    dialogs = ("pickup", "additional_work", "silent_visit", "discount_desk")
    ended = (*settled_questions(order), *(Tell(dialog, order.number, "over") for dialog in dialogs))
    heard = Tell("order_sheet", order.number, news)
    asked = begun(FollowUpEvent.LEFT, of_order(after, facts), facts) if news == LEFT else ()
    return done(*_noted(order, *entries), *ended, heard, last_face(after, facts), *asked)
