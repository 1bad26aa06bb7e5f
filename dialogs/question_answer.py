"""已答复: what a customer was told on the phone about their question, written down by whoever said it (F4, F5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Record,
    Said,
    Say,
    Tell,
    Turn,
    ask,
    ask_again,
    done,
)
from dialogs.facts import QUESTION
from dialogs.question_moves import DESK
from dialogs.writing import SHORTEST_ANSWER
from domain.people import is_staff
from domain.spelling import visible_signs

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class Answered:
    """Nothing is remembered: one message is all there is to say."""


def tell(answered: Answered, event: Event, facts: Facts) -> Turn:
    """Ask for the words; they end the question, unless somebody else was quicker."""
    question = facts.question
    if question is None:
        return done(Say("question_answer/gone", kind=Kind.STAFF))
    words = {"number": question.number, "name": question.address, "who": question.owner_name}
    card = Say("question_answer/ask", words, ((Button("cancel"),),), kind=Kind.STAFF)
    match event:
        case _ if question.answered_at is not None:
            return done(Say("question_answer/settled", words, kind=Kind.STAFF))
        case Entered():
            return ask(answered, card)
        case Said() if not is_staff(facts.who.roles):
            return done(Say("staff_desk/not_staff"), Record("command.refused"))
        case Said(text) if visible_signs(text) >= SHORTEST_ANSWER:
            told = Tell(DESK, question.number, "answered", {"text": text.strip(), "how": "phone"})
            return done(told, Say("question_answer/noted", words, kind=Kind.STAFF))
        case _:
            return ask_again(answered, card)


QUESTION_ANSWER = Dialog("question_answer", Answered, steps=(tell,), needs=frozenset({QUESTION}), relays=True)
