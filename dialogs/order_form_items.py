"""The items of 接车开单: chosen from the store's services or typed, each with its estimate and origin of parts (O1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.core import Button, Kind, Rows, Say
from dialogs.keyboard import in_rows
from dialogs.order_form_fields import Line, OrderForm, booked
from domain.order_line import MOST_ITEMS, LineFault, WrongLine, plain_name, read_wishes
from domain.repair_orders import Estimate, PartsOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from dialogs.facts import Facts
    from domain.order_line import Wish

CANCEL = (Button("cancel"),)
PICKED = {"has_aftermarket": PartsOrigin.AFTERMARKET, "has_own": PartsOrigin.CUSTOMER}
"""Which origin each of the answers to the question about parts leads to."""


def known_names(facts: Facts) -> frozenset[str]:
    """What the store calls its services."""
    return frozenset(plain_name(service.name) for service in facts.store.services)


def with_typed(form: OrderForm, text: str, facts: Facts) -> OrderForm:
    """The form with what the colleague typed; an item typed again has its new price. Raises WrongLine."""
    return with_wishes(form, read_wishes(text, known_names(facts)), facts)


def with_wishes(form: OrderForm, wishes: Iterable[Wish], facts: Facts) -> OrderForm:
    """The form with these items; where an origin was said, it need not be asked. Raises WrongLine (too many)."""
    lines = {line.name: line for line in form.lines}
    told = form.origins_told
    for wish in wishes:
        line = _line(wish, facts)
        lines[line.name] = line
        told = told or wish.origin is not None
    if len(lines) > MOST_ITEMS:
        raise WrongLine(LineFault.MANY)
    return replace(form, lines=tuple(lines.values()), origins_told=told)


def _line(wish: Wish, facts: Facts) -> Line:
    """A store service at the store's price is estimated by the system, any other price by whoever set it (O1)."""
    names = {plain_name(service.name): service.code for service in facts.store.services}
    store = booked(names.get(wish.name, ""), facts)
    origin = wish.origin or PartsOrigin.GENUINE
    if not store:
        return Line(wish.name, wish.price, origin=origin)
    (line,) = store
    if wish.price in (None, line.price):
        return replace(line, origin=origin)
    return replace(line, price=wish.price, estimate=Estimate.BY_SYMPTOM, origin=origin)


def with_service(form: OrderForm, code: str, facts: Facts) -> OrderForm:
    """A service is chosen, or let go again. Raises WrongLine (too many)."""
    rest = tuple(line for line in form.lines if line.service != code)
    if len(rest) < len(form.lines):
        return replace(form, lines=rest)
    lines = (*form.lines, *booked(code, facts))
    if len(lines) > MOST_ITEMS:
        raise WrongLine(LineFault.MANY)
    return replace(form, lines=lines)


def priced(form: OrderForm, price: Decimal) -> OrderForm:
    """The first item without a price has this one, which a person set."""
    asked = form.unpriced
    lines = (
        replace(line, price=price, estimate=Estimate.BY_SYMPTOM) if line is asked else line
        for line in form.lines
    )
    return replace(form, lines=tuple(lines))


def with_origin(form: OrderForm, place: int) -> OrderForm:
    """The parts of the item at `place` are of the origin that is being picked, or genuine after all."""
    assert form.picking is not None
    lines = list(form.lines)
    now = PartsOrigin.GENUINE if lines[place].origin is form.picking else form.picking
    lines[place] = replace(lines[place], origin=now)
    return replace(form, lines=tuple(lines))


def all_genuine(form: OrderForm) -> OrderForm:
    """What was not said to be otherwise is genuine."""
    return replace(form, origins_told=True, picking=None)


# ---------------------------------------------------------------- what is shown


def items_card(form: OrderForm, facts: Facts) -> Say:
    """What is on the list, and the store's services to choose from."""
    chosen = {line.service for line in form.lines}
    services = [
        Button("service", each.code, "service_chosen" if each.code in chosen else "", {"name": each.name})
        for each in facts.store.services
    ]
    done = (Button("items_done"), Button("clear")) if form.lines else ()
    return card("order_form/items", form, facts, in_rows(services, 2, done, CANCEL))


def origin_card(form: OrderForm, facts: Facts) -> Say:
    """The one question about parts; a second time for the rest."""
    genuine = Button("all_genuine", label="rest_genuine" if form.unwarranted else "")
    rows: Rows = ((genuine,), (Button("has_aftermarket"), Button("has_own")), CANCEL)
    return card("order_form/ask_origin", form, facts, rows)


def parts_card(form: OrderForm, facts: Facts) -> Say:
    """Which of the items have parts of this origin."""
    items = [
        Button("part", str(place), "part_chosen" if line.origin is form.picking else "", {"name": line.name})
        for place, line in enumerate(form.lines)
    ]
    return card("order_form/ask_parts", form, facts, in_rows(items, 2, (Button("parts_done"),), CANCEL))


def card(script: str, form: OrderForm, facts: Facts, rows: Rows = ()) -> Say:
    """A card of the form."""
    return Say(script, {"form": form, "now": facts.now}, rows, kind=Kind.STAFF)
