"""登记回访: an event that nobody but a colleague saw, a new car handed over, say, and what follows it is planned (F1).

Nothing is planned before 确认. Each question is asked where its field is empty, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from dialogs.call_entry import Calling
from dialogs.call_moves import may_call
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
    Rows,
    Said,
    Say,
    SharedContact,
    Step,
    Told,
    Turn,
    Woke,
    ask,
    ask_again,
    done,
    stay,
    then,
)
from dialogs.effects import NoteEvent, PlanFollowUp, TakeCall
from dialogs.facts import COLLEAGUES, QUESTIONNAIRES, SOUGHT, SOUGHT_CONTACTS
from dialogs.follow_up_planning import begun, of_customer
from dialogs.keyboard import in_rows
from dialogs.salutation import salutation_in
from domain.customers import Customer
from domain.event_line import find_event, happened_at
from domain.intents import Intent, find_command
from domain.names import PersonName, Salutation, read_name
from domain.people import Queue, closest_first, serves
from domain.phones import find_phone
from domain.plates import find_plate
from domain.questionnaires import FollowUpEvent
from domain.understanding import understand

if TYPE_CHECKING:
    from dialogs.facts import Facts, Who

CANCEL = (Button("cancel"),)
ENTERED = (FollowUpEvent.HANDED_OVER, FollowUpEvent.CONSULTED, FollowUpEvent.OWNER_CLASS)
"""What is entered by hand: that a repaired car has left, the bot sees by itself."""

AGO = {"just_now": timedelta(), "hours_ago": timedelta(hours=2), "yesterday": timedelta(days=1)}
MOST_COLLEAGUES = 10
MOST_PLANNED = 4


@dataclass(frozen=True, slots=True)
class FollowUpForm:
    """What is known so far. `customer` and `person` are 0 without file and without chat.

    `planned`: their open contacts, number and title. `at`: when it happened. `advisor`: who is responsible, 0
    whoever enters it.
    """

    plate: str = ""
    phone: str = ""
    customer: int = 0
    person: int = 0
    name: str = ""
    surname: str = ""
    salutation: str = ""
    salutation_asked: bool = False
    planned: tuple[tuple[str, str], ...] = ()
    event: FollowUpEvent | None = None
    at: datetime | None = None
    advisor: int = 0
    advisor_name: str = ""

    @property
    def address(self) -> str:
        """How the customer is spoken of: 王先生; "" while nothing is known."""
        said = Salutation(self.salutation) if self.salutation else None
        return PersonName(self.surname, self.name, said).address() if self.name else ""


def form_of(line: str, facts: Facts) -> FollowUpForm:
    """What one line says: 粤B12345 新车 昨天下午三点. Needs SOUGHT, SOUGHT_CONTACTS and QUESTIONNAIRES."""
    read = understand(line, facts.now)
    form = FollowUpForm(str(read.plate or ""), str(read.phone or ""), event=find_event(line))
    if read.moment and (at := happened_at(read.moment, facts.now)):
        form = replace(form, at=at)
    if not form.plate and not form.phone:
        return form
    sheets = facts.questionnaires
    titled = ((each.number, sheets.get(each.questionnaire)) for each in facts.sought_contacts)
    planned = tuple((number, sheet.title) for number, sheet in titled if sheet)[:MOST_PLANNED]
    return _with_file(replace(form, planned=planned), facts.sought)


# ---------------------------------------------------------------- the car and its owner


def look_up(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Plate or phone lead to the file."""
    match event:
        case Woke() | Told():
            return stay()
        case Entered() if form.plate or form.phone:
            return onward(form, facts)
        case Entered():
            return ask(form, _card("follow_up_form/ask_car", form, facts, CANCEL))
        case Said(text) if find_plate(text) or find_phone(text):
            read = form_of(text, facts)
            return onward(replace(read, event=read.event or form.event, at=read.at or form.at), facts)
        case _:
            return ask_again(form, _card("follow_up_form/ask_car_again", form, facts, CANCEL))


