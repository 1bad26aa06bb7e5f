"""A thousand discounts, two processes, two to four managers pressing each at the same instant, processes dying.

"Must be shown" 1 of the discounts: exactly one decision each, one effect, one message to each party, nothing lost,
no deadlock (D2–D5). What nobody decided at once goes to the next role while everybody presses on.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.faults.discount_reckoning import DiscountReckoning
from tests.faults.discount_shift import COUNTER, MANAGERS, DiscountShift, Wish, line_up, waiting, wishes
from tests.faults.duty import shop
from tests.faults.house import House, a_seed, deadlocks, delivered_once, open_house
from tests.faults.shift import gather

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.program import Nursery

MOST_ROUNDS = 12  # after so many everybody has decided on everything, or somebody never can


async def all_work(house: House, shift: DiscountShift, at_once: int, deaths: int) -> None:
    """Everybody asks; then managers press on `at_once` cards at a time until nothing waits any more."""
    async with house.books.glance() as unit:
        forms = await shift.submits(unit)
    await house.work(forms, deaths=1)
    house.later(timedelta(minutes=1))  # what was under way with a process that died is brought by the others
    await house.settle()
    for number in range(MOST_ROUNDS):
        async with house.books.glance() as unit:
            open_now = await waiting(unit, shift.orders)
        if not open_now:
            return
        house.rng.shuffle(open_now)
        if number == 0:
            open_now = open_now[len(open_now) // 10 :]  # the others wait for their time to run out (D5)
        blocks = [open_now[first : first + at_once] for first in range(0, len(open_now), at_once)]
        deadly = house.rng.sample(range(len(blocks)), min(deaths, len(blocks))) if number < 2 else ()
        for place, block in enumerate(blocks):
            hands = shift.hands(block, len(house.processes))
            await house.side_by_side(hands, deaths=1 if place in deadly else 0)
        house.later(timedelta(minutes=shop().settlement.answer_minutes))  # the next role is asked (D5)
        await house.settle()
    raise AssertionError("something is never decided")


async def every_one_is_decided_once(house: House, wanted: list[Wish], shift: DiscountShift) -> None:
    """All that is claimed."""
    await house.settle()
    reckoning = DiscountReckoning(wanted)
    async with house.books.glance() as unit:
        await reckoning.read(unit)
    reckoning.holds(house.diary)
    delivered_once(house, reckoning.letters_sent())
    outsiders = [row for row in reckoning.audited("refused_press") if row.person_id not in MANAGERS]
    assert len(outsiders) == shift.outsiders
    raised = len(reckoning.audited("discount.raised"))
    print(f"{len(wanted)} decided, {raised} raised, {shift.outsiders} presses of outsiders")


async def test_a_thousand_in_two_processes(postgres_url: str, tmp_path: Path, nursery: Nursery) -> None:
    rng = random.Random(a_seed("DISCOUNTS_SEED"))
    async with open_house(postgres_url, tmp_path, nursery, rng, processes=2) as house:
        before = await deadlocks(house.books)
        await play(house, 1000, at_once=50, deaths=3)
        assert await deadlocks(house.books) == before


async def test_two_hundred_in_one_process_on_sqlite(
    sqlite_url: str, tmp_path: Path, nursery: Nursery
) -> None:
    rng = random.Random(a_seed("DISCOUNTS_SEED"))
    async with open_house(sqlite_url, tmp_path, nursery, rng, processes=1) as house:
        await play(house, 200, at_once=20, deaths=3)


async def play(house: House, customers: int, at_once: int, deaths: int) -> None:
    """From the customers at the counter to the last decision, and what must be true then."""
    now = house.clock.now()
    wanted = wishes(house.rng, customers, now)
    await gather(house.books, customers, now, COUNTER)
    await line_up(house.books, wanted, now)
    shift = DiscountShift(house.rng, wanted)
    await all_work(house, shift, at_once, deaths)
    await every_one_is_decided_once(house, wanted, shift)
