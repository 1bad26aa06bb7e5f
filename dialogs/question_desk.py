"""咨询: a customer's question at the front desk, until somebody has answered it (Q2, F5).

The question is read from the books at every event. Whoever presses first has it, and a colleague may take it over; the
first answer ends it and leaves at once. Whom the chat does not reach is called.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dialogs.authority import at_own_desk_or_after_sales
from dialogs.call import number_for
from dialogs.core import (
    HERE,
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
    Told,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import KeepQuestion
from dialogs.facts import COLLEAGUES, QUESTION, QUESTIONNAIRES
from dialogs.follow_up_planning import begun
from dialogs.keyboard import in_rows
from dialogs.question_answer import Answered
from dialogs.question_moves import DESK, AtDesk
from dialogs.standing_list import NEWER
from dialogs.writing import Writing
from domain.customer_questions import reported_at
from domain.follow_ups import FollowUp
from domain.people import Queue, Role, present_holders, serves
from domain.questionnaires import FollowUpEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dialogs.facts import Facts
    from domain.customer_questions import CustomerQuestion

UNANSWERED = "unanswered"
REPORTED_FOR = timedelta(days=7)


def attend(held: AtDesk, event: Event, facts: Facts) -> Turn:
    """What may happen to a question that is open; the first answer ends it."""
    question = facts.question
    if question is None or question.answered_at is not None:
        return done()
    match event:
        case Entered():
            return ask(held, _card(held, question, facts), _clock(question, facts))
        case Pressed(key) if key in {each.key for row in _rows(held, question) for each in row}:
            return _pressed(held, question, key, facts)
        case Woke(name) if name == UNANSWERED:
            return _reported(held, question, facts)
        case Told(news, words):
            return _told(held, question, news, words, facts)
        case _:
            return stay(Toast("question_desk/press_please"))


def _pressed(held: AtDesk, question: CustomerQuestion, key: str, facts: Facts) -> Turn:
    """A button that the card really shows, pressed by somebody who may."""
    match key:
        case "answer":
            return _taken(held, question, facts, *_writing(question, facts))
        case "call":
            called = replace(held, called=True)
            number = number_for(facts, question.address, question.phone, question.text)
            return _taken(called, question, facts, *number, changed=not held.called)
        case "looking":
            return _looked_into(held, question, facts)
        case _:
            form = Open("question_answer", Answered(), Home(person=facts.who.person_id), question.number)
            return _taken(held, question, facts, form, Toast("question_desk/go_private"))


def _told(
    held: AtDesk, question: CustomerQuestion, news: str, words: Mapping[str, Any], facts: Facts
) -> Turn:
    """What the answer's writer, the customer, a list or the service say about it."""
    match news:
        case "answered":
            return _answered(question, str(words["text"]), str(words["how"]), facts)
        case "added":
            return ask(held, replace(_card(held, question, facts), in_place=True))
        case "show_to":
            return stay(_card(held, question, facts, to=int(words["person"])))
        case "owner_gone":
            return _moved(held, question, words, facts)
        case "stood_in" if not _serves(question.owner, facts):
            return _moved(held, question, words, facts)
        case "unreachable":
            alone = replace(held, undelivered=True)
            return ask(alone, _card(alone, question, facts))
        case news if news == NEWER:
            return done(_last_face("newer", question, facts))
        case _:
            return stay()


# ---------------------------------------------------------------- who has it


def _taken(
    held: AtDesk, question: CustomerQuestion, facts: Facts, *also: Effect, changed: bool = False
) -> Turn:
    """Whoever presses has it from now on; whom it is taken from hears so."""
    who = facts.who
    if question.owner == who.person_id and not changed:
        return stay(*also)
    mine = replace(question, owner=who.person_id, owner_name=who.first_name)
    record = Record("question.taken", question.number)
    lost = _former_owner_hears("taken_over", question, facts)
    return ask(held, KeepQuestion(mine), record, _card(held, mine, facts), *lost, *also)


def _moved(held: AtDesk, question: CustomerQuestion, words: Mapping[str, Any], facts: Facts) -> Turn:
    """Whoever has it is away or gone: their substitute has it where they serve this desk, else nobody (R3, R4)."""
    if question.owner != words["person"]:
        return stay()
    to = facts.colleague(int(words["to"])) if _serves(int(words["to"]), facts) else None
    after = replace(question, owner=to.person_id if to else 0, owner_name=to.first_name if to else "")
    copy = (_card(held, after, facts, to=to.person_id),) if to else ()
    return ask(held, KeepQuestion(after), _card(held, after, facts), *copy)


def _serves(person: int, facts: Facts) -> bool:
    who = facts.colleague(person)
    return who is not None and serves(who.roles, Queue.FRONT_DESK, facts.store.staff.desks)


def _former_owner_hears(script: str, question: CustomerQuestion, facts: Facts) -> tuple[Say, ...]:
    if question.owner in (0, facts.who.person_id):
        return ()
    words = _words(question, facts) | {"who": facts.who.first_name}
    return (Say(f"question_desk/{script}", words, to=Home(person=question.owner), kind=Kind.STAFF),)


def _writing(question: CustomerQuestion, facts: Facts) -> tuple[Effect, ...]:
    """The question unmasked, then the form; what is written there the customer reads in their own chat (Q2)."""
    home = Home(person=facts.who.person_id)
    shown = Say("question_desk/question", _words(question, facts), to=home, kind=Kind.STAFF)
    form = Writing(question.person_id, question.address, first=True)
    return shown, Open("writing", form, home, question.number), Toast("question_desk/go_private")


