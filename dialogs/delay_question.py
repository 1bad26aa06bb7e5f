"""Whoever is in charge is asked for reason and new time before the customer has to hear of a delay (P3, R4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialogs.authority import either
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
    Pressed,
    Rows,
    Say,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import COLLEAGUES, ORDER
from dialogs.order_moves import front_desk_or_above, in_charge, order_words, tell_desk
from dialogs.promise_form import NewPromise
from domain.people import is_staff
from domain.pickup import plan, standing_promise
from domain.repair_orders import OrderHappening, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

REASONS = ("parts", "found", "bays")  # those of `change_reason` in phrases.yaml that are asked for most
BUTTONS: Rows = (
    (Button("on_time"), Button("fill")),
    tuple(Button("reason", reason, reason) for reason in REASONS),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The promise that is in danger; about another one nobody has been asked yet."""

    promise: datetime


def ask_for_new_time(asked: Asked, event: Event, facts: Facts) -> Turn:
    """Ask until there is a new time, the car is ready, or the customer has heard of the delay."""
    order = facts.order
    if order is None:
        return done()
    match event:
        case Told("over"):
            return _over(asked, order, facts)
        case Entered() | Pressed() if not _stands(asked, order):
            return _over(asked, order, facts)
        case Entered():
            return ask(
                asked,
                Say("delay_question/card", _words(order, facts), BUTTONS, kind=Kind.STAFF, fresh=True),
            )
        case Pressed("on_time"):
            # This ends the question at everybody else who was asked, and here: the answer is said after that.
            shown = Say("delay_question/on_time", _words(order, facts), kind=Kind.STAFF)
            return done(tell_desk(order.number, "on_time"), shown)
        case Pressed("fill"):
            return stay(Open("promise_form", NewPromise(), subject=order.number))
        case Pressed("reason", reason) if reason in REASONS:
            return stay(Open("promise_form", NewPromise(reason), subject=order.number))
        case Told():
            return stay()
        case _:
            return stay(Toast("delay_question/press_please"))


def _stands(asked: Asked, order: RepairOrder) -> bool:
    """Whether it is still about the promise that counts, and the car is not ready yet."""
    promise = standing_promise(order)
    return order.state.is_in_work and promise is not None and promise.at == asked.promise


def _over(asked: Asked, order: RepairOrder, facts: Facts) -> Turn:
    """Settled: by whom, and what counts now."""
    words = _words(order, facts) | {
        "before": asked.promise,
        "seen_by": facts.who.first_name if is_staff(facts.who.roles) else "",
    }
    return done(Say("delay_question/over", words, kind=Kind.STAFF, in_place=True))


def _words(order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """`due`: when the customer hears of it if nobody answers; `said`: what the workshop answered last (G2)."""
    planned = plan(order, facts.store.visits, facts.calendar)
    said = ""
    for each in order.of(OrderHappening.PROMISED, OrderHappening.PROGRESS):
        said = str(each.details["answer"]) if each.happening is OrderHappening.PROGRESS else ""
    due = planned.notice if planned else None
    return order_words(order, facts) | {"due": due, "said": said}


def still_in_charge(asked: Asked, facts: Facts) -> bool:
    """Whoever would be asked now: whose work went to somebody else does not promise any more (R4)."""
    return facts.order is not None and facts.who.person_id in in_charge(facts.order, facts)


DELAY_QUESTION = Dialog(
    "delay_question",
    Asked,
    steps=(ask_for_new_time,),
    needs=frozenset({ORDER, COLLEAGUES}),
    authority=dict.fromkeys(("on_time", "fill", "reason"), either(front_desk_or_above, still_in_charge)),
    patient=True,
)
