"""Away 不在岗 and back: the card of the absent colleague, and what begin and end mean (R4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialogs.core import (
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Home,
    Kind,
    Pressed,
    Record,
    Refused,
    Rows,
    Say,
    Tell,
    TellWork,
    Told,
    Turn,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Return
from dialogs.facts import COLLEAGUES, Who
from dialogs.keyboard import in_rows
from domain.people import closest_first

if TYPE_CHECKING:
    from dialogs.facts import Facts

BEGINS, ENDS = "begins", "ends"
MOST_SHOWN = 24  # colleagues on one card; those who share a role or a desk come first
PER_ROW = 3


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is away from `begins` to `ends` and who stands in (0: nobody). `begun`: everybody has been told so."""

    person: int
    name: str
    begins: datetime
    ends: datetime
    substitute: int = 0
    substitute_name: str = ""
    begun: bool = False


def subject_of(person: int) -> str:
    """What all conversations about the absences of `person` are about."""
    return f"absence-{person}"


def begins(absence: Absence, facts: Facts) -> tuple[Effect, ...]:
    """What follows when `absence` begins, or its substitute is exchanged while it lasts (R4).

    This is the one place for it. The substitute's roles are in force already; `absence.substitute` is 0 when nobody
    stands in (any more).
    """
    details = {"person": absence.person, "substitute": absence.substitute, "ends": absence.ends}
    began = Record("absence.began", subject_of(absence.person), details)
    work = work_moves(absence.person, absence.substitute)
    if not absence.substitute:
        return began, work, _to_managers(absence, "without")
    return began, _to_substitute(absence, "away/stand_in", facts), work


def work_moves(person: int, to: int) -> TellWork:
    """Everything that `person` owns goes to colleague `to`, or back to its desk where they may not own it (R3, R4)."""
    return TellWork(person, "owner_gone", {"person": person, "to": to})


def borrowed_work_moves(absence: Absence, to: int) -> TellWork:
    """Who stands in no longer keeps what they may own by themselves; the rest of what they own goes to `to` (R4)."""
    return TellWork(absence.substitute, "stood_in", {"person": absence.substitute, "to": to})


def ends(absence: Absence, facts: Facts) -> tuple[Effect, ...]:
    """What follows when `absence` is over, in time or earlier (R4). This is the one place for it."""
    details = {"person": absence.person, "substitute": absence.substitute, "begun": absence.begun}
    ended = Record("absence.ended", subject_of(absence.person), details)
    over = _to_managers(absence, "over")
    if not absence.substitute:
        return ended, over
    relieved = _to_substitute(absence, "away/relieved", facts)
    return ended, over, relieved, borrowed_work_moves(absence, absence.person)


# ---------------------------------------------------------------- the absent colleague's card


def be_away(absence: Absence, event: Event, facts: Facts) -> Turn:
    """The card with 我回来了; wakes at the begin and at the end."""
    match event:
        case Entered():
            return _registered(absence, facts)
        case Woke("begins"):
            return _begun(absence, facts)
        case Woke("ends"):
            return done(_over(absence, facts), *ends(absence, facts))
        case Pressed("returned"):
            back = Return(absence.person, absence.begins)
            return done(back, _over(absence, facts), *ends(absence, facts))
        case Refused():
            return done(_over(absence, facts))
        case Told("left"):
            return done(_to_managers(absence, "over"))
        case Told("show"):
            return ask(absence, _card(absence, facts, fresh=True))
        case Told("without", words) if absence.begun and meant(absence, words):
            return _exchanged(absence, 0, "", facts)
        case Told("substitute", words) if meant(absence, words):
            return _exchanged(absence, words["chosen"], words["name"], facts)
        case _:
            return stay()


def _registered(absence: Absence, facts: Facts) -> Turn:
    """Shown for the first time, or again."""
    if absence.begun:
        return ask(absence, _card(absence, facts))
    end = Wake(ENDS, absence.ends, _timerwords_of(absence))
    if absence.begins > facts.now:
        begin = Wake(BEGINS, absence.begins, _timerwords_of(absence))
        return ask(
            absence, _card(absence, facts), begin, end, _to_substitute(absence, "away/stand_in", facts)
        )
    begun = replace(absence, begun=True)
    return ask(begun, _card(begun, facts), end, *begins(begun, facts))