def _looked_into(held: AtDesk, question: CustomerQuestion, facts: Facts) -> Turn:
    """还在查: the customer hears that they are not forgotten, once."""
    who = facts.who
    mine = replace(question, owner=who.person_id, owner_name=who.first_name, promised=True)
    record = Record("question.looked_into", question.number)
    words = _words(question, facts)
    heard = Say("question_desk/looking", words, to=Home(person=question.person_id), kind=Kind.NOTICE)
    lost = _former_owner_hears("taken_over", question, facts)
    return ask(held, KeepQuestion(mine), record, _card(held, mine, facts), heard, *lost)


# ---------------------------------------------------------------- it is answered, or nobody does


def _answered(question: CustomerQuestion, text: str, how: str, facts: Facts) -> Turn:
    """The words are kept with who said them; whoever asked for advice by themselves is asked later how it was (F1)."""
    who = facts.who
    after = replace(
        question, owner=who.person_id, owner_name=who.first_name, answered_at=facts.now, answer=text
    )
    return done(
        KeepQuestion(after),
        Record("question.answered", question.number, {"how": how}),
        *_consulted(after, facts),
        *_former_owner_hears("answered_by", question, facts),
        _last_face("answered", after, facts),
    )


def _consulted(question: CustomerQuestion, facts: Facts) -> tuple[Effect, ...]:
    """Not after a question in a follow-up: that one asked already, and each would lead to the next."""
    if not question.customer_id or question.follow_up:
        return ()
    draft = FollowUp(
        number="",
        questionnaire="",
        event=FollowUpEvent.CONSULTED,
        customer_id=question.customer_id,
        occurred_at=facts.now,
        due_at=facts.now,
        latest_at=facts.now,
        subject=question.number,
        person_id=question.person_id,
        address=question.address,
        phone=question.phone,
        advisor=question.owner,
        advisor_name=question.owner_name,
    )
    return begun(FollowUpEvent.CONSULTED, draft, facts)


def _reported(held: AtDesk, question: CustomerQuestion, facts: Facts) -> Turn:
    """So long without an answer: the card comes to the supervisors in private, then every morning of a week (F5).

    After that it lies in the list 客户咨询: what nobody looks at must not bury what is new.
    """
    late = replace(held, reported=True)
    supervisors = present_holders(facts.colleagues, (Role.FRONT_DESK_SUPERVISOR,))
    return ask(
        late,
        Record("question.reported", question.number),
        _card(late, question, facts),
        *(_card(late, question, facts, to=person) for person in supervisors),
        *((_clock(question, facts),) if facts.now < question.asked_at + REPORTED_FOR else ()),
    )


def _clock(question: CustomerQuestion, facts: Facts) -> Wake:
    days = facts.store.follow_ups.question_days
    due = reported_at(question.asked_at, facts.now, days, facts.calendar)
    return Wake(UNANSWERED, due, {"number": question.number})


# ---------------------------------------------------------------- what is shown


def _card(held: AtDesk, question: CustomerQuestion, facts: Facts, *, to: int = 0) -> Say:
    """`to`: a further card in this colleague's private chat; it shows no more than the desk may read (A3)."""
    words = _words(question, facts) | {
        "reached": _has_chat(held, question),
        "late": held.reported,
        "called": held.called,
    }
    home = Home(person=to) if to else HERE
    return Say("question_desk/card", words, _rows(held, question), to=home, kind=Kind.STAFF, copy=bool(to))


def _rows(held: AtDesk, question: CustomerQuestion) -> Rows:
    """已答复 is for what was said on the phone, or at the counter where there is no number either."""
    chat = _has_chat(held, question)
    offered = (
        (Button("answer"), chat),
        (Button("call"), bool(question.phone)),
        (Button("looking"), chat and not question.promised),
        (Button("said"), held.called or not (chat or question.phone)),
    )
    return in_rows((button for button, offers in offered if offers), 2)


def _has_chat(held: AtDesk, question: CustomerQuestion) -> bool:
    return bool(question.person_id) and not held.undelivered


def _last_face(news: str, question: CustomerQuestion, facts: Facts) -> Say:
    words = _words(question, facts) | {"news": news}
    return Say("question_desk/over", words, kind=Kind.STAFF, in_place=True)


def _words(question: CustomerQuestion, facts: Facts) -> dict[str, Any]:
    return {
        "number": question.number,
        "name": question.address,
        "phone": question.phone,
        "said": question.text,
        "since": question.asked_at,
        "who": question.owner_name,
        "answer": question.answer,
        "waiting": question.promised,
        "now": facts.now,
        "store": facts.store,
    }


def overtaken(held: AtDesk, facts: Facts, key: str) -> Toast | None:
    """Of two who press together the first has it; the other reads who."""
    question = facts.question
    if question is None or question.owner in (0, facts.who.person_id):
        return None
    script = "question_desk/settled" if question.answered_at else "question_desk/taken"
    return Toast(script, {"who": question.owner_name})


QUESTION_DESK = Dialog(
    DESK,
    AtDesk,
    steps=(attend,),
    needs=frozenset({QUESTION, COLLEAGUES, QUESTIONNAIRES}),
    authority=dict.fromkeys(("answer", "call", "looking", "said"), at_own_desk_or_after_sales),
    overtaken=overtaken,
    patient=True,
    answers_for_news=True,
)
