"""The demo's store is lively at every hour of every day: forms ahead, cars in the shop, something near to happen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.demo_cast import CUSTOMERS, GROUP_ID, PASSER_BY
from bot.demo_seed import seed
from bot.demo_visits import ADVISOR, MECHANIC, SOONEST, VISITS, Shop
from bot.opening import make_house, ready_books
from bot.store_file import read_store, template
from domain.additional_work import open_questions
from domain.follow_ups import FollowUpState
from domain.handover_times import why_not
from domain.pickup import is_shop_open, plan, standing_promise
from domain.repair_orders import OrderHappening, OrderState
from domain.silent_visits import nudge_due
from storage import follow_ups, orders, timers
from storage.appointments import APPOINTMENTS
from storage.conversations import CONVERSATIONS
from storage.engine import Books
from storage.outbox import OUTBOX, LetterState
from storage.people import Person
from storage.timers import TIMERS
from tests.clock import FakeClock

if TYPE_CHECKING:
    from domain.repair_orders import RepairOrder
    from service.house import House
    from storage.engine import Unit

ZONE = ZoneInfo("Asia/Shanghai")
LIVELY = 50  # appointments within the next open days
STAGES = {OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION, OrderState.READY}
OPENED = [
    datetime(2026, 11, 23, 10, tzinfo=ZONE),
    datetime(2026, 11, 23, 3, tzinfo=ZONE),
    datetime(2026, 11, 23, 20, 55, tzinfo=ZONE),
    datetime(2026, 11, 22, 12, tzinfo=ZONE),  # a Sunday
    datetime(2026, 10, 1, 10, tzinfo=ZONE),  # the first of seven closed days
    datetime(2026, 10, 1, 3, tzinfo=ZONE),
    datetime(2027, 2, 17, 10, tzinfo=ZONE),
]


@asynccontextmanager
async def opened_at(moment: datetime, url: str) -> AsyncIterator[tuple[House, Unit]]:
    """A demo whose books were filled at `moment`."""
    books, store = Books(url), read_store(template(), "store.yaml")
    await ready_books(books)
    house = make_house(store, books, FakeClock(moment), 1, lambda point: None)
    await seed(house)
    async with books.glance() as unit:
        yield house, unit
    await books.close()


@pytest.mark.parametrize("opened", OPENED, ids=str)
async def test_something_happens_soon_whenever_the_demo_is_opened(opened: datetime, sqlite_url: str) -> None:
    """Nothing is overdue at the opening, and nothing was written down in the future (B7, B8)."""
    async with opened_at(opened, sqlite_url) as (_, unit):
        due = await timers.next_due(unit)
        forms = await unit.rows(select(APPOINTMENTS))
    assert due is not None
    assert opened < due <= opened + timedelta(hours=12)
    ahead = [form for form in forms if form.starts_at > opened]
    assert len(ahead) >= LIVELY
    assert max(form.made_at for form in forms) <= opened


@pytest.mark.parametrize("opened", OPENED, ids=str)
async def test_cars_are_in_the_shop_at_every_stage(opened: datetime, sqlite_url: str) -> None:
    """O3, X1, P3: one waits for an answer about more work, one is overdue, one has no chat; 陈晓 looks after all."""
    async with opened_at(opened, sqlite_url) as (house, unit):
        cars = await _cars(unit)
        figures = house.store.visits
        overdue = [car for car in cars if car.state.is_in_work and _promised(car) <= opened]
        asked = [question.item for car in cars for question in open_questions(car, figures)]
    assert {car.state for car in cars} == STAGES
    assert {car.advisor_name for car in cars} == {"陈晓"}
    assert [car.plate for car in cars if not car.person_id] == [plate for plate, _ in PASSER_BY.cars]
    assert len(overdue) == 1
    assert overdue[0].of(OrderHappening.DELAYED)  # the customer was told before it was (P3)
    assert asked == ["更换前刹车盘"]


async def test_their_clocks_run_and_their_cards_wait_for_their_topic(sqlite_url: str) -> None:
    """D2, P1: what a real visit has, the cars of the demo have; letters leave with whoever serves customers first."""
    async with opened_at(OPENED[0], sqlite_url) as (_, unit):
        cars = await _cars(unit)
        desks = await unit.rows(select(CONVERSATIONS).where(CONVERSATIONS.c.dialog == "order_desk"))
        clocks = {row.conversation_id for row in await unit.rows(select(TIMERS))}
        letters = await unit.rows(select(OUTBOX))
    assert {desk.subject for desk in desks} == {car.number for car in cars}
    assert {desk.id for desk in desks} <= clocks
    in_topic = [letter for letter in letters if letter.chat_id == GROUP_ID]
    assert [letter.state for letter in in_topic] == [LetterState.HELD.value] * len(VISITS)
    private = [letter for letter in letters if letter.chat_id != GROUP_ID]
    assert {letter.state for letter in private} == {LetterState.PENDING.value}
    assert {letter.chat_id for letter in private}.isdisjoint(owner.id for owner in CUSTOMERS)


@pytest.mark.parametrize("opened", OPENED, ids=str)
async def test_somebody_is_asked_soon_and_somebody_to_be_rung(opened: datetime, sqlite_url: str) -> None:
    """F1, F2, F4: at a convenient time of today or tomorrow; the other owner is in the list of calls from the start."""
    async with opened_at(opened, sqlite_url) as (house, unit):
        contacts = await follow_ups.of_events(unit, opened - timedelta(days=30), opened)
        calls = await follow_ups.to_call(unit, opened)
    asked, rung = contacts
    assert (asked.state, rung.state) == (FollowUpState.PLANNED, FollowUpState.TO_CALL)
    assert calls == [rung]
    assert opened < asked.due_at <= opened + timedelta(hours=16)
    assert not house.inconvenient.is_quiet(asked.due_at)
    assert asked.due_at < asked.latest_at


async def test_the_same_story_is_told_at_every_hour_of_a_week(sqlite_url: str) -> None:
    """P1, P3, P8: promised while the shop is open, nothing due at once, all that happened in its order and past.

    From a Sunday through four working days into a holiday.
    """
    books = Books(sqlite_url)
    house = make_house(read_store(template(), "store.yaml"), books, FakeClock(), 1, lambda point: None)
    await books.close()
    staff = {user: Person(user, user, "陈晓", "", True, False) for user in (ADVISOR, MECHANIC)}
    furthest = timedelta(days=house.store.booking.horizon_days)
    for hour in range(7 * 24):
        now = datetime(2026, 9, 27, tzinfo=ZONE) + timedelta(hours=hour, minutes=hour % 60)
        for visit in VISITS:
            car = Shop(house, now, staff).order(visit, None)
            planned = plan(car, house.store.visits, house.calendar)
            silence = nudge_due(car, house.store.visits, house.calendar)
            happened = [entry.at for entry in car.history]
            assert planned is not None
            assert min(planned.moments.values(), default=now + SOONEST) >= now + SOONEST
            assert silence is None or silence > now
            assert all(one <= next_one for one, next_one in pairwise(happened))
            assert happened[-1] <= now
            if visit.ahead is None:
                assert is_shop_open(_promised(car), house.calendar)
                assert _promised(car) < now
            else:
                assert why_not(_promised(car), now, house.calendar, furthest) is None


def _promised(car: RepairOrder) -> datetime:
    promise = standing_promise(car)
    assert promise is not None
    return promise.at


async def _cars(unit: Unit) -> list[RepairOrder]:
    found = [await orders.load(unit, row.number) for row in await orders.in_shop(unit)]
    return [car for car in found if car is not None]
