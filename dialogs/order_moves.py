"""What the procedures of a visit share: entries, the words about it, whom to tell, how an order is opened (O1, R4)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dialogs.authority import at_desk, either, holders
from dialogs.core import Effect, Home, Kind, Open, Record, Say, Tell
from dialogs.effects import FileOrder
from domain.people import Queue, Role, is_staff, present_holders, who_acts_for
from domain.pickup import last_word, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, RepairOrder, state_of

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.customers import Customer

DESK = "order_desk"
SUPERVISORS = (Role.FRONT_DESK_SUPERVISOR, Role.FRONT_DESK_MANAGER)

front_desk_or_above = either(
    at_desk(Queue.FRONT_DESK), holders(Role.BUSINESS_SUPERVISOR, Role.AFTER_SALES_MANAGER)
)
workshop_or_front_desk = either(at_desk(Queue.WORKSHOP), front_desk_or_above)
settlement_or_front_desk = either(at_desk(Queue.SETTLEMENT), front_desk_or_above)


def entry(happening: OrderHappening, facts: Facts, **details: Any) -> OrderEntry:
    """A line of the history, now, by who acted; a customer's own doing has no number of a colleague."""
    who = facts.who if is_staff(facts.who.roles) else None
    return OrderEntry(
        facts.now, happening, who.person_id if who else 0, who.first_name if who else "", details
    )


def noted(order: RepairOrder, *entries: OrderEntry) -> RepairOrder:
    """The order with these entries at the end of its history, in the state that they lead to."""
    history = (*order.history, *entries)
    return replace(order, history=history, state=state_of(history))


def order_words(order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """What every script about an order may say."""
    promise = standing_promise(order)
    return {
        "order": order,
        "number": order.number,
        "address": order.address,
        "plate": order.plate,
        "promise": promise.at if promise else None,
        "state": order.state,
        "last_word": last_word(order),
        "who": order.advisor_name,
        "store": facts.store,
        "now": facts.now,
    }


def tell_desk(number: str, news: str, **words: Any) -> Tell:
    """The order's own card and clock hear of it: nobody else writes into its history."""
    return Tell(DESK, number, news, words)


def in_charge(order: RepairOrder, facts: Facts) -> tuple[int, ...]:
    """Whom to ask about the car now: its advisor, who stands in, or the front desk's supervisors (R4).

    The dialog needs COLLEAGUES.
    """
    acting = who_acts_for(order.advisor, facts.colleagues)
    return (acting,) if acting else present_holders(facts.colleagues, (*SUPERVISORS, Role.ADVISOR))


def colleagues_hear(script: str, words: dict[str, Any], people: tuple[int, ...]) -> tuple[Say, ...]:
    """The same line to each of `people` in their private chat."""
    return tuple(Say(script, words, to=Home(person=person), kind=Kind.STAFF) for person in people)


def opened(order: RepairOrder, facts: Facts, newcomer: Customer | None = None) -> tuple[Effect, ...]:
    """File `order`, show its card to workshop and advisor, and the order itself to the customer to sign (O1, O2).

    Its history holds what has happened so far: OPENED and PROMISED at least. Refused: as `FileOrder`.
    """

    sheet = (
        (Open("order_sheet", None, Home(person=order.person_id), order.number),) if order.person_id else ()
    )
    return (
        FileOrder(order, newcomer),
        Record(
            "order.opened", order.number, {"appointment": order.appointment, "reference": order.reference}
        ),
        Open(DESK, None, Home(queue=Queue.WORKSHOP), order.number),
        *sheet,
    )
