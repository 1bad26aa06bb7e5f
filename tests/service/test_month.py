"""A simulated month of a busy store, 80 cars a day: whatever left is compared with a plan of the test's own.

The engine is the real one: desk, dialogs, scripts, SQLite (which does not wait for the disk here). The clock jumps from
event to event; the process stands still three times a week, and dies every now and then between its commit and its
letters. Each of the four weeks has books of its own, so that they run side by side on all cores.
"""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from storage.conversations import CONVERSATIONS, OVER
from storage.outbox import OUTBOX, UNDER_WAY
from storage.timers import TIMERS
from tests.service.month import STORE_TIME, Car, Deed, month, open_days
from tests.service.month_plan import Expected, Standstill, awake, expected
from tests.service.month_store import MonthStore, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.engine import Books

OPEN_DAYS, CARS_A_DAY = 26, 80
WEEKS = (
    (0, 7),
    (7, 13),
    (13, 20),
    (20, 26),
)  # open days of the month; 中秋节 is in the second, 国庆节 in the third
TO_THE_CUSTOMER = ("sheet", "notice", "delay", "new time", "farewell", "question", "reminder", "no answer")
NAMELESS = (
    "silence",
    "no answer",
    "work_unanswered",
)  # what lies above them, or the order's number, names the car


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """As the bot does at the end of its start-up: what lives for ever is not walked again."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def standstills(days: Sequence[date]) -> tuple[Standstill, ...]:
    """Two hours over noon, a night that began before closing, half an hour in the afternoon."""
    return (
        Standstill(at(days[1], 11, 0), at(days[1], 13, 5)),
        Standstill(at(days[2], 17, 20), at(days[3], 8, 50)),
        Standstill(at(days[4], 14, 25), at(days[4], 14, 55)),
    )


def at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour, minute), STORE_TIME)


def received(cars: Sequence[Car], down: Sequence[Standstill]) -> list[Car]:
    """Who comes while the process is down is received on paper."""

    def is_down(deed: Deed) -> bool:
        return awake(deed.at, down) != deed.at

    return [car for car in cars if not any(is_down(deed) for deed in car.deeds[:2])]


@pytest.mark.parametrize("week", WEEKS, ids=("first", "second", "third", "fourth"))
async def test_p1_to_p8_a_month_of_80_cars_a_day(lite_books: Books, week: tuple[int, int]) -> None:
    """0 missing, 0 duplicate, 0 wrong: notices, delays, new times, farewells, calls, and the shop's own questions."""
    days = open_days(OPEN_DAYS)[slice(*week)]
    down = standstills(days)
    cars = received(month(days, CARS_A_DAY, seed=week[0]), down)
    cars = [replace(car, number=place) for place, car in enumerate(cars, start=1)]
    store = MonthStore(lite_books, cars, down)
    seen = await store.play()
    planned = [each for car in cars for each in expected(car, down)]
    assert differences(planned, seen) == []
    assert wrong_words(cars, planned, seen) == []
    assert await left_over(lite_books) == []
    assert store.killed >= len(down)
    assert len(cars) > CARS_A_DAY * len(days) * 0.8


def differences(planned: Sequence[Expected], seen: Sequence[Seen]) -> list[str]:
    """What is missing, and what came twice, at another time or without a reason."""
    wanted = Counter((each.at, each.car, each.what) for each in planned)
    came = Counter((each.at, each.car, each.what) for each in seen)
    missing = [f"missing: car {car}, {what}, {at}" for at, car, what in (wanted - came).elements()]
    surplus = [f"too much: car {car}, {what}, {at}" for at, car, what in (came - wanted).elements()]
    return sorted(missing + surplus)


def wrong_words(cars: Sequence[Car], planned: Sequence[Expected], seen: Sequence[Seen]) -> list[str]:
    """What names another car, another person or another time than it should, or went to somebody else."""
    names = {(each.at, each.car, each.what): each.names for each in planned}
    return [
        f"car {each.car}, {each.what}, {each.at}: {fault} in {each.text}"
        for each in seen
        for fault in _faults(cars[each.car - 1], each, names.get((each.at, each.car, each.what)))
    ]


def _faults(car: Car, seen: Seen, names: datetime | None) -> Iterator[str]:
    plate, masked = f"粤B·{car.plate[2:]}", f"粤B·{car.plate[2]}**{car.plate[-2:]}"
    what = seen.what.removeprefix("call: ")
    if seen.what in TO_THE_CUSTOMER and seen.chat != car.user:
        yield "another chat"
    if what in TO_THE_CUSTOMER:
        if f"{car.surname}{car.salutation}" not in seen.text:
            yield "another person"
        if plate not in seen.text and what not in NAMELESS:
            yield "another car"
    elif seen.text and what not in NAMELESS and plate not in seen.text and masked not in seen.text:
        yield "another car"
    if names is not None:
        names = names.replace(second=0)  # texts name minutes
    if names is not None and names not in seen.times:
        yield f"not {names}"
    if what in ("sheet", "delay") and len(seen.times) != 1:
        yield "another time"
    if what == "notice" and any(each.time() not in (time(17), time(17, 30)) for each in seen.times - {names}):
        yield "another time"


async def left_over(books: Books) -> list[str]:
    """Every car has left: no timer, no open card of a visit, no letter under way."""
    async with books.glance() as unit:
        timers = await unit.rows(select(TIMERS.c.name))
        visits = CONVERSATIONS.c.subject.startswith("JC"), CONVERSATIONS.c.dialog != "call"
        open_ones = await unit.rows(
            select(CONVERSATIONS.c.dialog, CONVERSATIONS.c.subject).where(
                CONVERSATIONS.c.status != OVER, *visits
            )
        )
        letters = await unit.rows(select(OUTBOX.c.script).where(OUTBOX.c.state.in_(UNDER_WAY)))
    return [str(row) for row in (*timers, *open_ones, *letters)]
