"""按时交车吗？ The workshop is asked when most of the planned time is over; silence reaches its supervisor (G1–G3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Home,
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
from dialogs.order_moves import colleagues_hear, order_words, tell_desk, workshop_or_front_desk
from dialogs.promise_form import NewPromise
from domain.people import Role, present_holders
from domain.repair_orders import OrderHappening, RepairOrder

if TYPE_CHECKING:
    from dialogs.facts import Facts

LATE = ("30", "60", "120")  # minutes
BUTTONS: Rows = (
    (Button("on_time"),),
    tuple(Button("late", minutes, words={"minutes": int(minutes)}) for minutes in LATE),
    (Button("other"), Button("parts"), Button("contact")),
)


@dataclass(frozen=True, slots=True)
class Check:
    """`again`: nobody answered the first time, so that the supervisor is named (G3)."""

    again: bool = False


def ask_workshop(check: Check, event: Event, facts: Facts) -> Turn:
    """Ask until somebody answers, or the card of the order says that it is settled."""
    order = facts.order
    if order is None:
        return done()
    match event:
        case Told("over"):
            return _over(order, facts)
        case Entered() | Pressed() if not order.state.is_in_work:
            return _over(order, facts)
        case Entered():
            return ask(check, _card(check, order, facts))
        case Told("again"):
            again = Check(again=True)
            words = order_words(order, facts)
            lines = colleagues_hear("progress_check/supervisor", words, _supervisors(facts))
            return ask(again, _without_buttons(order, facts), _card(again, order, facts), *lines)
        case Pressed("on_time" | "parts" | "contact" as answer):
            return _answered(order, facts, answer)
        case Pressed("late", minutes) if minutes in LATE:
            return _answered(order, facts, "late", int(minutes))
        case Pressed("other"):
            form = Open("promise_form", NewPromise(), Home(person=facts.who.person_id), order.number)
            return stay(form, Toast("progress_check/go_private"))
        case Told():
            return stay()
        case _:
            return stay(Toast("progress_check/press_please"))


def _answered(order: RepairOrder, facts: Facts, answer: str, minutes: int = 0) -> Turn:
    """G2: the order's card takes it from here."""
    words = order_words(order, facts)
    words |= {"answer": answer, "minutes": minutes, "seen_by": facts.who.first_name}
    shown = Say("progress_check/answered", words, kind=Kind.STAFF)
    # A new time ends every question about the old one, this one too: who answered is said after that, and stays.
    return done(tell_desk(order.number, "progress", answer=answer, minutes=minutes), shown)


def _over(order: RepairOrder, facts: Facts) -> Turn:
    return done(Say("progress_check/over", order_words(order, facts), kind=Kind.STAFF, in_place=True))


def _card(check: Check, order: RepairOrder, facts: Facts) -> Say:
    words: dict[str, Any] = order_words(order, facts) | {"names": _names(facts) if check.again else ()}
    return Say("progress_check/card", words, BUTTONS, kind=Kind.STAFF, fresh=True)


def _without_buttons(order: RepairOrder, facts: Facts) -> Say:
    """The first card stays to be read; what is pressed lies below it from now on."""
    first = _card(Check(), order, facts)
    return replace(first, buttons=(), fresh=False, in_place=True)


def _supervisors(facts: Facts) -> tuple[int, ...]:
    return present_holders(facts.colleagues, (Role.WORKSHOP_SUPERVISOR,))


def _names(facts: Facts) -> tuple[str, ...]:
    found = (facts.colleague(person) for person in _supervisors(facts))
    return tuple(each.first_name for each in found if each)


def overtaken(check: Check, facts: Facts, key: str) -> Toast | None:
    """Of two who answer together one is heard; the other reads who."""
    talk = facts.order.of(OrderHappening.ASKED, OrderHappening.PROGRESS) if facts.order else ()
    if not talk or talk[-1].happening is not OrderHappening.PROGRESS:
        return None
    return Toast("progress_check/taken", {"seen_by": talk[-1].who})


PROGRESS_CHECK = Dialog(
    "progress_check",
    Check,
    steps=(ask_workshop,),
    needs=frozenset({ORDER, COLLEAGUES}),
    authority=dict.fromkeys(("on_time", "late", "other", "parts", "contact"), workshop_or_front_desk),
    overtaken=overtaken,
    patient=True,
)
