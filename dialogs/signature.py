"""What follows from the customer's 确认: the bay is theirs, and everybody concerned hears it (B2, B5, B6, B13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialogs import appointment, bay_notice, deposit
from dialogs.appointment_form import Form, card_words, deposit_of, deposit_until
from dialogs.core import Effect, Home, Kind, Open, Record, Say
from dialogs.effects import Reserve
from domain.appointments import AppointmentState, Source
from domain.people import Queue

if TYPE_CHECKING:
    from dialogs.facts import Facts
    from domain.store import Service


def signed(form: Form, service: Service, facts: Facts) -> tuple[Effect, ...]:
    """Book what the form says; an appointment with parts to order waits for its deposit (B2, B5)."""
    assert form.start is not None
    due = deposit_of(service, facts)
    state = AppointmentState.AWAITING_DEPOSIT if due else AppointmentState.BOOKED
    reserve = Reserve(
        form.number,
        service.code,
        form.plate,
        form.start,
        service.minutes,
        state,
        description=form.description,
        deposit=due,
        source=form.source,
    )
    booked = Say("booking/booked", card_words(form, service, facts))
    promise = appointment.Promise(
        service.code,
        form.plate,
        form.address,
        form.start,
        made_at=facts.now,
        deposit=due,
        deposit_until=deposit_until(form.start, facts),
    )
    details = {"service": service.code, "start": form.start.isoformat(), "source": form.source.value}
    return (
        reserve,
        booked,
        Record("appointment.booked", form.number, details),
        Open("appointment", promise, Home(person=facts.home_person), form.number),
        *told_to_the_house(form, service, facts),
    )


def told_to_the_house(form: Form, service: Service, facts: Facts) -> tuple[Effect, ...]:
    """The workshop is told at once (B6), the settlement desk of a deposit (B5), the front desk of a VIP (B13)."""
    assert form.start is not None
    job = bay_notice.BayJob(
        service.name,
        form.plate,
        form.start,
        service.minutes,
        form.description,
        walk_in=form.source is Source.WALK_IN,
    )
    effects: tuple[Effect, ...] = (Open("bay_notice", job, Home(queue=Queue.WORKSHOP), form.number),)
    due = deposit_of(service, facts)
    if due and form.source is not Source.WALK_IN:
        owed = deposit.Owed(form.address, form.plate, service.name, form.start, due)
        effects += (Open("deposit", owed, Home(queue=Queue.SETTLEMENT), form.number),)
    tier = next((tier for tier in facts.store.tiers if tier.code == form.tier and tier.announced), None)
    if tier:
        words: dict[str, Any] = {
            "tier": tier.name,
            "address": form.address,
            "plate": form.plate,
            "number": form.number,
        }
        words |= {"service": service.name, "start": form.start, "now": facts.now}
        announced = Say("booking/announced", words, to=Home(queue=Queue.FRONT_DESK), kind=Kind.STAFF)
        effects += (announced,)
    return effects
