"""What is noted of the car when it comes: mileage, fuel, key, things in it, photos, what is wrong with it (O1)."""

from __future__ import annotations

from dataclasses import replace

from dialogs.core import Button, Rows
from dialogs.keyboard import in_rows
from dialogs.order_form_fields import LOOKS, OrderForm
from domain.order_line import read_arrival, read_fuel, read_key, read_mileage
from domain.repair_orders import Arrival

MOST_PHOTOS = 10
FILMED = frozenset({"photo", "video"})
LONGEST_FAULT = 500  # characters
LEVELS = (0, 2, 4, 6, 8)  # eighths of the tank that have a button
FUEL_BUTTONS = tuple(Button("fuel", str(eighths), words={"place": eighths}) for eighths in LEVELS)
LEAVE_OUT = ((Button("skip"), Button("skip_rest")), (Button("cancel"),))


def rows_for(look: str, form: OrderForm) -> Rows:
    """The buttons below the question for `look`."""
    match look:
        case "fuel":
            return in_rows(FUEL_BUTTONS, len(FUEL_BUTTONS), *LEAVE_OUT)
        case "photos" if form.arrival.photos:
            return ((Button("photos_done"),), (Button("cancel"),))
        case _:
            return LEAVE_OUT


def told(form: OrderForm, look: str, text: str) -> OrderForm | None:
    """The form after `text` was typed where `look` was asked: one line may say several things; None if it says none."""
    if look == "fault":
        return replace(form, fault=text.strip()[:LONGEST_FAULT]).having_looked(look)
    arrival = _said(look, text)
    found = {
        "mileage": arrival.mileage or None,
        "fuel": arrival.fuel,
        "key": arrival.key or None,
        "things": arrival.items or None,
    }
    said = [each for each in LOOKS if found.get(each) is not None]
    if look not in said and said in ([], ["things"]):
        return None
    kept = form.arrival
    kept = replace(
        kept,
        mileage=arrival.mileage or kept.mileage,
        fuel=kept.fuel if arrival.fuel is None else arrival.fuel,
        key=arrival.key or kept.key,
        items=arrival.items or kept.items,
    )
    return replace(form, arrival=kept).having_looked(*said)


def _said(look: str, text: str) -> Arrival:
    """The bare answer to the question, or a line with several notes."""
    if look == "mileage" and (way := read_mileage(text)):
        return Arrival(mileage=way)
    if look == "fuel" and (level := read_fuel(text)) is not None:
        return Arrival(fuel=level)
    if look == "key" and (key := read_key(text)):
        return Arrival(key=key)
    return read_arrival(text)


def photographed(form: OrderForm, kind: str, file: str) -> OrderForm:
    """One picture more, up to MOST_PHOTOS."""
    photos = (*form.arrival.photos, (kind, file))[:MOST_PHOTOS]
    return replace(form, arrival=replace(form.arrival, photos=photos))
