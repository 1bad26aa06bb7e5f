"""The shop proposes a time, the customer accepts with a button, and the colleague hears the answer (B1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.appointment_form import Form, card_words, service_of
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Record,
    Refused,
    Rows,
    Say,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import SCHEDULE
from dialogs.signature import signed
from domain.appointments import appointment_number
from domain.slots import Refusal

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.store import Service

BUTTONS: Rows = ((Button("accept"),), (Button("other_time"), Button("no_thanks")))
NOT_THAT_ONE: Rows = ((Button("other_time"), Button("no_thanks")),)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The form as the shop filled it in, and the colleague `by` whom."""

    form: Form
    by: int


def offer(proposed: Proposed, event: Event, facts: Facts) -> Turn:
    """Wait for 接受, 换个时间 or 不用了; nothing is booked without an answer (B1)."""
    form = replace(proposed.form, number=appointment_number(facts.now, facts.conversation))
    service = service_of(form.service, facts)
    if service is None or form.start is None:
        return done(Say("proposal/declined"))
    words = card_words(form, service, facts)
    match event:
        case Refused():
            return ask(proposed, Say("proposal/taken", words, NOT_THAT_ONE))
        case Entered():
            return ask(proposed, Say("proposal/offer", words, BUTTONS, kind=Kind.NOTICE))
        case Pressed("accept"):
            return _accepted(proposed, form, service, facts)
        case Pressed("other_time"):
            wish = replace(proposed.form, start=None, number="")
            booking = Open("booking", wish, Home(person=facts.home_person))
            return done(Say("proposal/other_time"), _heard(proposed, words, "other_time"), booking)
        case Pressed("no_thanks"):
            return done(Say("proposal/declined"), _heard(proposed, words, "declined"))
        case _:
            return stay()


def _accepted(proposed: Proposed, form: Form, service: Service, facts: Facts) -> Turn:
    assert form.start is not None
    words = card_words(form, service, facts)
    reason = facts.schedule.is_bookable(service, form.start, facts.now)
    if reason is not None:
        answer = "taken" if reason is Refusal.FULL else "too_late"
        return ask(proposed, Say("proposal/taken", words, NOT_THAT_ONE), _heard(proposed, words, answer))
    accepted = Record("proposal.accepted", form.number, {"by": proposed.by})
    return done(*signed(form, service, facts), accepted, _heard(proposed, words, "accepted"))


def _heard(proposed: Proposed, words: dict[str, Any], answer: str) -> Say:
    """The colleague who proposed it hears what became of it."""
    return Say("proposal/answer", words | {"answer": answer}, to=Home(person=proposed.by), kind=Kind.STAFF)


PROPOSAL = Dialog("proposal", Proposed, steps=(offer,), needs=frozenset({SCHEDULE}), patient=True)
