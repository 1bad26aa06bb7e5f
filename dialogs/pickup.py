"""The pickup notice 通知客户接车: the car is ready, until when we are open, and whether the time suits (P1, P4, P6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

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
from dialogs.facts import BILL, ORDER
from dialogs.order_moves import order_words, tell_desk
from dialogs.pickup_time import PickupTime
from domain.pickup import standing_promise
from domain.repair_orders import OrderState, RepairOrder
from domain.settlement import bill_of

if TYPE_CHECKING:
    from dialogs.facts import Facts

CHANGE = (Button("change"),)
ANSWERS: Rows = ((Button("on_time"), Button("late")), CHANGE)


@dataclass(frozen=True, slots=True)
class Notice:
    """The promised time that the notice is about; `early`: ready ahead of it (P6). `answer`: on_time, late, change."""

    promise: datetime
    early: bool = False
    answer: str = ""


def notify(notice: Notice, event: Event, facts: Facts) -> Turn:
    """Say that the car is ready, and take one answer (P4); a second press of the same changes nothing."""
    order = facts.order
    if order is None:
        return done()
    match event:
        case Entered():
            return ask(notice, _face(notice, order, facts, fresh=True))
        case Told("over"):
            return done(_last_face(notice, order, facts))
        case Pressed() if not _stands(notice, order):
            return done(_last_face(notice, order, facts), Toast("pickup/over_already"))
        case Pressed("on_time" | "late" as answer) if not notice.answer:
            answered = replace(notice, answer=answer)
            return ask(
                answered, _face(answered, order, facts), tell_desk(order.number, "answered", answer=answer)
            )
        case Pressed("change"):
            return _change(notice, order, facts)
        case _:
            return stay(Toast("pickup/press_please"))


def _change(notice: Notice, order: RepairOrder, facts: Facts) -> Turn:
    """改时间: a new time is asked for below; whoever gives that up finds the button again."""
    changing = replace(notice, answer="change")
    told = () if notice.answer == "change" else (tell_desk(order.number, "answered", answer="change"),)
    asked = Open("pickup_time", PickupTime(notice.promise), subject=order.number)
    return ask(changing, _face(changing, order, facts), *told, asked)


def _stands(notice: Notice, order: RepairOrder) -> bool:
    """Whether the car still waits to be fetched at the time that the notice is about (P5)."""
    promise = standing_promise(order)
    return order.state is OrderState.READY and promise is not None and promise.at == notice.promise


# ---------------------------------------------------------------- words


def notice_words(order: RepairOrder, facts: Facts, *, early: bool) -> dict[str, Any]:
    """What the notice says besides the order: ahead of time or not, until when the shop is open that day, the bill.

    The dialog needs BILL; before there is a bill, the estimate is named as one.
    """
    words = order_words(order, facts)
    promise = words["promise"]
    comes = facts.now if early or promise is None else max(promise, facts.now)
    bill = bill_of(facts.settlement, facts.store.settlement) if facts.settlement else None
    return words | {"early": early, "ends": _closing(comes, facts), "bill": bill}


def _closing(comes: datetime, facts: Facts) -> datetime:
    """Until when the shop is open on the day somebody comes; the next open day when it is too late then."""
    calendar = facts.calendar
    spans = calendar.open_spans(comes.astimezone(calendar.zone).date())
    if spans and comes.astimezone(UTC) <= spans[-1].end.astimezone(UTC):
        return spans[-1].end
    return calendar.open_spans(calendar.next_opening(comes.astimezone(UTC)).date())[-1].end


def _face(notice: Notice, order: RepairOrder, facts: Facts, *, fresh: bool = False) -> Say:
    """The notice with its answers, or what follows from the one that was given."""
    words = notice_words(order, facts, early=notice.early)
    match notice.answer:
        case "on_time":
            return _say("pickup/on_time", words, (), fresh=fresh)
        case "late":
            return _say("pickup/late", words, (CHANGE,), fresh=fresh)
        case "change":
            return _say("pickup/changing", words, (CHANGE,), fresh=fresh)
        case _:
            return _say("pickup/notice", words, ANSWERS, fresh=fresh)


def _last_face(notice: Notice, order: RepairOrder, facts: Facts) -> Say:
    """No buttons any more; where another time counts by now, or the car is not ready after all, it says so."""
    promise = standing_promise(order)
    words = notice_words(order, facts, early=notice.early)
    if order.state.is_in_work or promise is None or promise.at != notice.promise:
        return _say("pickup/replaced", words)
    return _say("pickup/on_time" if notice.answer == "on_time" else "pickup/notice", words)


def _say(script: str, words: dict[str, Any], rows: Rows = (), *, fresh: bool = False) -> Say:
    """The notice must arrive, or somebody calls; that an edit did not is no reason to call anybody."""
    kind = Kind.NOTICE if fresh else Kind.ANSWER
    return Say(script, words, rows, kind=kind, fresh=fresh, in_place=not fresh)


PICKUP = Dialog("pickup", Notice, steps=(notify,), needs=frozenset({ORDER, BILL}), patient=True)
