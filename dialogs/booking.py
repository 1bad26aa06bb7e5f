"""Booking an appointment 预约服务: the form filled in from top to bottom, then the customer's 确认 (B2–B6, B13–B15).

A customer we know presses five times: 预约服务, the service, the day, the time, 确认. Service, time and 确认 are
in dialogs/appointment_terms.py, because the shop's own proposals go the same way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs import appointment_terms
from dialogs.appointment_form import Form, services_meant
from dialogs.core import (
    Button,
    Dialog,
    Effect,
    Entered,
    Event,
    Pressed,
    Refused,
    Said,
    Say,
    SharedContact,
    Step,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import Consent, SaveCustomer, SaveVehicle
from dialogs.facts import CUSTOMER_FILE, SCHEDULE
from dialogs.keyboard import in_rows
from dialogs.salutation import salutation_in
from domain.intents import Intent, find_intent
from domain.names import read_name
from domain.phones import find_phone
from domain.plates import find_plate

if TYPE_CHECKING:
    from dialogs.facts import Facts

CANCEL = (Button("cancel"),)
LONGEST_MODEL = 40
MOST_VEHICLES = 20  # on show; a fleet types the plate


def begin(form: Form, event: Event, facts: Facts) -> Turn:
    """Take over what the customer file knows already."""
    known = _known(form, facts)
    match event:
        case Refused():
            return appointment_terms.turned_down(known, event)
        case _:
            return onward(known, facts)


def agree(form: Form, event: Event, facts: Facts) -> Turn:
    """Nothing personal is stored before the customer has agreed to it (A3)."""
    question = Say("booking/agree", {"store": facts.store}, ((Button("agree"), Button("decline")),))
    match event:
        case Refused():
            return _once_more(agree, form, event)
        case Woke():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("decline"):
            return done(Say("booking/declined", {"store": facts.store}))
        case Pressed("agree"):
            return onward(replace(form, consented=True), facts, Consent())
        case Said(text) if find_intent(text) is Intent.CONFIRM:
            return onward(replace(form, consented=True), facts, Consent())
        case _:
            return ask_again(form, question)


def tell_name(form: Form, event: Event, facts: Facts) -> Turn:
    """Name; with 先生 or 女士 in it the salutation is known too (B2)."""
    match event:
        case Refused():
            return _once_more(tell_name, form, event)
        case Woke():
            return stay()
        case Entered():
            return ask(form, Say("booking/ask_name", buttons=(CANCEL,)))
        case Said(text) if name := read_name(text):
            salutation = str(name.salutation or "")
            told = replace(form, name=name.full, surname=name.surname, salutation=salutation)
            saved = SaveCustomer(name.full, name.surname, salutation or None)
            return onward(told, facts, saved)
        case _:
            return ask_again(form, Say("booking/ask_name_again", buttons=(CANCEL,)))


def tell_salutation(form: Form, event: Event, facts: Facts) -> Turn:
    """先生 or 女士, so that nobody is spoken to wrongly."""
    question = Say(
        "booking/ask_salutation",
        {"name": form.name},
        ((Button("sir"), Button("madam")), (Button("skip"),), CANCEL),
    )
    match event:
        case Refused():
            return _once_more(tell_salutation, form, event)
        case Woke():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("skip"):
            return onward(replace(form, salutation_asked=True), facts)
        case _ if said := salutation_in(event):
            told = replace(form, salutation=said, salutation_asked=True)
            return onward(told, facts, SaveCustomer(salutation=said))
        case _:
            return ask_again(form, question)


def tell_phone(form: Form, event: Event, facts: Facts) -> Turn:
    """Phone: typed, or shared with the button when it is the customer's own (B2, B15)."""
    match event:
        case Refused():
            return _once_more(tell_phone, form, event)
        case Woke():
            return stay()
        case Entered():
            return ask(form, Say("booking/ask_phone", {"address": form.address}, keyboard="contact"))
        case SharedContact(own=False):
            return ask_again(form, Say("booking/phone_not_own", keyboard="contact"))
        case SharedContact(text) | Said(text) if phone := find_phone(text):
            noted = Say("booking/phone_noted", {"phone": phone}, keyboard="menu")
            return onward(replace(form, phone=str(phone)), facts, SaveCustomer(phone=str(phone)), noted)
        case _:
            return ask_again(form, Say("booking/ask_phone_again", keyboard="contact"))