def tell_name(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Nobody is known by this plate or number: who is it?"""
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, _card("follow_up_form/ask_name", form, facts, CANCEL))
        case Said(text) if name := read_name(text):
            salutation = str(name.salutation or "")
            return onward(replace(form, name=name.full, surname=name.surname, salutation=salutation), facts)
        case _:
            return ask_again(form, _card("caller_complaint/ask_name_again", form, facts, CANCEL))


def tell_salutation(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """先生 or 女士, for every message to come."""
    rows: Rows = ((Button("sir"), Button("madam")), (Button("skip"), Button("cancel")))
    question = _card("order_form/ask_salutation", form, facts, *rows)
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, question)
        case _ if (said := salutation_in(event)) is not None:
            return onward(replace(form, salutation=said, salutation_asked=True), facts)
        case _:
            return ask_again(form, question)


def tell_phone(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Where they are reached; a number that we know leads to its file."""
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, _card("follow_up_form/ask_phone", form, facts, CANCEL))
        case SharedContact(text) | Said(text) if phone := find_phone(text):
            form = replace(form, phone=str(phone))
            known = facts.sought is not None and facts.sought.phone == phone and not form.customer
            return onward(_with_file(form, facts.sought) if known else form, facts)
        case _:
            return ask_again(form, _card("caller_complaint/ask_phone_again", form, facts, CANCEL))


# ---------------------------------------------------------------- what happened, and when


