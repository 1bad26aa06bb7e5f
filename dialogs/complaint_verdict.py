"""The verdict of a caller who is in no chat: whoever closed the case calls, tells the answer and asks (C10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.complaint_moves import entry, reopened
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
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
from dialogs.effects import Note
from dialogs.facts import COLLEAGUES, COMPLAINT
from domain.complaints import Complaint, ComplaintState, Happening

if TYPE_CHECKING:
    from dialogs.facts import Facts

VERDICT: Rows = ((Button("satisfied"), Button("dissatisfied")),)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Nothing is remembered: answer and number are in the case."""


def ask_by_phone(verdict: Verdict, event: Event, facts: Facts) -> Turn:
    """Call, read the answer out, and press what the customer says; 不满意 reopens the case."""
    complaint = facts.complaint
    if complaint is None or complaint.state is ComplaintState.OPEN:
        return done()
    match event:
        case Entered():
            return ask(verdict, _say("complaint_verdict/card", complaint, VERDICT))
        case Pressed("satisfied"):
            noted = Note(complaint.number, (entry(Happening.SATISFIED, facts),))
            record = Record("complaint.satisfied", complaint.number)
            return done(noted, record, _say("complaint_verdict/satisfied", complaint))
        case Pressed("dissatisfied"):
            record = Record("complaint.dissatisfied", complaint.number)
            return done(*reopened(complaint, facts), record, _say("complaint_verdict/reopened", complaint))
        case _:
            return stay(Toast("complaint_verdict/press_please"))


def _say(script: str, complaint: Complaint, rows: Rows = ()) -> Say:
    by, closing = complaint.by, complaint.of(Happening.CLOSED)
    words = {
        "number": complaint.number,
        "name": by.name,
        "phone": by.phone,
        "answer": closing[-1].details["answer"] if closing else "",
    }
    return Say(script, words, rows, kind=Kind.STAFF)


COMPLAINT_VERDICT = Dialog(
    "complaint_verdict",
    Verdict,
    steps=(ask_by_phone,),
    needs=frozenset({COMPLAINT, COLLEAGUES}),
    patient=True,
)
