"""What follows from 确认开单: the order is filed, who waits hears of it (O1, B10, B12, B13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialogs.arrival import came_or_not
from dialogs.authority import at_desk, either, managers
from dialogs.core import Effect, Kind, Say, Tell
from dialogs.order_moves import (
    SUPERVISORS,
    colleagues_hear,
    entry,
    opened,
    order_words,
    tell_desk,
    workshop_or_front_desk,
)
from domain.appointments import AppointmentState
from domain.customers import Customer
from domain.people import Queue, present_holders
from domain.repair_orders import OrderHappening, RepairOrder, order_number

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from dialogs.order_form_fields import OrderForm

may_open = either(workshop_or_front_desk, managers)
"""Who may open an order (R2)."""

_advises = at_desk(Queue.FRONT_DESK)


def filed(form: OrderForm, facts: Facts) -> tuple[Effect, ...]:
    """The order with everything that hangs on it. Refused: as `FileOrder` and `Mark`."""
    order = _order(form, facts)
    newcomer = None if form.customer else _newcomer(form)
    words = order_words(order, facts) | {"form": form}
    return (
        *opened(order, facts, newcomer),
        *_arrived(form),
        *_announced(form, order, facts),
        Say("order_form/opened", words, kind=Kind.STAFF),
    )


def _order(form: OrderForm, facts: Facts) -> RepairOrder:
    """On paper: whoever opens it at the front desk answers for it, for others the front desk does."""
    assert form.promised is not None
    advisor = facts.who if _advises(form, facts) else None
    return RepairOrder(
        number=order_number(facts.now, facts.conversation),
        plate=form.plate,
        customer_id=form.customer,
        person_id=form.person,
        address=form.address,
        advisor=advisor.person_id if advisor else 0,
        advisor_name=advisor.first_name if advisor else "",
        opened_at=facts.now,
        items=form.items,
        arrival=form.arrival,
        fault=form.fault,
        appointment=form.appointment,
        phone=form.phone,
        tier=form.tier,
        benefits=form.benefits,
        history=(
            entry(OrderHappening.OPENED, facts),
            entry(OrderHappening.PROMISED, facts, at=form.promised.isoformat(), reason=""),
        ),
    )


def _newcomer(form: OrderForm) -> Customer:
    return Customer(0, None, form.name, surname=form.surname, salutation=form.salutation, phone=form.phone)


def _arrived(form: OrderForm) -> tuple[Effect, ...]:
    """Who is asked whether the customer has come sees that they have (B10)."""
    if not form.appointment:
        return ()
    came = came_or_not(form.appointment, AppointmentState.ARRIVED, "arrived")
    return (*came, Tell("arrival", form.appointment, "arrived"))


def _announced(form: OrderForm, order: RepairOrder, facts: Facts) -> tuple[Say, ...]:
    """A VIP or fleet customer is received by a supervisor; who opened the order knows of it (B13)."""
    tier = next((each for each in facts.store.tiers if each.code == form.tier and each.announced), None)
    if tier is None:
        return ()
    hear = present_holders(facts.colleagues, SUPERVISORS)
    words = order_words(order, facts) | {"tier": tier.name}
    others = tuple(person for person in hear if person != facts.who.person_id)
    return colleagues_hear("order_form/announced", words, others)


def in_the_shop(plate: str, number: str, facts: Facts) -> tuple[Effect, ...]:
    """The car has an open order: said kindly, and its card is shown to whoever asked."""
    said = Say("order_form/in_shop", {"plate": plate, "number": number}, kind=Kind.STAFF)
    return (said, tell_desk(number, "show_to", person=facts.who.person_id)) if number else (said,)