def choose_event(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Which of the events that start a sheet; or a planned contact, about which the colleague has called already."""
    called = [Button("called", number, words={"title": title}) for number, title in form.planned]
    buttons = [*(Button("event", each.value, words={"kind": each.value}) for each in ENTERED), *called]
    question = _card("follow_up_form/ask_event", form, facts, *in_rows(buttons, 1, CANCEL))
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("event", value) if value in ENTERED:
            return onward(replace(form, event=FollowUpEvent(value)), facts)
        case Pressed("called", number) if number in dict(form.planned):
            record = Record("call.taken", number, {"early": True})
            return done(TakeCall(number, early=True), record, Open("call_entry", Calling(), subject=number))
        case Refused(TakeCall()):
            return done(_card("follow_up_form/busy", form, facts))
        case Said(text) if named := find_event(text):
            return onward(replace(form, event=named), facts)
        case _:
            return ask_again(form, question)


def tell_time(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """When it was: the days until the first contact count from it."""
    buttons = [Button(key) for key in AGO]
    question = _card("follow_up_form/ask_time", form, facts, *in_rows(buttons, 3, CANCEL))
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed(key) if key in AGO:
            return onward(replace(form, at=facts.now - AGO[key]), facts)
        case Said(text) if moment := understand(text, facts.now).moment:
            if at := happened_at(moment, facts.now):
                return onward(replace(form, at=at), facts)
            return ask(form, replace(question, script="follow_up_form/not_past"))
        case _:
            return ask_again(form, replace(question, script="follow_up_form/ask_time_again"))


def choose_advisor(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Who is responsible, where it is not whoever enters it."""
    colleagues = _colleagues(facts)
    buttons = [Button("advisor", str(each.person_id), words={"name": each.first_name}) for each in colleagues]
    question = _card("follow_up_form/ask_advisor", form, facts, *in_rows(buttons, 2, CANCEL))
    match event:
        case Woke() | Told():
            return stay()
        case Entered():
            return ask(form, question)
        case Pressed("advisor", value) if who := _chosen(value, colleagues):
            return onward(replace(form, advisor=who.person_id, advisor_name=who.first_name), facts)
        case _:
            return ask_again(form, question)


# ---------------------------------------------------------------- read back


def check(form: FollowUpForm, event: Event, facts: Facts) -> Turn:
    """Everything is read back; nothing is planned before 确认."""
    match event:
        case Woke() | Told():
            return stay()
        case Refused(NoteEvent()):
            return done(_card("follow_up_form/twice", form, facts))
        case Entered():
            return ask(form, _read_back(form, facts))
        case Pressed("plan"):
            return _planned(form, facts)
        case Said(text) if find_command(text) is Intent.CONFIRM:
            return _planned(form, facts)
        case Pressed("change_event"):
            return then(choose_event, replace(form, event=None))
        case Pressed("change_time"):
            return then(tell_time, replace(form, at=None))
        case Pressed("change_advisor"):
            return then(choose_advisor, form)
        case _:
            return ask_again(form, _read_back(form, facts))


def _planned(form: FollowUpForm, facts: Facts) -> Turn:
    """The contacts, each with its own time; a newcomer gets a file with them (A1)."""
    if not may_call(form, facts):
        refused = Record("command.refused", details={"command": "followup"})
        return done(_card("call_list/not_yours", form, facts), refused)
    assert form.event is not None
    assert form.at is not None
    file = _customer(form)
    draft = of_customer(file, form.event, form.at, plate=form.plate)
    advisor, name = form.advisor or facts.who.person_id, form.advisor_name or facts.who.first_name
    draft = replace(draft, phone=form.phone or file.phone, advisor=advisor, advisor_name=name)
    effects = begun(form.event, draft, facts, newcomer=None if form.customer else file)
    if not effects:
        return done(_card("follow_up_form/no_sheet", form, facts))
    count = sum(isinstance(each, PlanFollowUp) for each in effects)
    return done(
        NoteEvent(form.event, form.at, form.plate, form.phone),
        *effects,
        _card("follow_up_form/planned", form, facts, count=count),
    )


def onward(form: FollowUpForm, facts: Facts) -> Turn:
    """Go on with the first field that is still empty."""
    reached = form.phone or form.person
    empty: tuple[tuple[bool, Step], ...] = (
        (not form.plate and not form.phone, look_up),
        (not form.name, tell_name),
        (not form.salutation and not form.salutation_asked and not form.customer, tell_salutation),
        (not reached, tell_phone),
        (form.event is None, choose_event),
        (form.at is None, tell_time),
    )
    return then(next((step for missing, step in empty if missing), check), form)


def _with_file(form: FollowUpForm, file: Customer | None) -> FollowUpForm:
    if file is None:
        return form
    only = file.vehicles[0].plate if len(file.vehicles) == 1 else ""
    return replace(
        form,
        plate=form.plate or only,
        phone=form.phone or file.phone,
        customer=file.id,
        person=file.person_id or 0,
        name=file.name or form.name,
        surname=file.surname or form.surname,
        salutation=file.salutation or form.salutation,
    )


def _customer(form: FollowUpForm) -> Customer:
    person = form.person or None
    return Customer(form.customer, person, form.name, form.surname, form.salutation, form.phone)


def _colleagues(facts: Facts) -> tuple[Who, ...]:
    """Who advises customers, of those the closest to whoever enters it first; themselves before all."""
    desks = facts.store.staff.desks
    advising = [
        each
        for each in facts.colleagues
        if any(serves(each.own_roles, queue, desks) for queue in (Queue.FRONT_DESK, Queue.SALES))
    ]
    me = tuple(each for each in facts.colleagues if each.person_id == facts.who.person_id)
    return (*me, *closest_first(facts.who, advising, desks))[:MOST_COLLEAGUES]


def _chosen(value: str, colleagues: tuple[Who, ...]) -> Who | None:
    return next((each for each in colleagues if str(each.person_id) == value), None)


# ---------------------------------------------------------------- what is shown


def _card(script: str, form: FollowUpForm, facts: Facts, *rows: tuple[Button, ...], **more: Any) -> Say:
    words = {"form": form, "now": facts.now, "who": form.advisor_name or facts.who.first_name, **more}
    return Say(script, words, rows, kind=Kind.STAFF)


def _read_back(form: FollowUpForm, facts: Facts) -> Say:
    changes = (Button("change_event"), Button("change_time"), Button("change_advisor"))
    return _card("follow_up_form/check", form, facts, (Button("plan"),), changes, CANCEL)


FOLLOW_UP_FORM = Dialog(
    "follow_up_form",
    FollowUpForm,
    steps=(
        look_up,
        tell_name,
        tell_salutation,
        tell_phone,
        choose_event,
        tell_time,
        choose_advisor,
        check,
    ),
    needs=frozenset({SOUGHT, SOUGHT_CONTACTS, COLLEAGUES, QUESTIONNAIRES}),
    authority={"plan": may_call, "called": may_call},
    relays=True,
)
