"""回访名单: the customers who are called because nobody can ask them in the chat, the most urgent first (F4, A3).

In private. Whoever takes one has it alone for a while; the number is shown where the call is entered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dialogs.call_entry import Calling
from dialogs.call_moves import caller_of, list_for, may_call
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Open,
    Pressed,
    Record,
    Refused,
    Say,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.effects import TakeCall
from dialogs.facts import COLLEAGUES, QUESTIONNAIRES, TO_CALL
from dialogs.keyboard import in_rows
from dialogs.standing_list import NEWER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dialogs.core import Effect
    from dialogs.facts import Facts
    from domain.follow_ups import FollowUp

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Listed:
    """Nothing has to be remembered: the list is read anew each time."""


def asked_for(facts: Facts) -> tuple[Effect, ...]:
    """What 回访名单 does for the colleague who acts."""
    if may_call(None, facts):
        return list_for(facts)
    refused = Record("command.refused", details={"command": "calls"})
    return Say("call_list/not_yours", kind=Kind.STAFF), refused


def show(listed: Listed, event: Event, facts: Facts) -> Turn:
    """The list; a press takes one, unless a colleague has it."""
    match event:
        case Told(news) if news == NEWER:
            return done()
        case Entered() | Pressed("refresh"):
            return _listed(facts)
        case Refused(TakeCall()):
            return _listed(facts, Toast("call_list/too_late"))
        case Pressed("take", number):
            return _taken(number, facts)
        case _:
            return stay(Toast("call_list/press_please"))


def _taken(number: str, facts: Facts) -> Turn:
    found = next((each for each in facts.to_call if each.number == number), None)
    if found is None:
        return _listed(facts, Toast("call_list/gone"))
    if caller := caller_of(found, facts):
        return _listed(facts, Toast("call_list/taken", {"who": caller, "name": found.address}, alert=True))
    record = Record("call.taken", number)
    return stay(TakeCall(number), record, Open("call_entry", Calling(), subject=number))


def _listed(facts: Facts, *also: Effect) -> Turn:
    """Whose time is over soonest comes first; what a colleague has is shown, so that nobody wonders."""
    shown = facts.to_call[:MOST_LINES]
    if not shown:
        return ask(Listed(), Say("call_list/nobody", buttons=((Button("refresh"),),), kind=Kind.STAFF), *also)
    words = {
        "lines": tuple(_words(place, each, facts) for place, each in enumerate(shown, start=1)),
        "waiting": len(facts.to_call),
        "left_out": len(facts.to_call) - len(shown),
        "now": facts.now,
    }
    return ask(Listed(), Say("call_list/list", words, _buttons(shown, facts), kind=Kind.STAFF), *also)


def _words(place: int, follow_up: FollowUp, facts: Facts) -> dict[str, Any]:
    """One line. `late`: the time for it is over; `calls`: how often it was tried; `who`: a colleague is calling."""
    sheet = facts.questionnaires.get(follow_up.questionnaire)
    return {
        "place": place,
        "address": follow_up.address,
        "plate": follow_up.plate,
        "title": sheet.title if sheet else "",
        "until": follow_up.latest_at,
        "late": follow_up.latest_at <= facts.now,
        "calls": len(follow_up.calls),
        "begun": bool(follow_up.answers),
        "mine": follow_up.held_by(facts.now, facts.store.follow_ups) == facts.home_person,
        "who": caller_of(follow_up, facts),
    }


def _buttons(shown: Sequence[FollowUp], facts: Facts) -> tuple[tuple[Button, ...], ...]:
    lines = [
        Button("take", each.number, words={"place": place, "name": each.address})
        for place, each in enumerate(shown, start=1)
        if not caller_of(each, facts)
    ]
    return in_rows(lines, 2, (Button("refresh"),))


CALL_LIST = Dialog(
    "call_list",
    Listed,
    steps=(show,),
    needs=frozenset({TO_CALL, COLLEAGUES, QUESTIONNAIRES}),
    authority={"take": may_call, "refresh": may_call},
    patient=True,
)
