"""A thousand complaints, two processes, everybody pressing, alarms coming due, processes dying: nobody is forgotten.

"Must be shown" 3 of the complaints: every case has one owner per step, each warning and breach exactly once (C4–C6).
What a dying process had just delivered may be delivered once more: one message per death and chat, never more.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from dialogs.catalogue import DIALOGS
from domain.calendar import StoreCalendar
from storage import states
from storage.complaints import COMPLAINTS
from tests.faults.duty import shop
from tests.faults.house import House, a_seed, deadlocks, delivered_once, open_house
from tests.faults.reckoning import Reckoning
from tests.faults.shift import FIRST_CUSTOMER, Shift, cases, gather

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.program import Nursery

AT_FIRST, ACCEPTED = 2, 0.6  # rounds in which most are accepted in time, and the part of all in each


async def all_work(house: House, customers: int, rounds: int, deaths: int, share: float) -> None:
    """Everybody complains; most are accepted in time, a share goes through the whole chain, and time passes."""
    shift = Shift(house.rng)
    await gather(house.books, customers, house.clock.now())
    crowd = [shift.complains(one) for one in range(FIRST_CUSTOMER, FIRST_CUSTOMER + customers)]
    await house.work(([tuple(crowd[first : first + 10])] for first in range(0, customers, 10)), deaths=1)
    deadly = house.rng.sample(range(rounds), min(deaths - 1, rounds))
    async with house.books.glance() as unit:
        numbers = [row.number for row in await unit.rows(select(COMPLAINTS.c.number))]
    lively = house.rng.sample(numbers, int(share * customers))
    for number in range(rounds):
        wanted = house.rng.sample(numbers, int(ACCEPTED * customers)) if number < AT_FIRST else lively
        async with house.books.glance() as unit:
            chosen = await cases(unit, wanted, read_card)
        deeds = [deed for case in chosen for deed in shift.works_on(case)]
        house.rng.shuffle(deeds)
        await house.work(deeds, deaths=house.rng.randint(1, 2) if number in deadly else 0)
        house.later(timedelta(minutes=house.rng.randint(20, 80)))
    house.later(timedelta(minutes=5))
    await house.settle()


def read_card(state: str) -> object:
    """What a card remembers."""
    desk = DIALOGS["complaint_desk"]
    return states.read(desk, state, desk.version)


async def nobody_is_forgotten(house: House, customers: int) -> None:
    """All that is claimed."""
    reckoning = Reckoning(StoreCalendar.of(shop()), shop().complaints, house.clock.now())
    async with house.books.glance() as unit:
        await reckoning.read(unit)
    assert len(reckoning.cases) == customers
    reckoning.holds()
    delivered_once(house, reckoning.letters_sent())


async def test_a_thousand_in_two_processes(postgres_url: str, tmp_path: Path, nursery: Nursery) -> None:
    rng = random.Random(a_seed("COMPLAINTS_SEED"))
    async with open_house(postgres_url, tmp_path, nursery, rng, processes=2) as house:
        before = await deadlocks(house.books)
        await all_work(house, 1000, rounds=7, deaths=7, share=0.08)
        await nobody_is_forgotten(house, 1000)
        assert await deadlocks(house.books) == before


async def test_two_hundred_in_one_process_on_sqlite(
    sqlite_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    rng = random.Random(a_seed("COMPLAINTS_SEED"))
    async with open_house(sqlite_url, tmp_path, nursery, rng, processes=1) as house:
        await all_work(house, 200, rounds=10, deaths=8, share=0.15)
        await nobody_is_forgotten(house, 200)
