"""A customer who comes without an appointment, or too soon for one: entered by a colleague, without benefits (B3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dialogs.appointment import Promise
from dialogs.appointment_form import Form, service_of
from dialogs.core import Dialog, Effect, Entered, Event, Home, Kind, Open, Record, Refused, Say, Turn, done
from dialogs.effects import Reserve
from dialogs.facts import SCHEDULE
from dialogs.signature import told_to_the_house
from domain.appointments import appointment_number

if TYPE_CHECKING:
    from dialogs.facts import Facts


@dataclass(frozen=True, slots=True)
class WalkIn:
    """The form as the colleague dictated it; `customer` is the file it belongs to, `person` their chat (0: none)."""

    form: Form
    customer: int
    person: int = 0


def enter(walk_in: WalkIn, event: Event, facts: Facts) -> Turn:
    """Take a bay at once, or say which times are near."""
    service = service_of(walk_in.form.service, facts)
    if service is None or walk_in.form.start is None:
        return done(Say("staff_desk/walkin_usage", kind=Kind.STAFF))
    start = walk_in.form.start
    words = {"start": start, "now": facts.now, "booking": facts.store.booking}
    match event:
        case Refused():
            offers = facts.schedule.nearest(service, start, facts.now)
            return done(
                Say("staff_desk/cannot", words | {"reason": "full", "offers": offers}, kind=Kind.STAFF)
            )
        case Entered():
            form = replace(walk_in.form, number=appointment_number(facts.now, facts.conversation))
            shown = words | {
                "number": form.number,
                "address": form.address,
                "plate": form.plate,
                "service": service,
            }
            return done(
                Reserve(
                    form.number,
                    form.service,
                    form.plate,
                    start,
                    service.minutes,
                    source=form.source,
                    customer=walk_in.customer,
                ),
                Record(
                    "appointment.walk_in", form.number, {"service": form.service, "start": start.isoformat()}
                ),
                Say("walk_in/booked", shown, kind=Kind.STAFF),
                *_customer_told(walk_in, form, shown, facts),
                *told_to_the_house(form, service, facts),
            )
        case _:
            return done()


def _customer_told(walk_in: WalkIn, form: Form, words: dict[str, object], facts: Facts) -> tuple[Effect, ...]:
    if not walk_in.person or form.start is None:
        return ()
    home = Home(person=walk_in.person)
    promise = Promise(form.service, form.plate, form.address, form.start, made_at=facts.now)
    notice = Say("walk_in/told", words | {"store": facts.store}, to=home, kind=Kind.NOTICE)
    return notice, Open("appointment", promise, home, form.number)


WALK_IN = Dialog("walk_in", WalkIn, steps=(enter,), needs=frozenset({SCHEDULE}), patient=True)
