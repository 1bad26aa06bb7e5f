"""接车开单: a repair order made at reception, from an appointment, for a walk-in, or from one typed line (O1).

Nothing is filed before 确认开单. Each question is asked where its field is empty, and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from dialogs import order_form_look, order_form_promise
from dialogs.core import (
    Button,
    Dialog,
    Entered,
    Event,
    Pressed,
    Record,
    Refused,
    Rows,
    Said,
    Say,
    SentMedia,
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
from dialogs.effects import FileOrder
from dialogs.facts import COLLEAGUES, EXPECTED, IN_SHOP, RECEPTION, REGISTER, SOUGHT
from dialogs.order_form_car import expected_card, is_due, number_of
from dialogs.order_form_fields import LOOKS, OrderForm, received
from dialogs.order_form_filing import filed, in_the_shop, may_open
from dialogs.order_form_items import (
    CANCEL,
    PICKED,
    all_genuine,
    card,
    items_card,
    origin_card,
    parts_card,
    priced,
    with_origin,
    with_service,
    with_typed,
)
from dialogs.salutation import salutation_in
from domain.intents import Intent, find_command
from domain.names import read_name
from domain.order_line import WrongLine, read_price
from domain.phones import find_phone
from domain.plates import find_plate

if TYPE_CHECKING:
    from dialogs.facts import Facts

THAT_IS_ALL = frozenset({Intent.CONFIRM, Intent.DECLINE})


# ---------------------------------------------------------------- the car and its owner


def choose_car(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Which car: one of today's expected ones, or any by its plate."""
    match event:
        case Woke():
            return stay()
        case Entered() if form.plate:
            return onward(form, facts)
        case Entered():
            return ask(form, expected_card("order_form/ask_car", form, facts))
        case Pressed(key, _) if key == EXPECTED and is_due(facts.reception.appointment, facts):
            return onward(received(form, facts.reception.plate, facts.reception, facts), facts)
        case Said(text) if plate := find_plate(text):
            return onward(received(form, str(plate), facts.reception, facts), facts)
        case _:
            return ask_again(form, expected_card("order_form/ask_car_again", form, facts))


def tell_name(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """A car without a file: whose is it?"""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, card("order_form/ask_name", form, facts, (CANCEL,)))
        case Said(text) if name := read_name(text):
            salutation = str(name.salutation or "")
            return onward(replace(form, name=name.full, surname=name.surname, salutation=salutation), facts)
        case _:
            return ask_again(form, card("caller_complaint/ask_name_again", form, facts, (CANCEL,)))


def tell_salutation(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """先生 or 女士, for every message to come."""
    rows: Rows = ((Button("sir"), Button("madam")), (Button("skip"), Button("cancel")))
    question = card("order_form/ask_salutation", form, facts, rows)
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, question)
        case _ if (said := salutation_in(event)) is not None:
            return onward(replace(form, salutation=said, salutation_asked=True), facts)
        case _:
            return ask_again(form, question)


