"""Moving an appointment 改期: a new day and time by the same cards as booking; the old bay is freed at once (B9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dialogs import slot_picker
from dialogs.appointment_form import Form, service_of
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Pressed,
    Record,
    Refused,
    Said,
    Say,
    Tell,
    Turn,
    ask,
    ask_again,
    done,
    hand_over,
    then,
)
from dialogs.effects import Reserve
from dialogs.facts import SCHEDULE, SUBJECT
from dialogs.slot_picker import Chosen, DayChosen, Declined, OtherDays
from domain.appointments import Appointment
from domain.intents import Intent, find_intent
from domain.slots import Refusal

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.store import Service

LAST_ROW = (Button("keep_old"),)


def choose_new_day(form: Form, event: Event, facts: Facts) -> Turn:
    """The new day; a whole time may be typed."""
    standing, service = _standing(facts), service_of(form.service, facts)
    if standing is None or service is None:
        return _not_standing(service)
    match event:
        case Entered() if form.refusal and form.wanted:
            card = slot_picker.offers_card(
                service, Declined(form.refusal, form.wanted, form.whole_day), facts, LAST_ROW
            )
            return ask(replace(form, refusal=None), card)
        case Entered():
            return ask(form, slot_picker.day_card(service, facts, form.skip, LAST_ROW))
        case Pressed("keep_old"):
            return _kept(standing, service, facts)
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            card = slot_picker.day_card(service, facts, form.skip, LAST_ROW)
            return ask_again(form, Say("booking/ask_time_again", buttons=card.buttons))


def choose_new_time(form: Form, event: Event, facts: Facts) -> Turn:
    """The new time of that day."""
    standing, service = _standing(facts), service_of(form.service, facts)
    if standing is None or service is None:
        return _not_standing(service)
    if form.day is None:
        return then(choose_new_day, form)
    card = slot_picker.time_card(service, DayChosen(form.day, form.since, form.until), facts, LAST_ROW)
    match event:
        case Entered():
            return ask(form, card)
        case Pressed("keep_old"):
            return _kept(standing, service, facts)
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            return ask_again(form, Say("booking/ask_time_again", buttons=card.buttons))


def confirm_move(form: Form, event: Event, facts: Facts) -> Turn:
    """Read the new time back; only 确认改期 changes anything."""
    standing, service = _standing(facts), service_of(form.service, facts)
    if standing is None or service is None:
        return _not_standing(service)
    if form.start is None:
        return then(choose_new_day, form)
    buttons = ((Button("confirm_move"),), (Button("other_time"), Button("keep_old")))
    words = _words(standing, service, form.start, facts)
    match event:
        case Refused(Reserve(start=start)):
            return _at(slot_picker.lost(start), form)
        case Entered():
            return ask(form, Say("moving/read_back", words, buttons))
        case Pressed("confirm_move"):
            return _moved(form, standing, service, facts)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _moved(form, standing, service, facts)
        case Pressed("other_time"):
            return then(choose_new_day, replace(form, start=None, skip=0))
        case Pressed("keep_old"):
            return _kept(standing, service, facts)
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            return ask_again(form, Say("moving/read_back_again", words, buttons))


def _standing(facts: Facts) -> Appointment | None:
    return facts.appointment if facts.appointment and facts.appointment.state.standing else None


def _not_standing(service: Service | None) -> Turn:
    return hand_over("service_gone") if service is None else done(Say("moving/not_standing", keyboard="menu"))


def _kept(standing: Appointment, service: Service, facts: Facts) -> Turn:
    return done(Say("moving/kept", _words(standing, service, standing.starts_at, facts)))


def _time_taken(form: Form, event: Event, service: Service, facts: Facts) -> Turn | None:
    chosen = slot_picker.choice(event, service, facts, form.day)
    if isinstance(chosen, Declined) and chosen.reason is Refusal.FULL:
        # The customer's own old bay may be what fills it: let the books decide.
        chosen = Chosen(chosen.wanted) if _touches(chosen.wanted, facts) else chosen
    return _at(chosen, form) if chosen else None


def _touches(wanted: datetime, facts: Facts) -> bool:
    standing = facts.appointment
    return standing is not None and wanted.date() == standing.starts_at.astimezone(wanted.tzinfo).date()


def _at(chosen: slot_picker.Choice, form: Form) -> Turn:
    match chosen:
        case Chosen(start):
            return then(confirm_move, replace(form, start=start))
        case DayChosen(day, since, until):
            return then(choose_new_time, replace(form, start=None, day=day, since=since, until=until))
        case OtherDays(skip):
            return then(choose_new_day, replace(form, start=None, day=None, skip=skip))
        case Declined(reason, wanted, whole_day):
            declined = replace(
                form, start=None, day=wanted.date(), refusal=reason, wanted=wanted, whole_day=whole_day
            )
            return then(choose_new_day, declined)


def _moved(form: Form, standing: Appointment, service: Service, facts: Facts) -> Turn:
    assert form.start is not None
    reason = facts.schedule.is_bookable(service, form.start, facts.now)
    if reason and reason is not Refusal.FULL:
        return _at(Declined(reason, form.start), form)
    reserve = Reserve(
        facts.subject,
        standing.service,
        standing.plate,
        form.start,
        service.minutes,
        standing.state,
        description=standing.description,
        deposit=standing.deposit,
        source=standing.source,
    )
    news = {
        "start": form.start,
        "service": standing.service,
        "name": service.name,
        "minutes": service.minutes,
    }
    return done(
        reserve,
        Record("appointment.moved", facts.subject, {"start": form.start.isoformat()}),
        *(
            Tell(dialog, facts.subject, "moved", news)
            for dialog in ("appointment", "bay_notice", "deposit", "arrival")
        ),
        Say("moving/moved", _words(standing, service, form.start, facts)),
    )


def _words(standing: Appointment, service: Service, start: datetime, facts: Facts) -> dict[str, Any]:
    return {
        "number": facts.subject,
        "service": service,
        "plate": standing.plate,
        "before": standing.starts_at,
        "start": start,
        "now": facts.now,
        "store": facts.store,
    }


MOVING = Dialog(
    "moving",
    Form,
    steps=(choose_new_day, choose_new_time, confirm_move),
    needs=frozenset({SUBJECT, SCHEDULE}),
)
