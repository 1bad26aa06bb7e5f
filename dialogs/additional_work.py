"""Additional work 追加维修项目 in the customer's chat: what, why, price, new time; 同意, 不同意 or 请来电 (X1–X3).

Silence is never consent. The order's card writes an answer down and says so; only then does the message here show it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Kind,
    Media,
    Pressed,
    Record,
    Rows,
    Say,
    Toast,
    Told,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.facts import ORDER
from dialogs.order_moves import entry, noted, order_words, tell_desk
from domain.additional_work import OpenQuestion, open_questions
from domain.pickup import is_shop_open, standing_promise
from domain.repair_orders import OrderEntry, OrderHappening, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

TIMERS = ("remind", "call")
ANSWERS = frozenset({OrderHappening.AGREED.value, OrderHappening.REFUSED.value})
WAYS: Rows = ((Button("agree"), Button("refuse")), (Button("call"),))
SURE: Rows = ((Button("refuse_surely"), Button("agree", label="do_it")), (Button("call"),))
WAITS_FOR_CALL: Rows = ((Button("agree"), Button("refuse")),)


@dataclass(frozen=True, slots=True)
class Question:
    """The item that is asked about. `proposal`: which of its proposals was read here, 1 for the first; 0 before.

    Another price is another proposal: consent counts for the words that stand in this message.
    """

    item: str = ""
    proposal: int = 0


def decide(question: Question, event: Event, facts: Facts) -> Turn:
    """Wait for an explicit answer, for as long as the item is open (X2)."""
    order = facts.order
    if order is None:
        return done()
    is_new = not question.proposal
    if is_new:
        question = replace(question, proposal=len(_proposals(question.item, order)))
    waiting = _waiting(question, order, facts)
    match event:
        case Told("answered" | "over", words) if words.get("item") in (None, question.item):
            return _ended(question, order, str(words.get("answer", "")), facts)
        case Entered() if waiting is None:
            return done()
        case _ if waiting is None:
            return stay(Toast("additional_work/not_open"), *_timers(question, order, facts))
        case Entered():
            card = _asked(question, order, facts, fresh=is_new)
            return ask(question, card, *_timers(question, order, facts))
        case Pressed():
            return _pressed(question, order, waiting, event, facts)
        case Woke():
            return _woken(question, order, waiting, facts)
        case _:
            return stay(Toast("additional_work/press_please"), *_timers(question, order, facts))


# ---------------------------------------------------------------- what the customer presses


def _pressed(
    question: Question, order: RepairOrder, waiting: OpenQuestion, pressed: Pressed, facts: Facts
) -> Turn:
    """An answer goes to the order's card, whose word ends this; that about safety is read back first (X3)."""
    match pressed.key:
        case "agree":
            return stay(tell_desk(order.number, "agreed", item=question.item))
        case "refuse" if _proposal(question, order).details["safety"]:
            read_back = Say("additional_work/sure", _words(question, order, facts), SURE)
            record = Record("order.safety_read_back", order.number)
            return ask(question, read_back, record, *_timers(question, order, facts))
        case "refuse" | "refuse_surely":
            return stay(tell_desk(order.number, "refused", item=question.item))
        case "call" if waiting.call is not None:
            return _call_wanted(question, order, facts)
        case "call":
            return stay(Toast("additional_work/call_planned"), *_timers(question, order, facts))
        case _:
            return stay(Toast("additional_work/press_please"), *_timers(question, order, facts))


def _call_wanted(question: Question, order: RepairOrder, facts: Facts) -> Turn:
    """请来电: somebody rings at once; it can still be answered here."""
    after = noted(order, entry(OrderHappening.CALL_TASK, facts, item=question.item))
    words = _words(question, order, facts) | {"start": _call_begins(facts)}
    return ask(
        question,
        Say("additional_work/call_wanted", words, WAITS_FOR_CALL),
        tell_desk(order.number, "work_call", item=question.item),
        *_timers(question, after, facts),
    )


def _ended(question: Question, order: RepairOrder, answer: str, facts: Facts) -> Turn:
    """The message shows what became of it, and can be pressed no more."""
    if answer not in ANSWERS or not question.proposal:
        words = order_words(order, facts) | {"item": question.item}
        return done(Say("additional_work/over", words, in_place=True))
    happening = OrderHappening(answer)
    given = [each for each in order.of(happening) if each.details["item"] == question.item]
    if not given:
        given = [entry(happening, facts, item=question.item)]
        order = noted(order, *given)
    words = _words(question, order, facts) | {
        "answer": answer,
        "start": given[-1].at,
        "by_phone": given[-1].details.get("how") == "phone",
    }
    return done(Say("additional_work/answered", words, in_place=True))


