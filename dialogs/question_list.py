"""客户咨询: the questions that wait for an answer, the oldest first; a press brings the card (Q2).

One list per colleague, in private: a new one takes the place of the old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dialogs.authority import anyone_of_staff
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Home,
    Kind,
    Open,
    Pressed,
    Say,
    Tell,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.facts import QUESTIONS
from dialogs.keyboard import in_rows
from dialogs.question_moves import DESK
from dialogs.standing_list import NEWER, list_anew

if TYPE_CHECKING:
    from dialogs.facts import Facts

MOST_LINES = 12


@dataclass(frozen=True, slots=True)
class Listed:
    """Nothing is remembered: the list is read from the books whenever it is shown."""


def asked_for(facts: Facts) -> tuple[Tell, Open]:
    """What 客户咨询 does for the colleague who acts: the old list goes, a new one comes."""
    person = facts.who.person_id
    return list_anew("question_list", f"questions-{person}", Listed(), Home(person=person))


def show(listed: Listed, event: Event, facts: Facts) -> Turn:
    """The list; a press brings the card itself, which stays true in the private chat too."""
    match event:
        case Told(news) if news == NEWER:
            return done()
        case Entered() | Pressed("refresh"):
            return ask(listed, _listed(facts))
        case Pressed("open", number) if number in {each.number for each in facts.questions}:
            shown = Tell(DESK, number, "show_to", {"person": facts.who.person_id})
            return stay(shown, Toast("question_list/shown"))
        case Pressed("open"):
            return ask(listed, _listed(facts), Toast("question_list/settled"))
        case _:
            return stay(Toast("question_list/press_please"))


def _listed(facts: Facts) -> Say:
    """Who asked, since when, who has it, and how the words begin."""
    waiting = facts.questions
    if not waiting:
        return Say("question_list/nothing", buttons=((Button("refresh"),),), kind=Kind.STAFF)
    shown = waiting[:MOST_LINES]
    buttons = (
        Button("open", each.number, words={"place": place, "name": each.address})
        for place, each in enumerate(shown, start=1)
    )
    words = {"questions": shown, "left_out": len(waiting) - len(shown), "now": facts.now}
    return Say("question_list/list", words, in_rows(buttons, 2, (Button("refresh"),)), kind=Kind.STAFF)


QUESTION_LIST = Dialog(
    "question_list",
    Listed,
    steps=(show,),
    needs=frozenset({QUESTIONS}),
    authority={"open": anyone_of_staff, "refresh": anyone_of_staff},
    patient=True,
)
