"""The form of a step 处理单: contact, cause, responsible person, solution, next promise, loss (C8, C11).

Read top to bottom like the paper form, in the private chat of whoever has the step; it can be filled in again until
the step is over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Said,
    Say,
    Tell,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.facts import COLLEAGUES, COMPLAINT
from dialogs.keyboard import in_rows
from domain.complaint_chain import Leg, leg_called
from domain.complaint_ladder import owners
from domain.complaints import Cause, Loss, Step
from domain.intents import Intent, find_intent
from domain.spelling import tells_something

if TYPE_CHECKING:
    from dialogs.core import Step as DialogStep
    from dialogs.facts import Facts

CANCEL = (Button("cancel"),)
LONGEST_NAME = 40
MOST_COLLEAGUES = 8
NO_PROMISE = "—"  # asked for and left out
COUNTS_LOSS = frozenset({Step.DEPARTMENT, Step.SUMMARY})


@dataclass(frozen=True, slots=True)
class Report:
    """What is filled in so far, for leg `leg`. `cause` and `loss` are values of their enums."""

    leg: str = ""
    contact: str = ""
    cause: str = ""
    responsible: str = ""
    solution: str = ""
    promise: str = ""
    loss: str = ""


def while_theirs(step: DialogStep) -> DialogStep:
    """The step as long as this leg is open and theirs: else nothing more can be reported of it here."""

    @wraps(step)
    def guarded(report: Report, event: Event, facts: Facts) -> Turn:
        if over := _over(report, facts):
            return over
        return stay() if isinstance(event, Woke) else step(report, event, facts)

    return guarded


@while_theirs
def begin(report: Report, event: Event, facts: Facts) -> Turn:
    """What was reported of this step before is a good beginning."""
    earlier = _earlier(report, facts)
    match event:
        case Entered() if earlier is None:
            return onward(report, facts)
        case Pressed("edit") if earlier is not None:
            return then(check, earlier)
        case Pressed("afresh"):
            return onward(Report(report.leg), facts)
        case _:
            question = _card(
                "complaint_report/earlier",
                earlier or report,
                facts,
                (Button("edit"), Button("afresh")),
                CANCEL,
            )
            return ask(report, question) if isinstance(event, Entered) else ask_again(report, question)


@while_theirs
def tell_contact(report: Report, event: Event, facts: Facts) -> Turn:
    """联系情况: when and how the customer was reached, and what they said."""
    return _in_words(
        report, "contact", _card("complaint_report/ask_contact", report, facts, CANCEL), event, facts
    )


@while_theirs
def choose_cause(report: Report, event: Event, facts: Facts) -> Turn:
    """原因: ability, knowledge, process, parts or product."""
    buttons = [Button("cause", each.value, words={"cause": each.value}) for each in Cause]
    question = _card("complaint_report/ask_cause", report, facts, *in_rows(buttons, 2), CANCEL)
    match event:
        case Entered():
            return ask(report, question)
        case Pressed("cause", value) if value in set(Cause):
            return onward(replace(report, cause=value), facts)
        case _:
            return ask_again(report, question)


@while_theirs
def name_responsible(report: Report, event: Event, facts: Facts) -> Turn:
    """责任人: a colleague by button, anybody by name."""
    names = {str(each.person_id): each.first_name for each in facts.colleagues}
    question = _card(
        "complaint_report/ask_responsible", report, facts, *in_rows(_likely(report, facts), 2), CANCEL
    )
    match event:
        case Entered():
            return ask(report, question)
        case Pressed("responsible", person) if person in names:
            return onward(replace(report, responsible=names[person]), facts)
        case Said(text) if tells_something(text) and len(text.strip()) <= LONGEST_NAME:
            return onward(replace(report, responsible=text.strip()), facts)
        case Said():
            return ask(report, _card("complaint_report/name_please", report, facts, *question.buttons))
        case _:
            return ask_again(report, question)


@while_theirs
def tell_solution(report: Report, event: Event, facts: Facts) -> Turn:
    """处理方案; when the case is summed up it is the answer that the customer reads word for word (C10)."""
    return _in_words(
        report, "solution", _card("complaint_report/ask_solution", report, facts, CANCEL), event, facts
    )


@while_theirs
def tell_promise(report: Report, event: Event, facts: Facts) -> Turn:
    """What the customer was promised next, if anything."""
    question = _card("complaint_report/ask_promise", report, facts, (Button("skip"),), CANCEL)
    match event:
        case Pressed("skip"):
            return onward(replace(report, promise=NO_PROMISE), facts)
        case _:
            return _in_words(report, "promise", question, event, facts)


@while_theirs
def weigh_loss(report: Report, event: Event, facts: Facts) -> Turn:
    """What the store lost by it: nothing, a hidden or a visible loss (C11)."""
    buttons = tuple(Button("loss", each.value, words={"loss": each.value}) for each in Loss)
    question = _card("complaint_report/ask_loss", report, facts, buttons, CANCEL)
    match event:
        case Entered():
            return ask(report, question)
        case Pressed("loss", value) if value in set(Loss):
            return onward(replace(report, loss=value), facts)
        case _:
            return ask_again(report, question)


@while_theirs
def check(report: Report, event: Event, facts: Facts) -> Turn:
    """Everything is read back; each line can be changed alone."""
    match event:
        case Entered():
            return ask(report, _read_back(report, facts))
        case Pressed("submit"):
            return _submitted(report, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _submitted(report, facts)
        case Pressed("afresh"):
            return onward(Report(report.leg), facts)
        case Pressed("change", name) if name in {line for line, _, _ in _lines(report)}:
            return onward(replace(report, **{name: ""}), facts)
        case _:
            return ask_again(report, _read_back(report, facts))


# ---------------------------------------------------------------- the way from line to line


def onward(report: Report, facts: Facts) -> Turn:
    """Go on with the first line that is still empty."""
    empty = (step for name, step, _ in _lines(report) if not getattr(report, name))
    return then(next(empty, check), report)


def _lines(report: Report) -> tuple[tuple[str, DialogStep, str], ...]:
    """The lines of this step's form in their order: field, the step that asks for it, the button that changes it."""
    step = _step(report)
    solution = "change_answer" if step is Step.SUMMARY else "change_solution"
    promise = () if step is Step.SUMMARY else (("promise", tell_promise, "change_promise"),)
    loss = (("loss", weigh_loss, "change_loss"),) if step in COUNTS_LOSS else ()
    return (
        ("contact", tell_contact, "change_contact"),
        ("cause", choose_cause, "change_cause"),
        ("responsible", name_responsible, "change_responsible"),
        ("solution", tell_solution, solution),
        *promise,
        *loss,
    )