# ---------------------------------------------------------------- silence


def _woken(question: Question, order: RepairOrder, waiting: OpenQuestion, facts: Facts) -> Turn:
    """What is due by now; a reminder that is late beyond the call is not made up for (X2)."""
    if waiting.call is not None and waiting.call <= facts.now:
        return _silent(question, order, facts)
    if waiting.remind is not None and waiting.remind <= facts.now:
        return _reminded(question, order, facts)
    return stay(*_timers(question, order, facts))


def _reminded(question: Question, order: RepairOrder, facts: Facts) -> Turn:
    """A short message has the buttons from now on; the question stays above it to be read."""
    after = noted(order, entry(OrderHappening.WORK_REMINDED, facts, item=question.item))
    words = _words(question, order, facts)
    return ask(
        question,
        Say("additional_work/question", words, in_place=True),
        Say("additional_work/remind", words, WAYS, kind=Kind.NOTICE, fresh=True),
        tell_desk(order.number, "work_reminded", item=question.item),
        *_timers(question, after, facts),
    )


def _silent(question: Question, order: RepairOrder, facts: Facts) -> Turn:
    """Nobody answered: we ring, and the buttons still work."""
    after = noted(order, entry(OrderHappening.CALL_TASK, facts, item=question.item))
    words = _words(question, order, facts) | {"start": _call_begins(facts)}
    return stay(
        Say("additional_work/silent", words, kind=Kind.NOTICE, fresh=True),
        tell_desk(order.number, "work_silent", item=question.item),
        *_timers(question, after, facts),
    )


def _timers(question: Question, order: RepairOrder, facts: Facts) -> tuple[Effect, ...]:
    """Reminder and call as the history has them now; what it does not ask for any more is taken back."""
    waiting = _waiting(question, order, facts)
    words = {"number": order.number, "item": question.item}
    due = {"remind": waiting.remind, "call": waiting.call} if waiting else {}
    return tuple(Wake(name, at, words) if (at := due.get(name)) else Unwake(name) for name in TIMERS)


def _call_begins(facts: Facts) -> datetime | None:
    """From when somebody can ring; None: now."""
    return None if is_shop_open(facts.now, facts.calendar) else facts.calendar.next_opening(facts.now)


# ---------------------------------------------------------------- what was proposed


def _proposals(item: str, order: RepairOrder) -> list[OrderEntry]:
    return [each for each in order.of(OrderHappening.PROPOSED) if each.details["item"] == item]


def _proposal(question: Question, order: RepairOrder) -> OrderEntry:
    return _proposals(question.item, order)[question.proposal - 1]


def _waiting(question: Question, order: RepairOrder, facts: Facts) -> OpenQuestion | None:
    """This very proposal, while it waits for an answer."""
    if len(_proposals(question.item, order)) != question.proposal:
        return None
    found = open_questions(order, facts.store.visits)
    return next((each for each in found if each.item == question.item), None)


def _asked(question: Question, order: RepairOrder, facts: Facts, *, fresh: bool) -> Say:
    """The question; `fresh`: for the first time, after its photo."""
    photo = _proposal(question, order).details.get("photo") if fresh else None
    return Say(
        "additional_work/question",
        _words(question, order, facts),
        WAYS,
        kind=Kind.NOTICE,
        fresh=fresh,
        media=Media(*photo) if photo else None,
    )


def _words(question: Question, order: RepairOrder, facts: Facts) -> dict[str, Any]:
    return question_words(_proposal(question, order), order, facts)


def question_words(proposed: OrderEntry, order: RepairOrder, facts: Facts) -> dict[str, Any]:
    """What the customer reads of a proposal; `due` is the new hand-over time, None where it stays as it stands.

    `late`: that time has passed or is too near to be kept by now, so that another one has to be named.
    """
    details, promise = proposed.details, standing_promise(order)
    until = datetime.fromisoformat(details["until"]) if details["until"] else None
    due = until if until and (promise is None or until > promise.at) else None
    return order_words(order, facts) | {
        "item": str(details["item"]),
        "price": Decimal(details["price"]),
        "why": str(details["why"]),
        "safety": bool(details["safety"]),
        "due": due,
        "late": due is not None and due <= facts.now,
    }


ADDITIONAL_WORK = Dialog("additional_work", Question, steps=(decide,), needs=frozenset({ORDER}), patient=True)
