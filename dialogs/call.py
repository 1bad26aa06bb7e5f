"""A call to make: a customer asked for a person, or a message never arrived. Who takes it sees the number (A3, Q2)."""

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
    Pressed,
    Record,
    Say,
    Toast,
    Turn,
    ask,
    done,
    stay,
)

if TYPE_CHECKING:
    from dialogs.facts import Facts

UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call and why: a reason that a dialog handed over with, or that a message did not arrive.

    `said` is what the customer said last, or the message that did not arrive, as plain text. `taken_by` is the
    colleague who has it.
    """

    reason: str = "human"
    name: str = ""
    phone: str = ""
    said: str = ""
    taken_by: str = ""


def make(call: Call, event: Event, facts: Facts) -> Turn:
    """我来联系 shows the number to who pressed it, and to nobody else; 已联系 ends it."""
    match event:
        case Entered() if not call.taken_by:
            return ask(call, _card(call, ((Button("take"),),)))
        case Pressed("take"):
            taken = replace(call, taken_by=facts.who.first_name)
            return ask(taken, _taken(taken, facts), *number_for(facts, call.name, call.phone, call.said))
        case Entered():
            return ask(call, _taken(call, facts))
        case Pressed("called"):
            words = _words(call, facts) | {"who": facts.who.first_name}
            return done(Say("call/called", words, kind=Kind.STAFF), Record("call.made", facts.subject))
        case _:
            return stay(Toast("call/press_please"))


def number_for(facts: Facts, name: str, phone: str, said: str = "") -> tuple[Effect, ...]:
    """Number and words unmasked, in the private chat of the colleague who pressed; that is written down (A3, R5)."""
    if not phone:
        return ()
    words = {"name": name, "phone": phone, "said": said}
    shown = Say("call/number", words, to=Home(person=facts.who.person_id), kind=Kind.STAFF)
    return shown, Record("phone.opened", facts.subject)


def _card(call: Call, buttons: tuple[tuple[Button, ...], ...]) -> Say:
    if call.reason == UNDELIVERABLE:
        words = {"name": call.name, "phone": call.phone, "text": call.said}
        return Say("shared/undeliverable", words, buttons, kind=Kind.STAFF)
    words = {"name": call.name, "phone": call.phone, "said": call.said, "reason": call.reason}
    return Say("shared/hand_over_staff", words, buttons, kind=Kind.STAFF)


def _taken(call: Call, facts: Facts) -> Say:
    return Say("call/taken", _words(call, facts), ((Button("called"),),), kind=Kind.STAFF)


def _words(call: Call, facts: Facts) -> dict[str, Any]:
    return {"name": call.name, "phone": call.phone, "said": call.said, "who": call.taken_by, "now": facts.now}


CALL = Dialog(
    "call",
    Call,
    steps=(make,),
    authority={"take": at_own_desk_or_after_sales, "called": at_own_desk_or_after_sales},
    patient=True,
)