def _step(report: Report) -> Step:
    return Step(report.leg.split(".")[0])


def _in_words(report: Report, name: str, question: Say, event: Event, facts: Facts) -> Turn:
    """A line that is written in words; one sign or nothing but punctuation is no answer."""
    match event:
        case Entered():
            return ask(report, question)
        case Said(text) if tells_something(text):
            return onward(replace(report, **{name: text.strip()}), facts)
        case Said():
            return ask(report, _card("complaint_report/too_short", report, facts, *question.buttons))
        case _:
            return ask_again(report, question)


# ---------------------------------------------------------------- what is shown


def _card(script: str, report: Report, facts: Facts, *rows: tuple[Button, ...]) -> Say:
    words: dict[str, Any] = {"number": facts.subject, "step": _step(report).value, "report": report}
    return Say(script, words, rows, kind=Kind.STAFF)


def _read_back(report: Report, facts: Facts) -> Say:
    changes = [Button("change", name, label) for name, _, label in _lines(report)]
    rows = (Button("submit"),), *in_rows(changes, 2), (Button("afresh"), Button("cancel"))
    return _card("complaint_report/check", report, facts, *rows)


def _likely(report: Report, facts: Facts) -> list[Button]:
    """The colleagues of the desk first: at a department it is most often one of them."""
    leg = _leg(report, facts)
    near = frozenset(owners(leg.step, leg.queue)) if leg else frozenset()
    ordered = sorted(facts.colleagues, key=lambda each: (near.isdisjoint(each.roles), each.person_id))
    return [
        Button("responsible", str(each.person_id), words={"name": each.first_name})
        for each in ordered[:MOST_COLLEAGUES]
    ]


# ---------------------------------------------------------------- the step it belongs to


def _leg(report: Report, facts: Facts) -> Leg | None:
    return leg_called(report.leg, facts.complaint.history) if facts.complaint else None


def _over(report: Report, facts: Facts) -> Turn | None:
    """The step ended meanwhile, or somebody else has it now: nothing more can be reported of it here."""
    leg = _leg(report, facts)
    if leg is not None and leg.is_open and leg.owner == facts.home_person:
        return None
    words = {
        "number": facts.subject,
        "ended": leg is None or not leg.is_open,
        "who": leg.owner_name if leg and leg.is_open else "",
    }
    return done(Say("complaint_report/over", words, kind=Kind.STAFF))


def _earlier(report: Report, facts: Facts) -> Report | None:
    leg = _leg(report, facts)
    if leg is None or leg.report is None:
        return None
    filled = {name: str(leg.report.get(name, "")) for name, _, _ in _lines(report)}
    if "promise" in filled:
        filled["promise"] = filled["promise"] or NO_PROMISE
    return replace(report, **filled)


def _submitted(report: Report, facts: Facts) -> Turn:
    """The card takes it from here; what is left to do there is named."""
    told = {
        "contact": report.contact,
        "cause": report.cause,
        "responsible": report.responsible,
        "solution": report.solution,
        "promise": "" if report.promise == NO_PROMISE else report.promise,
        "loss": report.loss or Loss.NONE.value,
    }
    reported = Tell("complaint_desk", facts.subject, "reported", {"leg": report.leg, "report": told})
    return done(reported, _card("complaint_report/submitted", report, facts))


COMPLAINT_REPORT = Dialog(
    "complaint_report",
    Report,
    steps=(
        begin,
        tell_contact,
        choose_cause,
        name_responsible,
        tell_solution,
        tell_promise,
        weigh_loss,
        check,
    ),
    needs=frozenset({COMPLAINT, COLLEAGUES}),
    serves=Intent.COMPLAINT,
    relays=True,
)
