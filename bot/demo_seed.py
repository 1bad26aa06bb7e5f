"""A lively store for the demo: staff in every role, customers with cars, appointments of the week, cars in the shop."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.demo_cast import COLLEAGUES, CUSTOMERS, GROUP_ID, REGULARS, Regular
from bot.demo_follow_ups import asked_soon
from bot.demo_visits import visits
from dialogs.appointment import Promise
from dialogs.core import Home
from domain.appointments import AppointmentState, Source
from domain.quiet_hours import QuietHours, reminder_times
from domain.slots import Schedule
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from storage import appointments, bays, customers, people, places
from storage.engine import Unit

if TYPE_CHECKING:
    from domain.appointments import Appointment
    from domain.store import Service

SEVERAL = 6  # appointments whose customers are reminded
SHARE = (0.75, 0.6, 0.5, 0.35, 0.3, 0.2, 0.15)  # how full each open day is, the first one first
FURTHEST = 60  # days ahead that are looked at for open ones


async def seed(house: House) -> None:
    """Fill the empty books of `house`: the same story at every hour, on closed days too."""
    now = house.clock.now()
    async with house.books.unit() as unit:
        await _people(unit, now)
        await _staff(unit, now)
        await places.bind(unit, GROUP_ID, has_topics=True)  # what is begun now lies in its topic at once
        files = [await _file(unit, regular, now) for regular in REGULARS]
        made = await _appointments(unit, house, files)
        await _promises(unit, house, made)
        await visits(unit, house)
        await asked_soon(unit, house)


async def _people(unit: Unit, now: datetime) -> None:
    known = [(phone.id, phone.first_name) for phone in CUSTOMERS if phone.started]
    known += [(each.phone.id, each.phone.first_name) for each in COLLEAGUES]
    known += [(each.user_id, each.name) for each in REGULARS]
    rows = [
        {
            "user_id": user,
            "first_name": name,
            "username": "",
            "reachable": True,
            "opted_out": False,
            "first_seen": now,
        }
        for user, name in dict(known).items()
    ]
    await people.meet(unit, rows)


async def _staff(unit: Unit, now: datetime) -> None:
    met = {
        one.user_id: one
        for one in await people.load(unit, now, user_ids=[each.phone.id for each in COLLEAGUES])
    }
    for colleague in COLLEAGUES:
        for role in colleague.roles:
            await people.give_role(unit, met[colleague.phone.id].id, role, now)


async def _file(unit: Unit, regular: Regular, now: datetime) -> tuple[int, Regular]:
    person = (await people.load(unit, now, user_ids=[regular.user_id]))[0]
    number = await customers.open_file(
        unit,
        person.id,
        now - timedelta(days=400),
        name=regular.name,
        surname=regular.surname,
        salutation=regular.salutation,
        phone=regular.phone,
        tier=regular.tier,
        consent_at=now - timedelta(days=400),
    )
    for plate, model in regular.cars:
        await customers.keep_vehicle(unit, number, plate, model, now)
    return number, regular


async def _appointments(unit: Unit, house: House, files: Sequence[tuple[int, Regular]]) -> list[str]:
    """Take real slots in real bays, so that the busy marks on the cards are the truth; the numbers of the forms."""
    made: list[str] = []
    chance = random.Random(20261122)  # noqa: S311 - a demo's story, not a secret
    others = [one for one in files if one[1].user_id != CUSTOMERS[0].id]
    count = 0
    for day, share in zip(_open_days(house), SHARE, strict=False):
        for service in house.store.services:
            schedule = await _schedule(unit, house, day)
            yesterday = day - timedelta(days=1)
            for offer in schedule.offers(service, day.date(), yesterday):
                if chance.random() > share / 3:
                    continue
                count += 1
                owner = others[count % len(others)]
                past = offer.start <= house.clock.now()
                state = AppointmentState.ARRIVED if past else AppointmentState.BOOKED
                made += await _one(
                    unit, schedule, service, offer.start, owner, count, state, _made_at(offer.start, house)
                )
                schedule = await _schedule(unit, house, day)
    return made


def _open_days(house: House) -> list[datetime]:
    """The midnights of the next days on which the store is open, today's first."""
    zone = house.calendar.zone
    today = house.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (today + timedelta(days=ahead) for ahead in range(FURTHEST))
    return [day for day in days if house.calendar.hours(day.date()) is not None]


def _made_at(start: datetime, house: House) -> datetime:
    return min(start, house.clock.now()) - timedelta(days=2)


async def _schedule(unit: Unit, house: House, day: datetime) -> Schedule:
    taken = await bays.taken(unit, day.date(), day.date() + timedelta(days=30))
    return Schedule(house.store, house.calendar, taken)


async def _promises(unit: Unit, house: House, numbers: Sequence[str]) -> None:
    """Some of the standing appointments wait for their customers, with reminders (B8, B10).

    The one about which something happens first is among them, so that the time machine has somewhere near to go.
    """
    found = [await appointments.by_number(unit, number) for number in numbers]
    standing = [form for form in found if form is not None and form.state.standing]
    chosen = {form.number: form for form in standing[-SEVERAL * 3 :: 3]}
    if standing:
        first = min(standing, key=lambda form: _first_due(form, house))
        chosen[first.number] = first
    for form in chosen.values():
        await _begin(unit, house, form)


def _first_due(form: Appointment, house: House) -> datetime:
    figures, quiet = house.store.booking, QuietHours.of(house.store)
    reminders = reminder_times(form.starts_at, house.clock.now(), figures.reminder_leads, quiet)
    return min((form.starts_at + figures.no_show_wait, *(each.due_at for each in reminders)))


async def _begin(unit: Unit, house: House, form: Appointment) -> None:
    """The conversation that goes with a standing appointment."""
    ledger = Ledger(unit, house.clock.now())
    play = Play(house, ledger, Briefing(unit, house, ledger.now))
    owner = (await customers.by_ids(unit, [form.customer_id]))[form.customer_id]
    made_at = ledger.now  # of the reminders only those to come
    promise = Promise(form.service, form.plate, owner.address, form.starts_at, made_at, form.deposit)
    await play.begin("appointment", Home(person=form.person_id), promise, form.number, NOBODY)
    await ledger.flush()


async def _one(
    unit: Unit,
    schedule: Schedule,
    service: Service,
    start: datetime,
    owner: tuple[int, Regular],
    count: int,
    state: AppointmentState,
    made_at: datetime,
) -> list[str]:
    """Write one form; its number, or nothing where no bay is free."""
    cells = schedule.mask_for(start, service.minutes)
    bay = await bays.take(unit, schedule.candidate_bays(service, start), cells)
    if bay is None:
        return []
    number = f"YY{start:%y%m%d}-9{count:02d}"
    await appointments.write(
        unit,
        number,
        cells,
        state=state.value,
        service=service.code,
        plate=owner[1].cars[0][0],
        customer_id=owner[0],
        starts_at=start,
        minutes=service.minutes,
        bay=bay,
        source=Source.CUSTOMER.value,
        benefits=True,
        made_at=made_at,
        acknowledged_at=made_at,
    )
    return [number]
