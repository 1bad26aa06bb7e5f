"""A customer has heard nothing of their car for hours: the words to send lie ready for whoever is in charge.

In private. What is sent is what was shown: where the visit has gone on meanwhile, the new words are shown first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.call import number_for
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
from dialogs.facts import ORDER
from dialogs.order_moves import front_desk_or_above, order_words, tell_desk
from dialogs.writing import Writing
from domain.people import is_staff
from domain.pickup import standing_promise

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.repair_orders import RepairOrder

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the words that were shown told of: the order's state, the promised time and whether it had `passed`.

    `heard`: when the customer had last heard something. `called`: the number is open. `settled`: the last face is
    shown, and the order's card has been told.
    """

    state: str = ""
    promise: datetime | None = None
    passed: bool = False
    heard: datetime | None = None
    called: bool = False
    settled: bool = False


def remind(draft: Draft, event: Event, facts: Facts) -> Turn:
    """直接发送, 自己写 or, to a customer without a chat, 我来打电话; 暂不需要 leaves it until the next time."""
    order = facts.order
    match event:
        case Entered() if order is not None:
            return _shown(order, facts)
        case Told("over") if draft.settled:
            return done()
        case _ if order is None or not order.state.is_in_work:
            return done(_face("over", order, facts, in_place=True)) if order else done()
        case Told("over"):
            return done(_face("over", order, facts, in_place=True))
        case Pressed("send") if order.person_id:
            return _sent(draft, order, facts)
        case Pressed("write") if order.person_id:
            return stay(Open("writing", Writing(order.person_id, order.address), subject=order.number))
        case Pressed("call") if not order.person_id:
            called = replace(draft, called=True)
            return ask(called, _card(called, order, facts), *number_for(facts, order.address, order.phone))
        case Pressed("said") if draft.called and not order.person_id:
            return _settled(draft, order, "wrote", facts)
        case Pressed("not_now"):
            return done(_face("not_now", order, facts))
        case _:
            return stay(Toast("silent_visit/press_please"))


def _shown(order: RepairOrder, facts: Facts, *, changed: bool = False) -> Turn:
    """How long it has been, the very words that the customer would read, and the card below them."""
    shown = _standing(order, facts)
    since = order.last_word_at or order.opened_at
    hours = facts.calendar.business_time(since, facts.now) // HOUR
    opening = order_words(order, facts) | {"since": since, "minutes": hours * 60, "changed": changed}
    return ask(
        shown,
        Say("silent_visit/silent", opening, kind=Kind.STAFF, fresh=True),
        Say("order_sheet/word", order_words(order, facts), kind=Kind.STAFF, fresh=True),
        replace(_card(shown, order, facts), fresh=True),
    )


def _sent(draft: Draft, order: RepairOrder, facts: Facts) -> Turn:
    """Only what was read here may leave."""
    if draft != _standing(order, facts):
        return _shown(order, facts, changed=True)
    return _settled(draft, order, "word", facts)


def _settled(draft: Draft, order: RepairOrder, news: str, facts: Facts) -> Turn:
    # The order's card ends every reminder about it, this one too: the last face must not be overwritten then.
    return ask(replace(draft, settled=True), _face(news, order, facts), tell_desk(order.number, news))


def _standing(order: RepairOrder, facts: Facts) -> Draft:
    promise = standing_promise(order)
    at = promise.at if promise else None
    return Draft(order.state.value, at, at is not None and at <= facts.now, order.last_word_at)


def _card(draft: Draft, order: RepairOrder, facts: Facts) -> Say:
    words = order_words(order, facts) | {"phone": order.phone, "reached": bool(order.person_id)}
    return Say("silent_visit/card", words | {"called": draft.called}, _ways(draft, order), kind=Kind.STAFF)


def _ways(draft: Draft, order: RepairOrder) -> Rows:
    later = (Button("not_now"),)
    if order.person_id:
        return (Button("send"), Button("write")), later
    if order.phone and not draft.called:
        return (Button("call"),), later
    return (Button("said"),), later


def _face(news: str, order: RepairOrder, facts: Facts, *, in_place: bool = False) -> Say:
    """What the card says once there is nothing left to press."""
    words: dict[str, Any] = order_words(order, facts) | {"news": news}
    return Say("silent_visit/settled", words, kind=Kind.STAFF, in_place=in_place)


def in_charge_here(draft: Draft, facts: Facts) -> bool:
    """The front desk and those above it; and whoever was asked, as long as they belong to the house (R2)."""
    asked = facts.home_person == facts.who.person_id and is_staff(facts.who.roles)
    return asked or front_desk_or_above(draft, facts)


SILENT_VISIT = Dialog(
    "silent_visit",
    Draft,
    steps=(remind,),
    needs=frozenset({ORDER}),
    authority=dict.fromkeys(("send", "write", "call", "said", "not_now"), in_charge_here),
    patient=True,
)
