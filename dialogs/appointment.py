"""An appointment that stands: reminders, 改期 and 取消, the deposit's deadline, the missing customer (B5, B8–B10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dialogs.appointment_form import Form
from dialogs.arrival import Expected
from dialogs.core import (
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
    Refused,
    Rows,
    Say,
    Tell,
    Toast,
    Told,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    done,
    stay,
)
from dialogs.effects import Mark
from dialogs.facts import SUBJECT
from domain.appointments import AppointmentState
from domain.people import Queue
from domain.quiet_hours import QuietHours, reminder_times

if TYPE_CHECKING:
    from dialogs.facts import Facts

STANDING = frozenset(state for state in AppointmentState if state.standing)
TIMERS = ("no_show_check", "deposit_release")
HEARD_BY = ("bay_notice", "deposit", "arrival")


@dataclass(frozen=True, slots=True)
class Promise:
    """What was agreed with the customer; `made_at` is when this time was agreed, `deposit` what is still unpaid and has
    to be here by `deposit_until`, however often the appointment is moved.

    `planned`: reminders are set, so that whoever comes back to it sees the card.
    """

    service: str
    plate: str
    address: str
    start: datetime
    made_at: datetime
    deposit: Decimal = Decimal(0)
    deposit_until: datetime | None = None
    planned: bool = False


def keep(promise: Promise, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per thing that happens
    """Wait until the customer comes, moves the appointment or gives it up; remind them twice on the way."""
    match event:
        case Refused():
            return stay(Toast("appointment/changed_meanwhile", alert=True))
        case Entered() if not promise.planned:
            return ask(replace(promise, planned=True), *timers(promise, facts))
        case Entered():
            return ask(promise, Say("appointment/card", _words(promise, facts), _card_buttons(), fresh=True))
        case Woke(name) if name.startswith("reminder_"):
            return _remind(promise, facts)
        case Woke("no_show_check"):
            return _ask_whether_here(promise, facts)
        case Woke("deposit_release"):
            return _release(promise, facts)
        case Pressed("coming"):
            return _confirmed(promise, facts)
        case Pressed("move"):
            return _moving(promise, facts)
        case Pressed("give_up"):
            return ask(promise, Say("appointment/sure", _words(promise, facts), _sure()))
        case Pressed("keep_it"):
            return ask(promise, Say("appointment/kept", _words(promise, facts), _card_buttons()))
        case Pressed("give_up_surely"):
            return _cancelled(promise, facts)
        case Pressed("rebook"):
            return done(Open("booking", Form(plate=promise.plate), Home(person=facts.home_person)))
        case Told():
            return _told(promise, event, facts)
        case _:
            return stay()


def _told(promise: Promise, event: Told, facts: Facts) -> Turn:
    match event:
        case Told("show"):
            return ask(promise, Say("appointment/card", _words(promise, facts), _card_buttons(), fresh=True))
        case Told("moved", {"start": start, "service": service}):
            moved = replace(promise, start=start, service=service, made_at=facts.now)
            return ask(moved, *timers(moved, facts))
        case Told("deposit_paid"):
            paid = replace(promise, deposit=Decimal(0))
            return ask(paid, Unwake("deposit_release"), _notice("appointment/deposit_paid", paid, facts))
        case Told("arrived"):
            return done(_notice("appointment/arrived", promise, facts))
        case Told("no_show"):
            missed = _notice("appointment/missed", promise, facts, ((Button("rebook"),),))
            return ask(promise, *_no_timers(facts), missed)
        case _:
            return stay()


def timers(promise: Promise, facts: Facts) -> tuple[Effect, ...]:
    """Reminders out of quiet hours (B8), the question after a missing customer (B10), the deposit's deadline (B5)."""
    figures = facts.store.booking
    words = {"number": facts.subject, "start": promise.start}
    quiet = QuietHours.of(facts.store)
    reminders = reminder_times(promise.start, promise.made_at, figures.reminder_leads, quiet)
    planned: dict[str, datetime] = {_reminder(each.lead): each.due_at for each in reminders}
    planned["no_show_check"] = promise.start + figures.no_show_wait
    if promise.deposit and promise.deposit_until:
        planned["deposit_release"] = min(promise.deposit_until, promise.start)
    still = (Unwake(name) for name in _timer_names(facts) if name not in planned)
    return (*(Wake(name, at, words) for name, at in planned.items()), *still)