def tell_phone(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Where the customer is reached; a number that we know leads to the chat and tier of its file."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, card("order_form/ask_phone", form, facts, (CANCEL,)))
        case SharedContact(text) | Said(text) if phone := find_phone(text):
            form = replace(form, phone=str(phone))
            file = facts.sought
            if not form.customer and file is not None and file.phone == phone:
                form = replace(form, person=file.person_id or 0, tier=file.tier)
            return onward(form, facts)
        case _:
            return ask_again(form, card("caller_complaint/ask_phone_again", form, facts, (CANCEL,)))


# ---------------------------------------------------------------- what is done, until when


def tell_items(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Items: the store's services by button, anything else typed with its price."""
    try:
        match event:
            case Woke():
                return stay()
            case Entered():
                return ask(form, items_card(form, facts))
            case Pressed("service", code):
                form = with_service(form, code, facts)
            case Pressed("clear"):
                form = replace(form, lines=(), total=None)
            case Pressed("items_done") if form.lines:
                return onward(replace(form, lines_told=True), facts)
            case Said(text) if form.lines and find_command(text) in THAT_IS_ALL:
                return onward(replace(form, lines_told=True), facts)
            case Said(text):
                form = with_typed(form, text, facts)
            case _:
                return ask_again(form, items_card(form, facts))
    except WrongLine as wrong:
        return ask_again(form, _wrong_item(form, wrong, facts))
    return ask(form, items_card(form, facts))


def tell_price(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """An item without a price: by symptom, or to be said after inspection."""
    rows: Rows = ((Button("after_check"),), CANCEL)
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, card("order_form/ask_price", form, facts, rows))
        case Said(text) if (price := read_price(text)) is not None:
            return onward(priced(form, price), facts)
        case Pressed("after_check"):
            return onward(priced(form, Decimal(0)), facts)
        case _:
            return ask_again(form, card("order_form/ask_price_again", form, facts, rows))


def choose_origin(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Where the parts come from, asked once for the whole list (O1)."""
    match event:
        case Woke():
            return stay()
        case Pressed("all_genuine"):
            return onward(all_genuine(form), facts)
        case Pressed(key) if key in PICKED and len(form.lines) == 1:
            return onward(all_genuine(with_origin(replace(form, picking=PICKED[key]), 0)), facts)
        case Pressed(key) if key in PICKED:
            return then(choose_parts, replace(form, picking=PICKED[key]))
        case Entered():
            return ask(form, origin_card(form, facts))
        case _:
            return ask_again(form, origin_card(form, facts))


def choose_parts(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Which items have parts of that origin."""
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, parts_card(form, facts))
        case Pressed("part", place) if place.isdecimal() and int(place) < len(form.lines):
            form = with_origin(form, int(place))
            return ask(form, parts_card(form, facts))
        case Pressed("parts_done") if len(form.unwarranted) == len(form.lines):
            return onward(all_genuine(form), facts)
        case Pressed("parts_done"):
            return then(choose_origin, replace(form, picking=None))
        case _:
            return ask_again(form, parts_card(form, facts))


def tell_promise(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """The promised hand-over time: typed or picked, never when nobody is there (P8)."""
    match event:
        case Woke():
            return stay()
        case Entered() if form.wanted:
            return ask(form, order_form_promise.refused_card(form, form.wanted, facts))
        case Entered():
            return ask(form, order_form_promise.promise_card(form, facts))
        case Pressed("time", value) if wanted := order_form_promise.time_pressed(value, facts):
            pass
        case Said(text) if moment := order_form_promise.time_said(text, facts):
            meant = order_form_promise.time_meant(moment, facts)
            if meant is None:
                return ask(form, order_form_promise.day_card(form, moment, facts))
            wanted = meant
        case _:
            again = order_form_promise.promise_card(form, facts, "order_form/ask_promise_again")
            return ask_again(form, again)
    if not order_form_promise.can_be_had(wanted, facts):
        return ask(form, order_form_promise.refused_card(form, wanted, facts))
    return onward(replace(form, promised=wanted, wanted=None), facts)


# ---------------------------------------------------------------- the car as it came


def tell_mileage(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Kilometres; a line with everything else is understood too."""
    return _looked(form, event, facts, "mileage", "order_form/ask_mileage")


def choose_fuel(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """How full the tank is."""
    if isinstance(event, Pressed) and event.key == "fuel" and event.value in set("02468"):
        arrival = replace(form.arrival, fuel=int(event.value))
        return onward(replace(form, arrival=arrival).having_looked("fuel"), facts)
    return _looked(form, event, facts, "fuel", "order_form/ask_fuel")


def tell_key(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """The number on the key's tag."""
    return _looked(form, event, facts, "key", "order_form/ask_key")


def tell_things(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Documents and things in the car."""
    return _looked(form, event, facts, "things", "order_form/ask_things")


def send_photos(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Photos and videos of the car; an album counts up on one card."""
    match event:
        case SentMedia(kind, file) if kind in order_form_look.FILMED and file:
            form = order_form_look.photographed(form, kind, file)
            if len(form.arrival.photos) == order_form_look.MOST_PHOTOS:
                return onward(form.having_looked("photos"), facts)
            shown = card("order_form/photos", form, facts, order_form_look.rows_for("photos", form))
            return ask(form, replace(shown, in_place=True))
        case Pressed("photos_done"):
            return onward(form.having_looked("photos"), facts)
        case Said(text) if find_command(text) in THAT_IS_ALL:
            return onward(form.having_looked("photos"), facts)
        case Said():
            return ask_again(form, _question("photos", "order_form/ask_photos", form, facts))
        case _:
            return _looked(form, event, facts, "photos", "order_form/ask_photos")


def tell_fault(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """What the customer says is wrong."""
    return _looked(form, event, facts, "fault", "order_form/ask_fault")


def _looked(form: OrderForm, event: Event, facts: Facts, look: str, script: str) -> Turn:
    match event:
        case Woke():
            return stay()
        case Entered():
            return ask(form, _question(look, script, form, facts))
        case Pressed("skip"):
            return onward(form.having_looked(look), facts)
        case Pressed("skip_rest"):
            return onward(form.having_looked(*LOOKS), facts)
        case Said(text) if find_command(text) is Intent.DECLINE:
            return onward(form.having_looked(look), facts)
        case Said(text) if told := order_form_look.told(form, look, text):
            return onward(told, facts)
        case _:
            return ask_again(form, _question(look, script, form, facts))


# ---------------------------------------------------------------- read back


def check(form: OrderForm, event: Event, facts: Facts) -> Turn:
    """Everything is read back; nothing counts before 确认开单."""
    match event:
        case Woke():
            return stay()
        case Refused(FileOrder()):
            return done(*in_the_shop(form.plate, number_of(form.plate, facts), facts))
        case Refused():  # the appointment was moved or cancelled meanwhile
            without = replace(form, appointment="", benefits=False)
            return then(check, without, card("order_form/appointment_gone", form, facts))
        case Entered():
            return ask(form, _read_back(form, facts))
        case Pressed("open_order"):
            return _confirmed(form, facts)
        case Said(text) if find_command(text) is Intent.CONFIRM:
            return _confirmed(form, facts)
        case Pressed("change_items"):
            return then(tell_items, replace(form, lines_told=False, origins_told=False, total=None))
        case Pressed("change_promise"):
            return then(tell_promise, replace(form, promised=None))
        case Pressed("change_look"):
            return then(tell_mileage, replace(form, looked=()))
        case _:
            return ask_again(form, _read_back(form, facts))


def _confirmed(form: OrderForm, facts: Facts) -> Turn:
    """Roles and time are looked at once more: the card may be old."""
    if not may_open(form, facts):
        refused = Record("command.refused", details={"command": "order"})
        return done(card("order_form/not_yours", form, facts), refused)
    if form.promised is None or not order_form_promise.can_be_had(form.promised, facts):
        return then(tell_promise, replace(form, promised=None, wanted=form.promised))
    return done(*filed(form, facts))


def onward(form: OrderForm, facts: Facts) -> Turn:
    """Go on with the first field that is still empty; a car that is in the shop already needs no second order."""
    if form.standing:
        return done(*in_the_shop(form.plate, form.standing, facts))
    empty: tuple[tuple[bool, Step], ...] = (
        (not form.plate, choose_car),
        (not form.name, tell_name),
        (not form.salutation and not form.salutation_asked, tell_salutation),
        (not form.phone, tell_phone),
        (not form.lines or not form.lines_told, tell_items),
        (form.unpriced is not None, tell_price),
        (not form.origins_told, choose_origin),
        (form.promised is None, tell_promise),
        *((look not in form.looked, step) for look, step in zip(LOOKS, LOOK_STEPS, strict=True)),
    )
    return then(next((step for missing, step in empty if missing), check), form)


# ---------------------------------------------------------------- what is shown


def _wrong_item(form: OrderForm, wrong: WrongLine, facts: Facts) -> Say:
    shown = items_card(form, facts)
    words = {**shown.words, "reason": wrong.fault.value, "said": wrong.words}
    return replace(shown, script="order_form/wrong_item", words=words)


def _question(look: str, script: str, form: OrderForm, facts: Facts) -> Say:
    return card(script, form, facts, order_form_look.rows_for(look, form))


def _read_back(form: OrderForm, facts: Facts) -> Say:
    rows: Rows = (
        (Button("open_order"),),
        (Button("change_items"), Button("change_promise"), Button("change_look")),
        CANCEL,
    )
    return card("order_form/check", form, facts, rows)


LOOK_STEPS: tuple[Step, ...] = (tell_mileage, choose_fuel, tell_key, tell_things, send_photos, tell_fault)

ORDER_FORM = Dialog(
    "order_form",
    OrderForm,
    steps=(
        choose_car,
        tell_name,
        tell_salutation,
        tell_phone,
        tell_items,
        tell_price,
        choose_origin,
        choose_parts,
        tell_promise,
        *LOOK_STEPS,
        check,
    ),
    needs=frozenset({RECEPTION, REGISTER, SOUGHT, COLLEAGUES, IN_SHOP}),
    authority={"open_order": may_open},
    relays=True,
)
