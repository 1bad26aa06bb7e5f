"""A lively store for the demo: staff in every role, customers with cars, appointments of today and the week."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.demo_cast import COLLEAGUES, CUSTOMERS, REGULARS, Regular
from dialogs.appointment import Promise
from dialogs.core import Home
from domain.appointments import AppointmentState, Source
from domain.slots import Schedule
from service.briefing import Briefing
from service.house import House
from service.ledger import Ledger
from service.occasion import NOBODY
from service.play import Play
from storage import appointments, bays, customers, people
from storage.engine import Unit

WEEK = 6  # days ahead that are filled
SEVERAL = 6  # appointments whose customers are reminded
SHARE = (0.75, 0.6, 0.5, 0.35, 0.3, 0.2, 0.15)  # how full each day is, today first


async def seed(house: House) -> None:
    """Fill the empty books of `house`; the same story every time."""
    now = house.clock.now()
    async with house.books.unit() as unit:
        await _people(unit, now)
        await _staff(unit, now)
        files = [await _file(unit, regular, now) for regular in REGULARS]
        made = await _appointments(unit, house, files)
        await _promises(unit, house, made)


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
        one.user_id: one for one in await people.load(unit, user_ids=[each.phone.id for each in COLLEAGUES])
    }
    for colleague in COLLEAGUES:
        for role in colleague.roles:
            await people.give_role(unit, met[colleague.phone.id].id, role, now)


async def _file(unit: Unit, regular: Regular, now: datetime) -> tuple[int, Regular]:
    person = (await people.load(unit, user_ids=[regular.user_id]))[0]
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
    today = (
        house.clock.now().astimezone(house.calendar.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    others = [one for one in files if one[1].user_id != CUSTOMERS[0].id]
    count = 0
    for ahead, share in zip(range(WEEK + 1), SHARE, strict=True):
        day = today + timedelta(days=ahead)
        for service in house.store.services:
            taken = await bays.taken(unit, day.date(), day.date() + timedelta(days=30))
            schedule = Schedule(house.store, house.calendar, taken)
            yesterday = day - timedelta(days=1)
            for offer in schedule.offers(service, day.date(), yesterday):
                if chance.random() > share / 3:
                    continue
                count += 1
                owner = others[count % len(others)]
                made += await _one(unit, house, schedule, service.code, offer.start, owner, count)
                taken = await bays.taken(unit, day.date(), day.date() + timedelta(days=30))
                schedule = Schedule(house.store, house.calendar, taken)
    return made


async def _promises(unit: Unit, house: House, numbers: Sequence[str]) -> None:
    """Some of the standing appointments wait for their customers, with reminders (B8, B10); enough to see it work."""
    ledger = Ledger(unit, house.clock.now())
    play = Play(house, ledger, Briefing(unit, house.store, house.calendar, ledger.now))
    for number in numbers[-SEVERAL * 3 :: 3]:
        form = await appointments.by_number(unit, number)
        if form is None or not form.state.standing:
            continue
        owner = (await customers.by_ids(unit, [form.customer_id]))[form.customer_id]
        promise = Promise(
            form.service, form.plate, owner.address, form.starts_at, ledger.now - timedelta(days=2)
        )
        await play.begin("appointment", Home(person=form.person_id), promise, number, NOBODY)
    await ledger.flush()


async def _one(
    unit: Unit,
    house: House,
    schedule: Schedule,
    code: str,
    start: datetime,
    owner: tuple[int, Regular],
    count: int,
) -> list[str]:
    service = house.store.service(code)
    cells = schedule.mask_for(start, service.minutes)
    bay = await bays.take(unit, schedule.candidate_bays(service, start), cells)
    if bay is None:
        return []
    number = f"YY{start:%y%m%d}-9{count:02d}"
    past = start <= house.clock.now()
    await appointments.write(
        unit,
        number,
        cells,
        state=(AppointmentState.ARRIVED if past else AppointmentState.BOOKED).value,
        service=code,
        plate=owner[1].cars[0][0],
        customer_id=owner[0],
        starts_at=start,
        minutes=service.minutes,
        bay=bay,
        source=Source.CUSTOMER.value,
        benefits=True,
        made_at=start - timedelta(days=2),
        acknowledged_at=start - timedelta(days=2),
    )
    return [number]