def choose_vehicle(form: Form, event: Event, facts: Facts) -> Turn:
    """Which of the customer's cars it is about."""
    vehicles = facts.customer.vehicles if facts.customer else ()
    buttons = [Button("vehicle", str(each.id), words={"vehicle": each}) for each in vehicles[:MOST_VEHICLES]]
    rows = in_rows(buttons, 1, (Button("other_vehicle"),), CANCEL)
    question = Say("booking/ask_vehicle", {"address": form.address}, rows)
    match event:
        case Refused():
            return _once_more(choose_vehicle, form, event)
        case Woke():
            return stay()
        case Entered() if find_plate(form.heard):
            return then(tell_plate, form)
        case Entered():
            return ask(form, question)
        case Pressed("vehicle", value) if chosen := next(
            (each for each in vehicles if str(each.id) == value), None
        ):
            return onward(replace(form, plate=chosen.plate, model=chosen.model, model_asked=True), facts)
        case Pressed("other_vehicle"):
            return then(tell_plate, form)
        case Said(text) if plate := find_plate(text):
            return _plate_told(form, str(plate), facts)
        case _:
            return ask_again(form, question)


def tell_plate(form: Form, event: Event, facts: Facts) -> Turn:
    """Plate, however it is typed (B15); one that is in somebody else's file is for an advisor to look into (A1)."""
    match event:
        case Refused():
            return _once_more(tell_plate, form, event)
        case Woke():
            return stay()
        case Entered() if said := find_plate(form.heard):
            return _plate_told(form, str(said), facts)
        case Entered():
            return ask(form, Say("booking/ask_plate", {"address": form.address}, (CANCEL,)))
        case Said(text) if plate := find_plate(text):
            return _plate_told(form, str(plate), facts)
        case _:
            return ask_again(form, Say("booking/ask_plate_again", buttons=(CANCEL,)))


def tell_model(form: Form, event: Event, facts: Facts) -> Turn:
    """Model, if the customer likes to tell it."""
    question = Say("booking/ask_model", {"plate": form.plate}, ((Button("skip"),), CANCEL))
    match event:
        case Refused():
            return _once_more(tell_model, form, event)
        case Woke():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("skip"):
            return onward(replace(form, model_asked=True), facts)
        case Said(text) if len(text.strip()) <= LONGEST_MODEL:
            told = replace(form, model=text.strip(), model_asked=True)
            return onward(told, facts, SaveVehicle(form.plate, told.model))
        case _:
            return ask_again(form, question)


# ---------------------------------------------------------------- the way from field to field


def onward(form: Form, facts: Facts, *effects: Effect) -> Turn:
    """Go on with the first field that is still empty."""
    several = facts.customer is not None and len(facts.customer.vehicles) > 1
    empty = (
        (not form.consented, agree),
        (not form.name, tell_name),
        (not form.salutation and not form.salutation_asked, tell_salutation),
        (not form.phone, tell_phone),
        (not form.plate, choose_vehicle if several else tell_plate),
        (not form.model and not form.model_asked, tell_model),
    )
    step = next((step for missing, step in empty if missing), None)
    return then(step, form, *effects) if step else appointment_terms.onward(form, facts, *effects)


def _known(form: Form, facts: Facts) -> Form:
    meant = services_meant(form.heard, facts) if form.heard and not form.service else ()
    file, form = facts.customer, replace(form, service=meant[0].code if len(meant) == 1 else form.service)
    if file is None or file.consent_at is None:
        return form
    known = replace(
        form,
        consented=True,
        name=file.name,
        surname=file.surname,
        salutation=file.salutation,
        salutation_asked=bool(file.name),
        phone=file.phone,
        tier=file.tier,
    )
    said = form.plate or find_plate(form.heard)
    own = next((each for each in file.vehicles if each.plate == said), None)
    if own is None and len(file.vehicles) == 1 and not said:
        own = file.vehicles[0]
    if own:
        known = replace(known, plate=own.plate, model=own.model, model_asked=True)
    return known


def _plate_told(form: Form, plate: str, facts: Facts) -> Turn:
    own = next(
        (each for each in (facts.customer.vehicles if facts.customer else ()) if each.plate == plate), None
    )
    told = replace(form, plate=plate, model=own.model if own else "", model_asked=own is not None)
    return onward(told, facts, SaveVehicle(plate))


def _once_more(step: Step, form: Form, event: Refused) -> Turn:
    """A plate of another file is for an advisor (A1); a time that was lost on the way is asked for again later."""
    if isinstance(event.effect, SaveVehicle):
        return appointment_terms.turned_down(form, event)
    return then(step, replace(form, heard=""))


def _undone(form: Form, facts: Facts) -> tuple[Effect, ...]:
    return appointment_terms.released(form)


BOOKING = Dialog(
    "booking",
    Form,
    steps=(
        begin,
        agree,
        tell_name,
        tell_salutation,
        tell_phone,
        choose_vehicle,
        tell_plate,
        tell_model,
        appointment_terms.choose_service,
        appointment_terms.describe,
        appointment_terms.choose_day,
        appointment_terms.choose_time,
        appointment_terms.confirm,
    ),
    needs=frozenset({CUSTOMER_FILE, SCHEDULE}),
    cancelled=_undone,
)
