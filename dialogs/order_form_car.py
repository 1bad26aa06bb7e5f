"""Which car 接车开单 is about: expected today, typed, or in one line with everything else (O1)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dialogs.core import Button, Say
from dialogs.facts import EXPECTED
from dialogs.keyboard import in_rows
from dialogs.order_form_fields import LOOKS, OrderForm, received
from dialogs.order_form_items import CANCEL, card, known_names, with_wishes
from dialogs.order_form_promise import can_be_had, time_meant
from domain.order_line import read_order_line

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.appointments import Appointment

MOST_EXPECTED = 12  # appointments of today that have a button


def begun(text: str, facts: Facts) -> OrderForm:
    """The form of one line: 粤B12345 小保养 明天17:00 850. What is missing is asked. Raises WrongLine.

    The dialog that calls it needs RECEPTION.
    """
    read = read_order_line(text, facts.now, known_names(facts))
    form = with_wishes(OrderForm(total=read.total, arrival=read.arrival), read.wishes, facts)
    if read.wishes:
        form = replace(form, lines_told=True, origins_told=True).having_looked(*LOOKS)
    if read.moment and (meant := time_meant(read.moment, facts)):
        had = can_be_had(meant, facts)
        form = replace(form, promised=meant) if had else replace(form, wanted=meant)
    return received(form, str(read.plate), facts.reception, facts) if read.plate else form


def expected_card(script: str, form: OrderForm, facts: Facts) -> Say:
    """Today's appointments that stand, those around this hour."""
    due = [each for each in facts.register if is_due(each, facts)]
    soon = sorted(due, key=lambda each: abs(each.starts_at - facts.now))[:MOST_EXPECTED]
    buttons = (
        Button(EXPECTED, each.number, words={"start": each.starts_at, "plate": each.plate})
        for each in sorted(soon, key=lambda each: each.starts_at)
    )
    shown = card(script, form, facts, in_rows(buttons, 2, CANCEL))
    return replace(shown, words={**shown.words, "offers": soon})


def is_due(appointment: Appointment | None, facts: Facts) -> bool:
    """Whether the customer of this appointment is expected today."""
    if appointment is None or not appointment.state.standing:
        return False
    return appointment.starts_at.astimezone(facts.calendar.zone).date() == facts.now.date()


def number_of(plate: str, facts: Facts) -> str:
    """The order under which this car is in the shop; "" when it is not."""
    return next((car.number for car in facts.in_shop if car.plate == plate), "")