def _timer_names(facts: Facts) -> tuple[str, ...]:
    return (*map(_reminder, facts.store.booking.reminder_leads), *TIMERS)


def _no_timers(facts: Facts) -> tuple[Effect, ...]:
    return tuple(Unwake(name) for name in _timer_names(facts))


def _reminder(lead: timedelta) -> str:
    return f"reminder_{lead // timedelta(hours=1)}h"


def _remind(promise: Promise, facts: Facts) -> Turn:
    if not _stands(facts):
        return stay()
    worthless = promise.start
    reminder = Say(
        "appointment/reminder",
        _words(promise, facts),
        ((Button("coming"),), *_card_buttons()),
        kind=Kind.REMINDER,
        fresh=True,
        expires_at=worthless,
    )
    return ask(promise, reminder)


def _confirmed(promise: Promise, facts: Facts) -> Turn:
    if facts.appointment and facts.appointment.state is AppointmentState.AWAITING_DEPOSIT:
        return ask(promise, Say("appointment/coming", _words(promise, facts), _card_buttons()))
    came_from = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED})
    return ask(
        promise,
        Mark(facts.subject, AppointmentState.CONFIRMED, came_from),
        Record("appointment.confirmed", facts.subject),
        Say("appointment/coming", _words(promise, facts), _card_buttons()),
    )


def _moving(promise: Promise, facts: Facts) -> Turn:
    """Moving is a conversation of its own, because a new time may be typed (B9)."""
    if not _stands(facts):
        return stay(Toast("appointment/changed_meanwhile", alert=True))
    form = Form(service=promise.service, plate=promise.plate, name=promise.address, number=facts.subject)
    moving = Open("moving", form, Home(person=facts.home_person), facts.subject)
    return ask(promise, Say("appointment/moving", _words(promise, facts)), moving)


def _cancelled(promise: Promise, facts: Facts) -> Turn:
    return done(
        Mark(facts.subject, AppointmentState.CANCELLED, STANDING),
        Record("appointment.cancelled", facts.subject),
        *(Tell(dialog, facts.subject, "cancelled") for dialog in HEARD_BY),
        Say("appointment/cancelled", _words(promise, facts)),
    )


def _release(promise: Promise, facts: Facts) -> Turn:
    if facts.appointment is None or facts.appointment.state is not AppointmentState.AWAITING_DEPOSIT:
        return stay()
    waiting = frozenset({AppointmentState.AWAITING_DEPOSIT})
    return ask(
        promise,
        Mark(facts.subject, AppointmentState.RELEASED, waiting),
        Record("appointment.released", facts.subject, {"why": "deposit"}),
        *(Tell(dialog, facts.subject, "released") for dialog in HEARD_BY),
        *_no_timers(facts),
        _notice("appointment/released", promise, facts, ((Button("rebook"),),)),
    )


def _ask_whether_here(promise: Promise, facts: Facts) -> Turn:
    if not _stands(facts):
        return stay()
    expected = Expected(promise.service, promise.plate, promise.address, promise.start)
    return stay(Open("arrival", expected, Home(queue=Queue.FRONT_DESK), facts.subject))


def _stands(facts: Facts) -> bool:
    return facts.appointment is not None and facts.appointment.state.standing


def _words(promise: Promise, facts: Facts) -> dict[str, Any]:
    names = {service.code: service.name for service in facts.store.services}
    return {
        "number": facts.subject,
        "address": promise.address,
        "plate": promise.plate,
        "service": names.get(promise.service, promise.service),
        "start": promise.start,
        "deposit": promise.deposit,
        "deposit_until": promise.deposit_until or promise.start,
        "now": facts.now,
        "store": facts.store,
    }


def _notice(script: str, promise: Promise, facts: Facts, buttons: Rows = ()) -> Say:
    return Say(script, _words(promise, facts), buttons, kind=Kind.NOTICE, fresh=True)


def _card_buttons() -> Rows:
    return ((Button("move"), Button("give_up")),)


def _sure() -> Rows:
    return ((Button("give_up_surely"), Button("keep_it")),)


APPOINTMENT = Dialog("appointment", Promise, steps=(keep,), needs=frozenset({SUBJECT}), patient=True)
