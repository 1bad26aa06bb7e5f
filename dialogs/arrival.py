"""The customer who has not come yet: the front desk is asked, and what it answers counts (B10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from dialogs.authority import at_own_desk_or_after_sales
from dialogs.call import number_for
from dialogs.core import (
    Button,
    Dialog,
    Effect,
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
from dialogs.effects import Mark
from dialogs.facts import SUBJECT
from domain.appointments import AppointmentState

if TYPE_CHECKING:
    from dialogs.facts import Facts

STANDING = frozenset(state for state in AppointmentState if state.standing)
BUTTONS = ((Button("arrived"), Button("no_show")), (Button("contacting"),))


@dataclass(frozen=True, slots=True)
class Expected:
    """Who was expected, and when; `service` is its code."""

    service: str
    plate: str
    address: str
    start: datetime


def look(expected: Expected, event: Event, facts: Facts) -> Turn:
    """已到店, 未到店 or 联系客户中; the last keeps the card open."""
    words = {
        "number": facts.subject,
        "address": expected.address,
        "plate": expected.plate,
        "service": next((each.name for each in facts.store.services if each.code == expected.service), ""),
        "start": expected.start,
        "phone": facts.owner.phone if facts.owner else "",
        "who": facts.who.first_name,
        "now": facts.now,
        "minutes": facts.store.booking.no_show_minutes,
    }
    match event:
        case Refused():
            return done(Say("arrival/settled_already", words, kind=Kind.STAFF))
        case Entered():
            return ask(expected, Say("arrival/missing", words, BUTTONS, kind=Kind.STAFF))
        case Pressed("arrived"):
            return _settled(
                AppointmentState.ARRIVED, "arrived", Say("arrival/arrived", words, kind=Kind.STAFF), facts
            )
        case Pressed("no_show"):
            return _settled(
                AppointmentState.NO_SHOW, "no_show", Say("arrival/no_show", words, kind=Kind.STAFF), facts
            )
        case Pressed("contacting"):
            record = Record("arrival.contacting", facts.subject)
            number = number_for(facts, expected.address, facts.owner.phone if facts.owner else "")
            return ask(expected, record, Say("arrival/contacting", words, BUTTONS, kind=Kind.STAFF), *number)
        case Told("moved" | "cancelled" | "released" | "arrived"):
            return done(Say("arrival/settled_already", words, kind=Kind.STAFF, in_place=True))
        case _:
            return stay(Toast("arrival/press_please"))


def _settled(state: AppointmentState, news: str, card: Say, facts: Facts) -> Turn:
    return done(*came_or_not(facts.subject, state, news), card)


def came_or_not(number: str, state: AppointmentState, news: str) -> tuple[Effect, ...]:
    """Appointment `number` is over because the customer came or did not: whoever waits for it hears `news` (B10).

    Refused: as `Mark`.
    """
    return (
        Mark(number, state, STANDING),
        Record(f"appointment.{news}", number),
        Tell("appointment", number, news),
        Tell("bay_notice", number, news),
        Tell("deposit", number, "cancelled"),
    )


ARRIVAL = Dialog(
    "arrival",
    Expected,
    steps=(look,),
    needs=frozenset({SUBJECT}),
    authority={
        "arrived": at_own_desk_or_after_sales,
        "no_show": at_own_desk_or_after_sales,
        "contacting": at_own_desk_or_after_sales,
    },
    patient=True,
)
