"""The clock of a visit: what its promise, its silence and its plan still ask for, and what is done when it is due.

(P1–P6, G1–G3.) Nothing is counted down: every event computes the moments anew from the order's history, and what is
due already happens in the same turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.call import Call
from dialogs.core import Effect, Home, Kind, Open, Say, Tell, Unwake, Wake
from dialogs.delay_question import Asked
from dialogs.order_moves import SUPERVISORS, colleagues_hear, entry, in_charge, noted, order_words
from dialogs.pickup import Notice, notice_words
from dialogs.promise_card import promised_words
from domain.people import Queue, present_holders
from domain.pickup import is_shop_open, plan, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, RepairOrder
from domain.silent_visits import nudge_due

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts

MOMENTS = ("news", "progress", "again", "ask", "notice", "unanswered", "silence")
"""The names of the timers, in the order in which what is due at the same moment is done."""

MOST_AT_ONCE = 20  # more than this is a circle: something that is done does not end its moment

Doing = tuple[tuple[OrderEntry, ...], tuple[Effect, ...]]


def moments(order: RepairOrder, facts: Facts) -> Mapping[str, datetime]:
    """When what is to be done next about this order, by the name of its timer."""
    figures, calendar = facts.store.visits, facts.calendar
    planned = plan(order, figures, calendar)
    found = dict(planned.moments) if planned else {}
    if (nudge := nudge_due(order, figures, calendar)) is not None:
        found["silence"] = nudge
    return found


def timers(order: RepairOrder, facts: Facts) -> tuple[Effect, ...]:
    """Every timer of the order at its moment; those without one are taken back."""
    due = moments(order, facts)
    words = {"number": order.number, "promise": _promised(order)}
    return tuple(Wake(name, due[name], words) if name in due else Unwake(name) for name in MOMENTS)


def overdue(order: RepairOrder, facts: Facts) -> Doing:
    """Do whatever is due by now, one after the other. Raises RecursionError where that never ends."""
    entries: tuple[OrderEntry, ...] = ()
    effects: tuple[Effect, ...] = ()
    for _ in range(MOST_AT_ONCE):
        due = moments(noted(order, *entries), facts)
        name = next((name for name in MOMENTS if name in due and due[name] <= facts.now), None)
        if name is None:
            return entries, effects
        more, heard = _DO[name](noted(order, *entries), facts)
        entries, effects = (*entries, *more), (*effects, *heard)
    raise RecursionError(f"What is due of {order.number} never ends: let each moment write its entry.")


def customer_hears(order: RepairOrder, news: str, facts: Facts, **words: Any) -> Effect:
    """On the customer's own card; who has no chat is called, with the same words (P1, P3)."""
    if order.person_id:
        return Tell("order_sheet", order.number, news, words)
    said = promised_words(order, facts) | words
    return Say(_READ_OUT[news], said, to=Home(customer=order.customer_id), kind=Kind.NOTICE)


_READ_OUT = {
    "promised": "order_sheet/promised",
    "delayed": "order_sheet/delayed",
    "word": "order_sheet/word",
}


def call_task(order: RepairOrder, reason: str, said: str = "", *, in_chat: bool = True) -> Open:
    """A call for the front desk to make; `in_chat`: they may be answered in writing too."""
    call = Call(reason, order.address, order.phone, said, person=order.person_id if in_chat else 0)
    return Open("call", call, Home(queue=Queue.FRONT_DESK), order.number)


def settled_questions(order: RepairOrder) -> tuple[Effect, ...]:
    """The shop's own questions about a promise that does not stand any more are over."""
    return tuple(Tell(dialog, order.number, "over") for dialog in ("progress_check", "delay_question"))


# ---------------------------------------------------------------- what is done when it is due


def _promised(order: RepairOrder) -> datetime | None:
    promise = standing_promise(order)
    return promise.at if promise else None


def _about(order: RepairOrder) -> dict[str, str]:
    promise = _promised(order)
    assert promise is not None
    return {"promise": promise.isoformat()}


def _tell_new_time(order: RepairOrder, facts: Facts) -> Doing:
    """The customer hears of the new time at once, and why (G2)."""
    told = entry(OrderHappening.TOLD, facts, **_about(order))
    promise = standing_promise(order)
    assert promise is not None
    return (told,), (customer_hears(noted(order, told), "promised", facts, reason=promise.reason),)


