"""A call to make, or to answer in writing: a customer asked for a person, or a message never arrived (A3, Q2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.authority import at_own_desk_or_after_sales
from dialogs.core import (
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Record,
    Rows,
    Say,
    Toast,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.writing import Writing
from domain.repair_orders import PREFIX

if TYPE_CHECKING:
    from dialogs.facts import Facts

UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call and why: a reason that a dialog handed over with, or that a message did not arrive.

    `said` is what the customer said last, or the message that did not arrive, as plain text. `taken_by` and `taker`
    are the colleague who has it. `person` is the customer in the chat; 0: there is none, or nothing reaches them there.
    """

    reason: str = "human"
    name: str = ""
    phone: str = ""
    said: str = ""
    taken_by: str = ""
    person: int = 0
    taker: int = 0


def make(call: Call, event: Event, facts: Facts) -> Turn:
    """我来联系 and 在这里答复 show the number to who pressed, and to nobody else; 已联系 ends it."""
    match event:
        case Entered() if not call.taken_by:
            return ask(call, _card(call, facts, (_ways(call, Button("take")),)))
        case Pressed("take"):
            return _take(call, facts)
        case Pressed("answer") if call.person:
            return _take(call, facts, *_writing(call, facts))
        case Entered():
            return ask(call, _taken(call, facts))
        case Pressed("called") if call.taken_by:
            words = _words(call, facts) | {"who": facts.who.first_name}
            return done(Say("call/called", words, kind=Kind.STAFF), Record("call.made", facts.subject))
        case _:
            return stay(Toast("call/press_please"))


def _take(call: Call, facts: Facts, *also: Effect) -> Turn:
    """Whoever presses has it from now on."""
    who = facts.who
    shown = () if call.taker == who.person_id else number_for(facts, call.name, call.phone, call.said)
    taken = replace(call, taken_by=who.first_name, taker=who.person_id)
    return ask(taken, _taken(taken, facts), *shown, *also)


def _writing(call: Call, facts: Facts) -> tuple[Effect, ...]:
    """The customer reads the answer in their own chat with us (Q2)."""
    writing = Writing(call.person, call.name)
    home = Home(person=facts.who.person_id)
    return Open("writing", writing, home, facts.subject), Toast("call/write_privately")


def number_for(facts: Facts, name: str, phone: str, said: str = "") -> tuple[Effect, ...]:
    """Number and words unmasked, in the private chat of the colleague who pressed; that is written down (A3, R5)."""
    if not phone:
        return ()
    words = {"name": name, "phone": phone, "said": said}
    shown = Say("call/number", words, to=Home(person=facts.who.person_id), kind=Kind.STAFF)
    return shown, Record("phone.opened", facts.subject)


def _ways(call: Call, first: Button) -> tuple[Button, ...]:
    return (first, Button("answer")) if call.person else (first,)


def _card(call: Call, facts: Facts, buttons: Rows) -> Say:
    if call.reason == UNDELIVERABLE:
        words = {"name": call.name, "phone": call.phone, "text": call.said}
        return Say("shared/undeliverable", words, buttons, kind=Kind.STAFF)
    words = _words(call, facts) | {"reason": call.reason}
    return Say("shared/hand_over_staff", words, buttons, kind=Kind.STAFF)


def _taken(call: Call, facts: Facts) -> Say:
    rows = (_ways(call, Button("called")),)
    return Say("call/taken", _words(call, facts), rows, kind=Kind.STAFF)


def _words(call: Call, facts: Facts) -> dict[str, Any]:
    """`number`: the repair order that it is about; "" where it is about none."""
    return {
        "name": call.name,
        "phone": call.phone,
        "said": call.said,
        "who": call.taken_by,
        "now": facts.now,
        "number": facts.subject if facts.subject.startswith(PREFIX) else "",
    }


CALL = Dialog(
    "call",
    Call,
    steps=(make,),
    authority=dict.fromkeys(("take", "answer", "called"), at_own_desk_or_after_sales),
    patient=True,
)
