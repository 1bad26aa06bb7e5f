"""Who stands in for an absent colleague: the managers' card in the after-sales topic, with 换人 and 知道了 (R4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dialogs.absence import Absence, chosen, meant, substitute_buttons, words_of
from dialogs.authority import managers
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Kind,
    Pressed,
    Record,
    Refused,
    Say,
    Tell,
    Toast,
    Told,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.effects import Replace
from dialogs.facts import COLLEAGUES, Who

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class StandIn:
    """What the managers' card shows: the absence, who named the substitute and whether a manager has to look at it."""

    absence: Absence
    by: str = ""
    proposed: bool = False
    seen_by: str = ""
    choosing: bool = False


def show(card: StandIn, event: Event, facts: Facts) -> Turn:
    """Who is away and who stands in, with 换人 and 知道了, until it is over (R4)."""
    match event:
        case Entered():
            return ask(card, _choice(card, facts) if card.choosing else _shown(card, facts))
        case Pressed("seen"):
            seen = replace(card, seen_by=facts.who.first_name)
            return ask(seen, _shown(seen, facts), Record("absence.seen", facts.subject))
        case Pressed("exchange"):
            choosing = replace(card, choosing=True)
            return ask(choosing, _choice(choosing, facts))
        case Pressed("keep"):
            kept = replace(card, choosing=False)
            return ask(kept, _shown(kept, facts))
        case Pressed("substitute", number):
            return _exchange(card, number, facts)
        case Refused(_, reason):
            return ask(card, _choice(card, facts, reason))
        case Told(news, words) if meant(card.absence, words):
            return _told(card, news, facts)
        case _:
            return stay(Toast("stand_in/press_please"))


def _exchange(card: StandIn, number: str, facts: Facts) -> Turn:
    absence, found = card.absence, chosen(number, facts)
    if found is None:
        return ask(card, _choice(card, facts, "gone"))
    after = replace(absence, substitute=found.person_id, substitute_name=found.first_name)
    shown = StandIn(after, by=facts.who.first_name)
    details = {"person": absence.person, "substitute": after.substitute}
    news = {"begins": absence.begins, "chosen": after.substitute, "name": after.substitute_name}
    return ask(
        shown,
        Replace(absence.person, after.substitute, absence.begins, absence.ends),
        _shown(shown, facts),
        Record("absence.substitute", facts.subject, details),
        Tell("away", facts.subject, "substitute", news),
    )


def _told(card: StandIn, news: str, facts: Facts) -> Turn:
    if news == "without":
        without = StandIn(replace(card.absence, substitute=0, substitute_name=""))
        return ask(without, replace(_shown(without, facts), fresh=True))
    words = _shown_words(card, facts) | {"ends": min(card.absence.ends, facts.now)}
    return done(Say("stand_in/over", words, kind=Kind.STAFF, in_place=True))


def _shown(card: StandIn, facts: Facts) -> Say:
    buttons = [Button("exchange")]
    if card.proposed and not card.seen_by:
        buttons.append(Button("seen"))
    return Say("stand_in/card", _shown_words(card, facts), (tuple(buttons),), kind=Kind.STAFF)


def _choice(card: StandIn, facts: Facts, reason: str = "") -> Say:
    absent = facts.colleague(card.absence.person) or Who(card.absence.person)
    rows = (*substitute_buttons(absent, facts, but=card.absence.substitute), (Button("keep"),))
    return Say("stand_in/choose", _shown_words(card, facts) | {"reason": reason}, rows, kind=Kind.STAFF)


def _shown_words(card: StandIn, facts: Facts) -> dict[str, Any]:
    return words_of(card.absence, facts) | {"by": card.by, "proposed": card.proposed, "seen_by": card.seen_by}


STAND_IN = Dialog(
    "stand_in",
    StandIn,
    steps=(show,),
    needs=frozenset({COLLEAGUES}),
    authority=dict.fromkeys(("exchange", "seen", "keep", "substitute"), managers),
    patient=True,
)