def _begun(absence: Absence, facts: Facts) -> Turn:
    """The time has come: what the books say now counts, not what was agreed then."""
    oneself = facts.colleague(absence.person)
    if oneself is None or oneself.absent_until is None:
        return done(_to_managers(absence, "over"))
    substitute = facts.colleague(oneself.substitute)
    begun = replace(
        absence,
        begun=True,
        substitute=oneself.substitute,
        substitute_name=substitute.first_name if substitute else "",
    )
    return ask(begun, _card(begun, facts, fresh=True), *begins(begun, facts))


def _exchanged(absence: Absence, substitute: int, name: str, facts: Facts) -> Turn:
    """Somebody else stands in from now on, or nobody; whoever did so hears it."""
    after = replace(absence, substitute=substitute, substitute_name=name)
    relieved: tuple[Effect, ...] = ()
    if absence.substitute and substitute:
        moves = borrowed_work_moves(absence, substitute)
        relieved = (_to_substitute(absence, "away/relieved", facts), moves)
    news = begins(after, facts) if after.begun else (_to_substitute(after, "away/stand_in", facts),)
    return ask(after, _card(after, facts, fresh=True), *relieved, *news)


def meant(absence: Absence, words: Mapping[str, Any]) -> bool:
    """Whether news are about this absence: the one that `begins` then, the one with a `former` substitute."""
    same_begin = bool(words.get("begins", absence.begins) == absence.begins)
    return same_begin and bool(words.get("former", absence.substitute) == absence.substitute)


def _card(absence: Absence, facts: Facts, *, fresh: bool = False) -> Say:
    label = "returned" if absence.begun else "called_off"
    buttons = ((Button("returned", label=label),),)
    return Say("away/card", words_of(absence, facts), buttons, kind=Kind.STAFF, fresh=fresh)


def _over(absence: Absence, facts: Facts) -> Say:
    return Say("away/over", words_of(absence, facts), kind=Kind.STAFF)


def _to_substitute(absence: Absence, script: str, facts: Facts) -> Say:
    return Say(script, words_of(absence, facts), to=Home(person=absence.substitute), kind=Kind.STAFF)


def _to_managers(absence: Absence, news: str) -> Tell:
    return Tell("stand_in", subject_of(absence.person), news, {"begins": absence.begins})


def words_of(absence: Absence, facts: Facts) -> dict[str, Any]:
    """What the cards about an absence say."""
    return {
        "name": absence.name,
        "begins": absence.begins,
        "ends": absence.ends,
        "substitute": absence.substitute_name,
        "begun": absence.begun,
        "now": facts.now,
    }


def _timerwords_of(absence: Absence) -> dict[str, Any]:
    return {"name": absence.name, "substitute": absence.substitute_name}


def chosen(number: str, facts: Facts) -> Who | None:
    """The colleague whose button was pressed; None for a forged one."""
    return next((each for each in facts.colleagues if str(each.person_id) == number), None)


def named(name: str, facts: Facts) -> Who | None:
    """The one colleague whom `name` means; None when it means nobody, or several."""
    meant = [
        each for each in facts.colleagues if name.strip().lstrip("@") in (each.first_name, each.username)
    ]
    return meant[0] if len(meant) == 1 else None


def substitute_buttons(absent: Who, facts: Facts, *, but: int = 0) -> Rows:
    """A button for each colleague who could stand in for `absent`, the closest first; not for `but`, who does."""
    others = closest_first(absent, facts.colleagues, facts.store.staff.desks)[:MOST_SHOWN]
    buttons = [
        Button("substitute", str(each.person_id), words={"name": each.first_name or each.username})
        for each in others
        if each.person_id != but
    ]
    return in_rows(buttons, PER_ROW)


AWAY = Dialog("away", Absence, steps=(be_away,), needs=frozenset({COLLEAGUES}), patient=True)
