"""投诉进度单: the step, who is responsible, by when we answer; the customer has the last word (C8, C10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialogs.complaint_moves import entry, managers_hear, noted, reopened
from dialogs.complaint_words import Words
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
    Pressed,
    Record,
    Rows,
    Say,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.effects import Note
from dialogs.facts import COLLEAGUES, COMPLAINT, CUSTOMER_FILE
from domain.complaint_chain import legs, next_answer, open_legs
from domain.complaints import Complaint, ComplaintState, Happening, Step
from domain.people import Role

if TYPE_CHECKING:
    from dialogs.facts import Facts

NEWS = frozenset({"accepted", "handed_up", "dispatched", "summing_up", "closed", "breached", "paused"})
"""What the customer gets a line of their own about; everything else only changes the sheet."""

UNDER_WAY: Rows = ((Button("more"), Button("boss")),)
VERDICT: Rows = ((Button("satisfied"), Button("dissatisfied")),)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Nothing is remembered: the sheet is the complaint's history, as the customer may see it."""


def follow(sheet: Sheet, event: Event, facts: Facts) -> Turn:
    """Show where it stands; take more words, the wish for the manager, and the verdict."""
    complaint = facts.complaint
    if complaint is None:
        return done()
    match event:
        case Entered() | Told("show"):
            return ask(sheet, _sheet(complaint, facts, fresh=True))
        case Told(news, words) if news in NEWS:
            told = _words(complaint, facts) | {"news": news, "who": words.get("who", "")}
            line = Say("complaint_sheet/news", told, kind=_kind(news), fresh=True)
            return ask(sheet, _sheet(complaint, facts), line)
        case Told():
            return ask(sheet, _sheet(complaint, facts))
        case Pressed("more"):
            return stay(Open("complaint_words", Words(asked=True), subject=complaint.number))
        case Pressed("boss"):
            return _boss(sheet, complaint, facts)
        case Pressed("satisfied") if complaint.state is ComplaintState.CLOSED:
            verdict = Note(complaint.number, (entry(Happening.SATISFIED, facts),))
            return done(verdict, _verdict("satisfied", complaint), _last(complaint, facts, "satisfied"))
        case Pressed("dissatisfied") if complaint.state is ComplaintState.CLOSED:
            return _reopened(sheet, complaint, facts)
        case _:
            return stay(Toast("complaint_sheet/press_please"))


def _kind(news: str) -> Kind:
    """What colleagues do is told at once; that a deadline passed in the night is told in the morning."""
    return Kind.REMINDER if news == "breached" else Kind.NOTICE


def _reopened(sheet: Sheet, complaint: Complaint, facts: Facts) -> Turn:
    """不满意: the after-sales manager has it again, and the customer may say why (C10)."""
    note, *cards = reopened(complaint, facts)
    assert isinstance(note, Note)
    after = noted(complaint, *note.entries)
    return ask(
        sheet,
        note,
        *cards,
        _verdict("dissatisfied", complaint),
        _sheet(after, facts),
        Say("complaint_sheet/reopened", _words(after, facts), fresh=True),
        Open("complaint_words", Words(asked=True), subject=complaint.number),
    )


def _boss(sheet: Sheet, complaint: Complaint, facts: Facts) -> Turn:
    """一键找店长: the managers know at once; once is enough."""
    since = [each.happening for each in complaint.of(Happening.MANAGER_ASKED, Happening.REOPENED)]
    if since and since[-1] is Happening.MANAGER_ASKED:
        return stay(Toast("complaint_sheet/boss_knows", alert=True))
    asked = Note(complaint.number, (entry(Happening.MANAGER_ASKED, facts),))
    words = {"number": complaint.number, "name": complaint.by.name, "phone": complaint.by.phone}
    told = managers_hear(
        "complaint_sheet/boss_wanted", words, facts, Role.AFTER_SALES_MANAGER, Role.GENERAL_MANAGER
    )
    record = Record("complaint.manager_asked", complaint.number)
    return ask(
        sheet,
        asked,
        record,
        _sheet(complaint, facts),
        Say("complaint_sheet/boss_told", _words(complaint, facts), fresh=True),
        *told,
    )


def _sheet(complaint: Complaint, facts: Facts, *, fresh: bool = False) -> Say:
    rows = VERDICT if complaint.state is ComplaintState.CLOSED else UNDER_WAY
    return Say(
        "complaint_sheet/sheet",
        _words(complaint, facts),
        rows,
        kind=Kind.NOTICE,
        fresh=fresh,
        in_place=not fresh,
    )


def _last(complaint: Complaint, facts: Facts, verdict: str) -> Say:
    return Say("complaint_sheet/over", _words(complaint, facts) | {"verdict": verdict}, in_place=True)


def _verdict(verdict: str, complaint: Complaint) -> Record:
    return Record(f"complaint.{verdict}", complaint.number)


def _words(complaint: Complaint, facts: Facts) -> dict[str, Any]:
    open_now = open_legs(complaint.history)
    closing = complaint.of(Happening.CLOSED)
    due = next_answer(complaint.history, facts.calendar)
    return {
        "complaint": complaint,
        "number": complaint.number,
        "address": facts.customer.address if facts.customer and facts.customer.name else complaint.by.name,
        "leg": open_now[0] if open_now else None,
        "owners": tuple(leg for leg in open_now if leg.owner_name),
        "working": tuple(leg for leg in open_now if leg.step is Step.DEPARTMENT),
        "due": due if due and due > facts.now else None,
        "overdue": any(Happening.BREACHED in leg.alarms for leg in open_now),
        "waits": any(leg.pause for leg in open_now),
        "steps": _steps(complaint),
        "answer": closing[-1].details["answer"] if closing else "",
        "store": facts.store,
        "now": facts.now,
    }


def _steps(complaint: Complaint) -> tuple[Step, ...]:
    """The steps up to where it stands now: what a reopening or another dispatch leads to again is not done yet."""
    chain = tuple(Step)
    begun = {leg.step for leg in legs(complaint.history)}
    now = max((chain.index(leg.step) for leg in open_legs(complaint.history)), default=len(chain))
    return tuple(step for place, step in enumerate(chain) if step in begun and place <= now)


COMPLAINT_SHEET = Dialog(
    "complaint_sheet",
    Sheet,
    steps=(follow,),
    needs=frozenset({COMPLAINT, COLLEAGUES, CUSTOMER_FILE}),
    patient=True,
)