def _ask_workshop(order: RepairOrder, facts: Facts) -> Doing:
    """75 % of the planned time is over: on time? (G1)"""
    asked = entry(OrderHappening.ASKED, facts)
    return (asked,), (Open("progress_check", None, Home(queue=Queue.WORKSHOP), order.number),)


def _ask_again(order: RepairOrder, facts: Facts) -> Doing:
    """No answer within 15 minutes: once more, and the supervisor by name (G3)."""
    return (entry(OrderHappening.ASKED, facts),), (Tell("progress_check", order.number, "again"),)


def ask_advisor(order: RepairOrder, facts: Facts) -> Doing:
    """Whoever is in charge is asked for reason and new time (P3, G2)."""
    promise = _promised(order)
    assert promise is not None
    asked = entry(OrderHappening.ADVISOR_ASKED, facts, **_about(order))
    cards = (
        Open("delay_question", Asked(promise), Home(person=person), order.number)
        for person in in_charge(order, facts)
    )
    return (asked,), (Tell("delay_question", order.number, "over"), *cards)


def _give_notice(order: RepairOrder, facts: Facts) -> Doing:
    """The pickup notice if the car is ready, the delay notice if not (P1, P3)."""
    return noticed(order, facts) if order.state is OrderState.READY else _delayed(order, facts)


def noticed(order: RepairOrder, facts: Facts, *, early: bool = False) -> Doing:
    """通知接车; `early`: by the advisor's button, ahead of its time (P6)."""
    notice = entry(OrderHappening.NOTICED, facts, **_about(order), early=early)
    promise = _promised(order)
    assert promise is not None
    over = Tell("pickup", order.number, "over")
    if order.person_id:
        home = Home(person=order.person_id)
        return (notice,), (over, Open("pickup", Notice(promise, early), home, order.number))
    words = notice_words(order, facts, early=early)
    called = Say("pickup/notice", words, to=Home(customer=order.customer_id), kind=Kind.NOTICE)
    return (notice, entry(OrderHappening.CALL_TASK, facts, **_about(order))), (called,)


def _delayed(order: RepairOrder, facts: Facts) -> Doing:
    """The car is not ready: the customer hears it by now, and the supervisor that nobody gave a reason (P3)."""
    promise = _promised(order)
    assert promise is not None
    reason = _last_reason(order)
    late = promise <= facts.now
    delay = entry(OrderHappening.DELAYED, facts, **_about(order), reason=reason, late=late)
    after = noted(order, delay)
    words = order_words(after, facts) | {"reason": reason}
    return (delay,), (
        Tell("pickup", order.number, "over"),
        customer_hears(after, "delayed", facts, reason=reason, due=None, late=late),
        *colleagues_hear("order_desk/no_reason", words, present_holders(facts.colleagues, SUPERVISORS)),
    )


def _last_reason(order: RepairOrder) -> str:
    """What the workshop said was wrong since the promise was made; empty: nobody has said."""
    for each in reversed(order.history):
        if each.happening is OrderHappening.PROMISED:
            break
        if each.happening is OrderHappening.PROGRESS:
            return str(each.details.get("reason", ""))
    return ""


def _unanswered(order: RepairOrder, facts: Facts) -> Doing:
    """The notice was not answered: a call to make (P4)."""
    task = entry(OrderHappening.CALL_TASK, facts, **_about(order))
    return (task,), (call_task(order, "pickup_unanswered"),)


def _nudge(order: RepairOrder, facts: Facts) -> Doing:
    """The customer has heard nothing for hours: a draft for whoever is in charge."""
    nudged = entry(OrderHappening.NUDGED, facts)
    cards = (
        Open("silent_visit", None, Home(person=person), order.number) for person in in_charge(order, facts)
    )
    return (nudged,), (Tell("silent_visit", order.number, "over"), *cards)


_DO = {
    "news": _tell_new_time,
    "progress": _ask_workshop,
    "again": _ask_again,
    "ask": ask_advisor,
    "notice": _give_notice,
    "unanswered": _unanswered,
    "silence": _nudge,
}


def open_hour(moment: datetime, facts: Facts) -> datetime:
    """`moment`, or the next opening when the shop is shut then: nobody can hand a car over at night."""
    return moment if is_shop_open(moment, facts.calendar) else facts.calendar.next_opening(moment)


def plain_time(moment: datetime) -> datetime:
    """`moment`, up to the next five minutes: nobody promises 13:57:30."""
    over = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment + timedelta(minutes=5) - over if over else moment
