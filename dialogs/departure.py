"""A colleague leaves: every role ends at once, whoever they were given by (R3). By themselves, or by a manager."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialogs.absence import named, subject_of, work_moves
from dialogs.authority import managers
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
    Say,
    Tell,
    Toast,
    Turn,
    ask,
    done,
    stay,
)
from dialogs.effects import Leave
from dialogs.facts import COLLEAGUES

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class Departure:
    """Who leaves: the name as a manager typed it, or nobody's for the colleague who wrote; then the person."""

    name: str = ""
    person: int = 0


def sign_off(departure: Departure, event: Event, facts: Facts) -> Turn:
    """Ask once, then take the roles away and say so to both."""
    match event:
        case Refused():
            return done(Say("departure/nobody", {"name": departure.name}, kind=Kind.STAFF))
        case Entered() if departure.person:
            return ask(departure, _question(departure))
        case Entered() if not departure.name:
            oneself = Departure(person=facts.who.person_id)
            return ask(oneself, _question(oneself))
        case Entered():
            return _named(departure, facts)
        case Pressed("leaves"):
            return _gone(departure, facts)
        case Pressed("stays"):
            return done(Say("departure/kept", {}, kind=Kind.STAFF))
        case _:
            return stay(Toast("departure/press_please"))


def _named(departure: Departure, facts: Facts) -> Turn:
    meant = named(departure.name, facts)
    if meant is None:
        names = tuple(sorted(each.first_name for each in facts.colleagues))
        return done(Say("departure/who", {"name": departure.name, "names": names}, kind=Kind.STAFF))
    found = Departure(meant.first_name, meant.person_id)
    return ask(found, _question(found))


def _gone(departure: Departure, facts: Facts) -> Turn:
    person = departure.person
    left = Leave(person), Record("staff.left", details={"person": person})
    card = Say("departure/done", {"name": departure.name}, kind=Kind.STAFF)
    if person == facts.who.person_id:
        return done(*left, replace(card, keyboard="menu"), *_nobodys_substitute(person, facts))
    told = Say("departure/left", {}, to=Home(person=person), kind=Kind.STAFF, keyboard="menu")
    return done(*left, card, told, *_nobodys_substitute(person, facts))


def _nobodys_substitute(person: int, facts: Facts) -> tuple[Effect, ...]:
    """Their own absences are over; for whom they stood in somebody else has to be named (R3, R4)."""
    left_alone = (each for each in facts.colleagues if each.absent_until and each.substitute == person)
    return (
        work_moves(person, 0),
        Tell("away", subject_of(person), "left"),
        *(Tell("away", subject_of(each.person_id), "without", {"former": person}) for each in left_alone),
    )


def oneself_or_managers(departure: Departure, facts: Facts) -> bool:
    """One's own roles, or a manager's decision; a manager may have lost the role since the card was shown (R2)."""
    return departure.person == facts.who.person_id or managers(departure, facts)


def _question(departure: Departure) -> Say:
    script = "departure/sure" if departure.name else "departure/sure_self"
    words = {"name": departure.name} if departure.name else {}
    return Say(script, words, ((Button("leaves"), Button("stays")),), kind=Kind.STAFF)


DEPARTURE = Dialog(
    "departure",
    Departure,
    steps=(sign_off,),
    needs=frozenset({COLLEAGUES}),
    authority={"leaves": oneself_or_managers, "stays": oneself_or_managers},
    patient=True,
)
