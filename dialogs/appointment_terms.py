"""What is to be done, when, and the customer's 确认: the second half of the appointment form (B2–B5, B11, B15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from dialogs import slot_picker
from dialogs.appointment_form import Form, card_words, service_named, service_of, services_meant
from dialogs.core import (
    Button,
    Effect,
    Entered,
    Event,
    Kind,
    Pressed,
    Refused,
    Rows,
    Said,
    Say,
    Turn,
    Unwake,
    Wake,
    Woke,
    ask,
    ask_again,
    done,
    hand_over,
    stay,
    then,
)
from dialogs.effects import Mark, Reserve, SaveCustomer, SaveVehicle
from dialogs.keyboard import in_rows
from dialogs.signature import signed
from dialogs.slot_picker import Chosen, DayChosen, Declined, OtherDays
from domain.appointments import AppointmentState, appointment_number
from domain.intents import Intent, find_intent
from domain.phones import find_phone
from domain.plates import find_plate
from domain.slots import Refusal
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.store import Service

CANCEL = (Button("cancel"),)
LONGEST_DESCRIPTION = 500
NO_DESCRIPTION = "—"  # asked for and left out


def choose_service(form: Form, event: Event, facts: Facts) -> Turn:
    """What is to be done; what this customer usually has done comes first."""
    words = {"address": form.address, "plate": form.plate}
    match event:
        case Refused():
            return turned_down(form, event)
        case Woke():  # a timer of a card that was left behind
            return stay()
        case Entered():
            script = (
                "booking/time_noted" if understand(form.heard, facts.now).moment else "booking/ask_service"
            )
            return ask(form, Say(script, words, _services(facts)))
        case Pressed("service", code) if chosen := service_of(code, facts):
            return onward(replace(form, service=chosen.code), facts)
        case Said(text) if meant := services_meant(text, facts):
            told = replace(form, heard=f"{form.heard} {text}")
            if len(meant) > 1:
                return ask(told, Say("booking/which_service", words, _services(facts, meant)))
            return onward(replace(told, service=meant[0].code), facts)
        case Said(text) if understand(text, facts.now).moment:
            return ask(replace(form, heard=text), Say("booking/time_noted", words, _services(facts)))
        case _:
            return ask_again(form, Say("booking/ask_service_again", words, _services(facts)))


def describe(form: Form, event: Event, facts: Facts) -> Turn:
    """What the customer noticed, in their own words (B2)."""
    question = Say("booking/ask_description", {}, ((Button("skip"),), CANCEL))
    match event:
        case Refused():
            return turned_down(form, event)
        case Woke():  # a timer of a card that was left behind
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("skip"):
            return onward(replace(form, description=form.description or NO_DESCRIPTION), facts)
        case Said(text):
            return onward(replace(form, description=text.strip()[:LONGEST_DESCRIPTION]), facts)
        case _:
            return ask_again(form, question)


def choose_day(form: Form, event: Event, facts: Facts) -> Turn:
    """The day, by button or typed; a whole time is welcome too (B4, B11, B15)."""
    service = service_of(form.service, facts)
    if service is None:
        return then(choose_service, replace(form, service=""))
    match event:
        case Refused():
            return turned_down(form, event)
        case Woke():  # a timer of a card that was left behind
            return stay()
        case Entered() if form.refusal and form.wanted:
            card = slot_picker.offers_card(
                service, Declined(form.refusal, form.wanted, form.whole_day), facts, CANCEL
            )
            return ask(replace(form, refusal=None), card)
        case Entered():
            return ask(form, slot_picker.day_card(service, facts, form.skip, CANCEL))
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            card = slot_picker.day_card(service, facts, form.skip, CANCEL)
            return ask_again(form, Say("booking/ask_time_again", buttons=card.buttons))


def choose_time(form: Form, event: Event, facts: Facts) -> Turn:
    """The time of that day (B4, B11)."""
    service = service_of(form.service, facts)
    if service is None or form.day is None:
        return then(choose_day, replace(form, day=None))
    card = slot_picker.time_card(service, DayChosen(form.day, form.since, form.until), facts, CANCEL)
    match event:
        case Refused():
            return turned_down(form, event)
        case Woke():  # a timer of a card that was left behind
            return stay()
        case Entered():
            return ask(form, card)
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            return ask_again(form, Say("booking/ask_time_again", buttons=card.buttons))


def confirm(form: Form, event: Event, facts: Facts) -> Turn:  # noqa: C901 - a line per thing that happens
    """Hold the bay for some minutes, read everything back, and book it when the customer says so (B2, B4)."""
    service = service_of(form.service, facts)
    if service is None or form.start is None:
        return then(choose_day, replace(form, start=None))
    match event:
        case Refused(Mark()):  # the hold had gone already: nothing to release
            return stay(_hold_over(form, service, facts))
        case Refused():
            return turned_down(form, event)
        case Woke("hold_over"):
            return stay(*released(form), _hold_over(form, service, facts))
        case Woke():
            return stay()
        case Entered(came_back=True):  # the bay was given back on the way
            return _held(form, service, facts)
        case Entered() if form.held_until is None:
            return _held(form, service, facts)
        case Entered():
            return ask(form, _card_again(form, service, facts))
        case Pressed("confirm"):
            return _booked(form, service, facts)
        case Pressed("keep"):
            return _keep(form, service, facts)
        case Pressed("change_time"):
            return then(choose_day, replace(form, start=None, skip=0), *released(form))
        case Pressed("change_service"):
            return then(choose_service, replace(form, start=None, service="", heard=""), *released(form))
        case Pressed("add_words"):
            return then(describe, form)
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return _booked(form, service, facts)
        case Said(text) if turn := _corrected(form, text, facts):
            return turn
        case _ if turn := _time_taken(form, event, service, facts):
            return turn
        case _:
            return ask_again(
                form, Say("booking/confirm_again", card_words(form, service, facts), _confirm_buttons())
            )


# ---------------------------------------------------------------- the way from field to field


def onward(form: Form, facts: Facts, *effects: Effect) -> Turn:
    """Go on with the first field that is still empty; a time that was said before we asked is taken now."""
    service = service_of(form.service, facts)
    if service is None:
        return then(choose_service, form, *effects)
    if service.needs_description and not form.description:
        return then(describe, form, *effects)
    if form.start:
        return then(confirm, form, *effects)
    moment = understand(form.heard, facts.now).moment if form.heard else None
    if moment is None:
        return then(choose_day, form, *effects)
    chosen = slot_picker.moment_chosen(moment, service, facts)
    return _at(chosen, replace(form, heard=""), *effects)


def turned_down(form: Form, event: Refused) -> Turn:
    """What the books refused: somebody was quicker (B4), or the plate is in another file (A1)."""
    match event.effect:
        case SaveVehicle():
            return hand_over("plate_of_another", Say("booking/plate_of_another"))
        case Reserve() as lost:
            kept = replace(form, service=lost.service, plate=lost.plate, description=lost.description)
            return _at(slot_picker.lost(lost.start), kept, Unwake("hold_over"))
        case _:
            return hand_over("trouble")


def released(form: Form) -> tuple[Effect, ...]:
    """Give back the bay that was held; harmless when that happened already."""
    if not form.number:
        return ()
    came_from = frozenset({AppointmentState.HELD, AppointmentState.RELEASED})
    return (Mark(form.number, AppointmentState.RELEASED, came_from), Unwake("hold_over"))


def _at(chosen: slot_picker.Choice, form: Form, *effects: Effect) -> Turn:
    match chosen:
        case Chosen(start):
            return then(confirm, replace(form, start=start, held_until=None), *effects)
        case DayChosen(day, since, until):
            return then(choose_time, replace(form, start=None, day=day, since=since, until=until), *effects)
        case OtherDays(skip):
            return then(choose_day, replace(form, start=None, day=None, skip=skip), *effects)
        case Declined(reason, wanted, whole_day):
            declined = replace(
                form, start=None, day=wanted.date(), refusal=reason, wanted=wanted, whole_day=whole_day
            )
            return then(choose_day, declined, *effects)


def _time_taken(form: Form, event: Event, service: Service, facts: Facts) -> Turn | None:
    """Where a pressed or typed time leads; None when the event names none."""
    chosen = slot_picker.choice(event, service, facts, form.day)
    if chosen is None:
        return None
    if isinstance(chosen, Declined) and chosen.reason is Refusal.FULL and form.start:
        # It may be our own hold that fills it; taking the new time frees the old one.
        chosen = Chosen(chosen.wanted)
    kept_bay = isinstance(chosen, Chosen)
    return _at(chosen, form, *(() if kept_bay or not form.start else released(form)))


# ---------------------------------------------------------------- holding, correcting, signing


def _held(form: Form, service: Service, facts: Facts) -> Turn:
    assert form.start is not None
    number = form.number or appointment_number(facts.now, facts.conversation)
    until = facts.now + facts.store.booking.hold
    held = replace(form, number=number, held_until=until, day=form.start.date())
    reserve = Reserve(
        number,
        service.code,
        form.plate,
        form.start,
        service.minutes,
        AppointmentState.HELD,
        until=until,
        description=form.description,
        source=form.source,
    )
    card = Say("booking/confirm", card_words(held, service, facts), _confirm_buttons())
    return ask(held, reserve, Wake("hold_over", until, {"number": number}), card)


def _keep(form: Form, service: Service, facts: Facts) -> Turn:
    assert form.start is not None
    reason = facts.schedule.is_bookable(service, form.start, facts.now)
    return _at(Declined(reason, form.start) if reason else Chosen(form.start), form)


def _booked(form: Form, service: Service, facts: Facts) -> Turn:
    assert form.start is not None
    # The hold began inside B3's lead and may have used up some of it.
    soonest = facts.now + facts.store.booking.minimum_lead - facts.store.booking.hold - timedelta(minutes=1)
    if form.start < soonest or not form.number:
        return _at(Declined(Refusal.TOO_SOON, form.start), form, *released(form))
    return done(*signed(form, service, facts))


def _corrected(form: Form, text: str, facts: Facts) -> Turn | None:
    """A plate, phone number or service typed at the card replaces what stands there."""
    if plate := find_plate(text):
        return then(confirm, replace(form, plate=str(plate), model=""), SaveVehicle(str(plate)))
    if phone := find_phone(text):
        return then(confirm, replace(form, phone=str(phone)), SaveCustomer(phone=str(phone)))
    chosen = service_named(text, facts)
    if chosen and chosen.code != form.service:
        return onward(replace(form, service=chosen.code, start=None, heard=text), facts, *released(form))
    return None


def _services(facts: Facts, among: tuple[Service, ...] = ()) -> Rows:
    usual = facts.customer.usual if facts.customer else ()
    rank = {code: place for place, code in enumerate(usual)}
    ordered = sorted(among or facts.store.services, key=lambda each: rank.get(each.code, len(rank)))
    buttons = [
        Button("service", each.code, words={"service": each, "usual": each.code in rank}) for each in ordered
    ]
    return in_rows(buttons, 1 if len(buttons) < 9 else 2, CANCEL)


def _confirm_buttons() -> Rows:
    return (
        (Button("confirm"),),
        (Button("change_time"), Button("change_service")),
        (Button("add_words"), Button("cancel")),
    )


def _card_again(form: Form, service: Service, facts: Facts) -> Say:
    """Nobody keeps a bay by being asked again: the hold goes on, or it is over."""
    if form.held_until and form.held_until > facts.now:
        return Say("booking/confirm", card_words(form, service, facts), _confirm_buttons())
    return _hold_over(form, service, facts)


def _hold_over(form: Form, service: Service, facts: Facts) -> Say:
    buttons = ((Button("keep"),), (Button("change_time"), Button("cancel")))
    return Say("booking/hold_over", card_words(form, service, facts), buttons, kind=Kind.NOTICE)
