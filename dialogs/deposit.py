"""The deposit card 订金 at the settlement desk: who took the money, and when (B5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from dialogs.authority import at_desk, at_own_desk_or_after_sales, either
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
from dialogs.effects import Mark
from domain.appointments import AppointmentState
from domain.people import Queue

if TYPE_CHECKING:
    from dialogs.facts import Facts

WHO_TAKES_MONEY = either(at_own_desk_or_after_sales, at_desk(Queue.FRONT_DESK))


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed, by whom, for what; `deposit` in yuan."""

    address: str
    plate: str
    service: str
    start: datetime
    deposit: Decimal


def collect(owed: Owed, event: Event, facts: Facts) -> Turn:
    """Wait for 已收订金; the customer and the appointment hear it at once."""
    words = {
        "number": facts.subject,
        "address": owed.address,
        "plate": owed.plate,
        "service": owed.service,
        "start": owed.start,
        "deposit": owed.deposit,
        "now": facts.now,
    }
    match event:
        case Refused():
            return stay(Toast("deposit/too_late", alert=True))
        case Entered():
            return ask(owed, Say("deposit/owed", words, ((Button("paid"),),), kind=Kind.STAFF))
        case Pressed("paid"):
            words["who"] = facts.who.first_name
            waiting = frozenset({AppointmentState.AWAITING_DEPOSIT})
            return done(
                Mark(facts.subject, AppointmentState.BOOKED, waiting),
                Record("deposit.paid", facts.subject, {"deposit": str(owed.deposit)}),
                Tell("appointment", facts.subject, "deposit_paid"),
                Say("deposit/paid", words, kind=Kind.STAFF),
            )
        case Told("moved", {"start": start}):
            words["start"] = start
            card = Say("deposit/owed", words, ((Button("paid"),),), kind=Kind.STAFF, in_place=True)
            return ask(replace(owed, start=start), card)
        case Told("released" | "cancelled" as news):
            return done(Say("deposit/not_needed", words | {"news": news}, kind=Kind.STAFF, in_place=True))
        case _:
            return stay()


DEPOSIT = Dialog(
    "deposit",
    Owed,
    steps=(collect,),
    authority={"paid": WHO_TAKES_MONEY},
    patient=True,
)
