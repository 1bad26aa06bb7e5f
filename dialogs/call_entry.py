"""A colleague calls a customer about a follow-up and enters what came of it: an outcome, or the answers (F2, F4, F5).

In private, for whoever took it from the list. Every answer is kept at once: what was interrupted is taken up again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from dialogs import call_moves
from dialogs.call_moves import caller_of, free, list_for, may_call
from dialogs.complaint_opening import first_answer
from dialogs.core import (
    HERE,
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Pressed,
    Record,
    Rows,
    Said,
    Say,
    Step,
    Tell,
    Told,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import GiveAnswer, NoteCall, NoteFollowUp, OptOut
from dialogs.facts import COLLEAGUES, FOLLOW_UP, QUESTIONNAIRES, ROUTING
from dialogs.follow_up_answers import filled, taken, ticks
from dialogs.follow_up_card import known_of, question_card
from dialogs.follow_up_complaint import complained
from dialogs.follow_up_planning import followed
from dialogs.keyboard import in_rows
from dialogs.question_moves import asked
from dialogs.slot_picker import MINUTE_OF_VALUE
from domain.complaints import Complainant
from domain.customer_questions import is_question
from domain.follow_up_plan import first_convenient, offers, wished
from domain.follow_ups import (
    DECLINED,
    NO_MORE,
    NOTHING_TO_ASK,
    CallMade,
    CallOutcome,
    FollowUp,
    FollowUpState,
)
from domain.people import Queue
from domain.piping import piped, words_of
from domain.questionnaires import Answer, Paper, Question, QuestionKind
from domain.spelling import tells_something
from domain.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dialogs.facts import Facts

LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class Calling:
    """`opened`: the number has been shown. `note`: what the colleague typed beside the outcome.

    `question`: the one that is being asked; `ticked`: the options chosen of it so far.
    """

    opened: bool = False
    note: str = ""
    question: str = ""
    ticked: tuple[str, ...] = ()


def while_mine(step: Step) -> Step:
    """The step as long as the call waits and no other colleague has it: else they hear why not (R2)."""

    @wraps(step)
    def guarded(calling: Calling, event: Event, facts: Facts) -> Turn:
        follow_up = facts.follow_up
        if isinstance(event, Woke | Told):
            return stay()
        if follow_up is None or follow_up.state is not FollowUpState.TO_CALL:
            return done(_say("call_entry/over", calling, follow_up, facts))
        if who := caller_of(follow_up, facts):
            return done(_say("call_entry/taken", calling, follow_up, facts, who=who))
        if isinstance(event, Said) and not may_call(calling, facts):
            refused = Record("command.refused", details={"command": "call"})
            return done(Say("call_list/not_yours", kind=Kind.STAFF), refused)
        return step(calling, event, facts)

    return guarded


# ---------------------------------------------------------------- the call and its outcome


@while_mine
def call(calling: Calling, event: Event, facts: Facts) -> Turn:
    """Whom to call and what to say first; then what came of it. What is typed is a note beside it."""
    match event:
        case Entered() if not calling.opened:
            opened = replace(calling, opened=True)
            shown = (Record("phone.opened", facts.subject),) if _follow_up(facts).phone else ()
            return ask(opened, _call_card(opened, facts), *shown)
        case Entered():
            return ask(calling, _call_card(calling, facts))
        case Pressed("reached"):
            return _reached(calling, facts)
        case Pressed("no_answer"):
            return _unanswered(calling, facts)
        case Pressed("call_again"):
            return then(tell_time, calling)
        case Pressed("wrong_number"):
            return _wrong_number(calling, facts)
        case Pressed("refused"):
            return then(weigh_no_more, calling)
        case Pressed("put_back"):
            return _put_back(calling, facts)
        case Said(text) if tells_something(text):
            noted = replace(calling, note=" ".join(text.split())[:LONGEST_NOTE])
            return ask(noted, _call_card(noted, facts))
        case _:
            return ask_again(calling, _call_card(calling, facts))


@while_mine
def tell_time(calling: Calling, event: Event, facts: Facts) -> Turn:
    """改天再打: when the customer would like it, at a convenient time (F2)."""
    figures, zone = facts.store.follow_ups, facts.calendar.zone
    times = offers(facts.now, figures, zone)
    buttons = (
        Button("at", f"{each:{MINUTE_OF_VALUE}}", "time", {"start": each, "now": facts.now}) for each in times
    )
    question = _card("call_entry/ask_time", calling, facts, *in_rows(buttons, 2, (Button("outcome"),)))
    match event:
        case Entered():
            return ask(calling, question)
        case Pressed("at", value) if at := _minute(value, times):
            return _again(calling, at, facts)
        case Pressed("outcome"):
            return then(call, calling)
        case Said(text) if moment := understand(text, facts.now).moment:
            return _again(calling, wished(moment.start, facts.now, figures, zone), facts)
        case _:
            return ask_again(calling, question)


@while_mine
def weigh_no_more(calling: Calling, event: Event, facts: Facts) -> Turn:
    """不愿接受回访: this time, or ever again (F2)."""
    rows = ((Button("this_time"), Button("no_more")), (Button("outcome"),))
    question = _card("call_entry/ask_no_more", calling, facts, *rows)
    match event:
        case Entered():
            return ask(calling, question)
        case Pressed("this_time"):
            return _declined(calling, facts, for_good=False)
        case Pressed("no_more"):
            return _declined(calling, facts, for_good=True)
        case Pressed("outcome"):
            return then(call, calling)
        case _:
            return ask_again(calling, question)


def _reached(calling: Calling, facts: Facts) -> Turn:
    """The same questions, from the first that has no answer; the sheet is fixed in this version."""
    follow_up, paper = _follow_up(facts), facts.paper
    made = _made(calling, CallOutcome.REACHED, facts)
    if paper is None or paper.is_needless:
        nothing = replace(follow_up, state=FollowUpState.SKIPPED, reason=NOTHING_TO_ASK)
        return _ended(calling, nothing, facts, *made, script="call_entry/nothing_to_ask")
    invited_at = follow_up.invited_at or facts.now
    begun = replace(_held(follow_up, facts), version=paper.questionnaire.version, invited_at=invited_at)
    return then(ask_question, replace(calling, note=""), *made, NoteFollowUp(begun))


def _unanswered(calling: Calling, facts: Facts) -> Turn:
    """Again later, or given up: so often the store calls, and no more."""
    follow_up, figures = _follow_up(facts), facts.store.follow_ups
    tried = 1 + sum(each.outcome is CallOutcome.NO_ANSWER for each in follow_up.calls)
    made = _made(calling, CallOutcome.NO_ANSWER, facts)
    if tried >= figures.calls:
        unreached = replace(follow_up, state=FollowUpState.UNREACHED)
        return _ended(calling, unreached, facts, *made, script="call_entry/given_up", count=tried)
    at = first_convenient(facts.now + timedelta(hours=figures.recall), figures, facts.calendar.zone)
    return _later(calling, at, facts, *made)


def _again(calling: Calling, at: datetime, facts: Facts) -> Turn:
    return _later(calling, at, facts, *_made(calling, CallOutcome.CALL_AGAIN, facts))


def _later(calling: Calling, at: datetime, facts: Facts, *made: Effect) -> Turn:
    follow_up = replace(free(_follow_up(facts)), call_at=at)
    told = _say("call_entry/later", calling, follow_up, facts, start=at)
    return done(*made, NoteFollowUp(follow_up), told, *list_for(facts))


def _wrong_number(calling: Calling, facts: Facts) -> Turn:
    """Nobody can be called at it; the front desk asks for another when the car comes again."""
    unreached = replace(
        _follow_up(facts), state=FollowUpState.UNREACHED, reason=CallOutcome.WRONG_NUMBER.value
    )
    mend = _say("call_entry/mend_file", calling, unreached, facts, to=Home(queue=Queue.FRONT_DESK))
    made = _made(calling, CallOutcome.WRONG_NUMBER, facts)
    return _ended(calling, unreached, facts, *made, mend, script="call_entry/wrong_number")


def _declined(calling: Calling, facts: Facts, *, for_good: bool) -> Turn:
    """Who is in the chat is opted out like by 退订; the file of somebody else says so itself (F2, K5)."""
    follow_up = _follow_up(facts)
    out: tuple[Effect, ...] = ()
    if for_good:
        opted = OptOut(person=follow_up.person_id) if follow_up.person_id else None
        out = (*((opted,) if opted else ()), Record("care.stopped", follow_up.number))
    reason = NO_MORE if for_good and not follow_up.person_id else DECLINED
    answered = any(not each.is_skipped for each in follow_up.answers)  # what they did say counts
    state = FollowUpState.ANSWERED if answered else FollowUpState.SKIPPED
    declined = replace(follow_up, state=state, reason=reason, by_phone=answered)
    made = _made(calling, CallOutcome.REFUSED, facts)
    script = "call_entry/no_more" if for_good else "call_entry/declined"
    return _ended(calling, declined, facts, *made, *out, script=script)


def _put_back(calling: Calling, facts: Facts) -> Turn:
    """Free for anybody; answers that were given stay. Before its time the bot will ask, as was planned."""
    follow_up = free(_follow_up(facts))
    if follow_up.due_at > facts.now and follow_up.invited_at is None:
        follow_up = replace(follow_up, state=FollowUpState.PLANNED)
    told = _say("call_entry/put_back", calling, follow_up, facts)
    return done(NoteFollowUp(follow_up), told, *list_for(facts))


BREAKS: Mapping[str, Callable[[Calling, Facts], Turn]] = {
    "put_back": _put_back,
    "call_again": lambda calling, facts: then(tell_time, calling),
    "refused": lambda calling, facts: then(weigh_no_more, calling),
}
"""How a call ends before its questions do."""


# ---------------------------------------------------------------- the questions


@while_mine
def ask_question(calling: Calling, event: Event, facts: Facts) -> Turn:
    """One at a time, as the customer would be asked in the chat; the colleague enters what they say."""
    paper = facts.paper
    question = _present(calling, paper) if paper else None
    if paper is None or question is None:
        return _filled_in(calling, facts, _follow_up(facts))
    match event:
        case Entered():
            shown = replace(calling, question=question.id)
            return ask(shown, _question(shown, paper, question, facts))
        case Pressed("previous") if before := paper.before(question.id):
            return _to(calling, before, paper, facts)
        case Pressed("on") if question.id in paper.answers:
            return _onward(calling, paper, _follow_up(facts), facts)
        case Pressed(key) if key in BREAKS:
            return BREAKS[key](calling, facts)
        case Pressed("tick") if (ticked := ticks(question, event, calling.ticked)) is not None:
            more = replace(calling, ticked=ticked)
            return ask(more, _question(more, paper, question, facts))
        case Pressed() | Said() if answer := taken(paper, question, event, facts, calling.ticked):
            given = replace(answer, by=facts.who.person_id)
            return _answered(calling, given, question, paper, facts)
        case _:
            return ask_again(calling, _question(calling, paper, question, facts, note="again"))


def _answered(calling: Calling, given: Answer, question: Question, paper: Paper, facts: Facts) -> Turn:
    """The answer is kept; a bad one files the complaint and ends the questions (F5)."""
    after = filled(paper, given)
    follow_up = replace(_held(_follow_up(facts), facts), answers=tuple(after.answers.values()))
    kept = GiveAnswer(follow_up.number, given)
    if given.bad:
        number, filed = complained(follow_up, paper, given, facts)
        ended = replace(follow_up, complaint=number, state=FollowUpState.ANSWERED)
        by = Complainant(follow_up.person_id, follow_up.customer_id, follow_up.address, follow_up.phone)
        due, script = first_answer(by, facts), "call_entry/complained"
        return _finished(calling, ended, facts, kept, *filed, script=script, number=number, due=due)
    wonders = question.asks_back and given.text and is_question(given.text)
    passed_on = asked(given.text, follow_up, facts, _place(question, after)) if wonders else ()
    return _onward(calling, after, follow_up, facts, kept, *passed_on)


def _onward(calling: Calling, paper: Paper, follow_up: FollowUp, facts: Facts, *first: Effect) -> Turn:
    if paper.next is None:
        return _filled_in(calling, facts, follow_up, *first)
    noted = (NoteFollowUp(follow_up),) if first else ()
    return _to(calling, paper.next, paper, facts, *first, *noted)


def _to(calling: Calling, question: Question, paper: Paper, facts: Facts, *first: Effect) -> Turn:
    there = replace(calling, question=question.id, ticked=_ticked(question, paper))
    return ask(there, *first, _question(there, paper, question, facts))


def _filled_in(calling: Calling, facts: Facts, follow_up: FollowUp, *first: Effect) -> Turn:
    answered = replace(follow_up, state=FollowUpState.ANSWERED)
    return _finished(calling, answered, facts, *first, script="call_entry/finished")


def _finished(
    calling: Calling, follow_up: FollowUp, facts: Facts, *first: Effect, script: str, **words: Any
) -> Turn:
    """Answered on the phone; what comes after it is planned (F6)."""
    answered = replace(follow_up, by_phone=True)
    return _ended(calling, answered, facts, *first, *followed(free(answered), facts), script=script, **words)


def _ended(
    calling: Calling, follow_up: FollowUp, facts: Facts, *first: Effect, script: str, **words: Any
) -> Turn:
    """The contact is over: its own conversation hears it, and the list is there for the next call."""
    over = replace(free(follow_up), ended_at=facts.now)
    record = Record("follow_up.ended", over.number, {"state": over.state.value, "reason": over.reason})
    heard = Tell("follow_up", over.number, "called")
    told = _say(script, calling, over, facts, **words)
    return done(*first, NoteFollowUp(over), record, heard, told, *list_for(facts))


def _present(calling: Calling, paper: Paper) -> Question | None:
    """The question that is being asked, while the answers before it still lead there; else the next open one."""
    return next((each for each in paper.asked if each.id == calling.question), paper.next)


def _place(question: Question, paper: Paper) -> int:
    """Which of the questions that ask back it is: each makes a question of its own."""
    asking = [each.id for each in paper.questionnaire.questions if each.asks_back]
    return asking.index(question.id) + 1


def _ticked(question: Question, paper: Paper) -> tuple[str, ...]:
    given = paper.answers.get(question.id)
    return given.codes if given and question.kind is QuestionKind.MULTIPLE else ()


# ---------------------------------------------------------------- what is shown


def _follow_up(facts: Facts) -> FollowUp:
    assert facts.follow_up is not None, "the steps run only while there is one"
    return facts.follow_up


def _made(calling: Calling, outcome: CallOutcome, facts: Facts) -> tuple[Effect, ...]:
    """One line for one call, however often 已接通 is pressed in it."""
    follow_up = _follow_up(facts)
    since = facts.now - facts.store.follow_ups.call_kept
    reached = outcome is CallOutcome.REACHED and not calling.note
    if reached and any(_is_the_same(each, since, facts) for each in follow_up.calls):
        return ()
    record = Record("call.made", follow_up.number, {"outcome": outcome.value})
    return NoteCall(follow_up.number, call_moves.call_made(outcome, calling.note, facts)), record


def _is_the_same(call: CallMade, since: datetime, facts: Facts) -> bool:
    reached = call.outcome is CallOutcome.REACHED
    return reached and call.by == facts.who.person_id and call.at > since


def _held(follow_up: FollowUp, facts: Facts) -> FollowUp:
    """The same, with this colleague still calling."""
    return replace(follow_up, caller=facts.home_person, taken_at=facts.now)


def _minute(value: str, times: tuple[datetime, ...]) -> datetime | None:
    return next((each for each in times if f"{each:{MINUTE_OF_VALUE}}" == value), None)


def _call_card(calling: Calling, facts: Facts) -> Say:
    paper = facts.paper
    words = words_of(paper, known_of(_follow_up(facts), facts)) if paper else {}
    opening = piped(paper.questionnaire.opening, words) if paper else ""
    rows = (
        (Button("reached"),),
        (Button("no_answer"), Button("call_again")),
        (Button("wrong_number"), Button("refused")),
        (Button("put_back"),),
    )
    title = paper.questionnaire.title if paper else ""
    return _card("call_entry/card", calling, facts, *rows, title=title, text=opening)


def _question(calling: Calling, paper: Paper, question: Question, facts: Facts, note: str = "") -> Say:
    known = known_of(_follow_up(facts), facts)
    card = question_card(paper, question, known, by_phone=True, ticked=calling.ticked, note=note)
    ways = (Button("call_again"), Button("refused")), (Button("put_back"),)
    return replace(card, buttons=(*card.buttons, *ways))


def _card(script: str, calling: Calling, facts: Facts, *rows: tuple[Button, ...], **more: Any) -> Say:
    return _say(script, calling, facts.follow_up, facts, rows, **more)


def _say(
    script: str,
    calling: Calling,
    follow_up: FollowUp | None,
    facts: Facts,
    rows: Rows = (),
    to: Home = HERE,
    **more: Any,
) -> Say:
    words = {"follow_up": follow_up, "calling": calling, "store": facts.store, "now": facts.now, **more}
    return Say(script, words, rows, to, kind=Kind.STAFF)


CALL_ENTRY = Dialog(
    "call_entry",
    Calling,
    steps=(call, ask_question, tell_time, weigh_no_more),
    needs=frozenset({FOLLOW_UP, COLLEAGUES, ROUTING, QUESTIONNAIRES}),
    authority=dict.fromkeys(
        ("reached", "no_answer", "wrong_number", "at", "this_time", "no_more", "answer", "ticked"), may_call
    ),
    relays=True,
)
