"""Silent visits: when the advisor is reminded that a customer has heard nothing of the car for hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.repair_orders import OrderEntry, OrderHappening, OrderState, VisitFigures
from domain.silent_visits import nudge_due
from tests.domain.example_store import WORKDAYS, example_store
from tests.domain.played_visit import order_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY = StoreCalendar.of(example_store())  # 8:30 to 17:30, lunch from 12 to 13
WORKDAYS_ONLY = StoreCalendar.of(example_store(hours=WORKDAYS))
FIGURES = VisitFigures()
HEARD = (
    OrderHappening.OPENED,
    OrderHappening.CONFIRMED,
    OrderHappening.PROPOSED,
    OrderHappening.NOTICED,
    OrderHappening.DELAYED,
    OrderHappening.TOLD,
)
DETAILS: dict[OrderHappening, dict[str, Any]] = {OrderHappening.MOVED: {"state": "in_work"}}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026, store time; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def entry(moment: datetime, happening: OrderHappening) -> OrderEntry:
    return OrderEntry(moment, happening, details=DETAILS.get(happening, {}))


def due(*history: OrderEntry, calendar: StoreCalendar = EVERY_DAY) -> datetime | None:
    """When it is due for a car that came at nine on Monday and is in work since then."""
    arrived = entry(at(23, 9), OrderHappening.OPENED), entry(at(23, 9), OrderHappening.MOVED)
    return nudge_due(order_of(at(23, 9), *arrived, *history), FIGURES, calendar)


def test_silent_four_working_hours_after_the_last_word() -> None:
    """Lunch is no working time."""
    assert due() == at(23, 14)
    assert due(entry(at(23, 13), OrderHappening.TOLD)) == at(23, 17)


def test_silent_in_store_time_whatever_zone_the_word_was_kept_in() -> None:
    found = due(entry(at(23, 13).astimezone(UTC), OrderHappening.TOLD))
    assert found is not None
    assert (found, found.utcoffset()) == (at(23, 17), timedelta(hours=8))


def test_silent_nobody_is_reminded_at_night() -> None:
    assert due(entry(at(23, 16), OrderHappening.TOLD)) == at(24, 11)
    assert due(entry(at(23, 22), OrderHappening.TOLD)) == at(24, 13, 30)


def test_silent_nobody_is_reminded_at_the_weekend() -> None:
    friday = entry(at(27, 15, 30), OrderHappening.TOLD)
    assert due(friday, calendar=WORKDAYS_ONLY) == at(30, 10, 30)
    assert due(friday) == at(28, 10, 30)


@pytest.mark.parametrize("happening", OrderHappening)
def test_silent_only_what_the_customer_hears_counts_as_a_word(happening: OrderHappening) -> None:
    """Also a reminder, so that the next one comes as much later; what the house does among itself does not."""
    counts = happening in (*HEARD, OrderHappening.NUDGED)
    assert due(entry(at(23, 11), happening)) == (at(23, 16) if counts else at(23, 14))


def test_silent_a_reminder_that_led_to_nothing_comes_again_as_much_later() -> None:
    nudged = entry(at(23, 14), OrderHappening.NUDGED)
    assert due(nudged) == at(24, 9)
    assert due(nudged, entry(at(24, 9), OrderHappening.NUDGED)) == at(24, 14)
    assert due(nudged, entry(at(23, 15), OrderHappening.TOLD)) == at(24, 10)


def test_silent_a_clock_that_was_set_back_brings_no_reminder_sooner() -> None:
    """Written later with an earlier time: whichever is the latest counts."""
    nudged, told = entry(at(23, 15), OrderHappening.NUDGED), entry(at(23, 11), OrderHappening.TOLD)
    assert due(nudged, told) == at(24, 10)


@pytest.mark.parametrize("state", OrderState)
def test_silent_only_while_work_goes_on(state: OrderState) -> None:
    """Not before the signature, not when the car is ready or gone."""
    moved = OrderEntry(at(23, 10), OrderHappening.MOVED, details={"state": state.value})
    working = (OrderState.IN_SHOP, OrderState.IN_WORK, OrderState.INSPECTION)
    assert due(moved) == (at(23, 14) if state in working else None)


def test_silent_back_in_work_it_counts_from_the_last_word() -> None:
    ready = OrderEntry(at(23, 10), OrderHappening.MOVED, details={"state": "ready"})
    assert due(ready) is None
    assert due(ready, entry(at(23, 10, 30), OrderHappening.NOTICED)) is None
    back = entry(at(23, 11), OrderHappening.MOVED)
    assert due(ready, entry(at(23, 10, 30), OrderHappening.NOTICED), back) == at(23, 15, 30)


def test_silent_before_any_word_it_counts_from_the_opening() -> None:
    """An imported order may have no such entry."""
    order = order_of(at(23, 10), entry(at(23, 10), OrderHappening.MOVED))
    assert nudge_due(order, FIGURES, EVERY_DAY) == at(23, 15)


def test_silent_the_hours_are_the_stores_own() -> None:
    figures = VisitFigures(silent_hours=2)
    order = order_of(at(23, 9), entry(at(23, 9), OrderHappening.MOVED))
    assert nudge_due(order, figures, EVERY_DAY) == at(23, 11)


@given(st.timedeltas(timedelta(0), timedelta(days=27)))
def test_silent_exactly_so_much_working_time_lies_between(later: timedelta) -> None:
    told = at(23, 9) + later
    found = due(entry(told, OrderHappening.TOLD), calendar=WORKDAYS_ONLY)
    assert found is not None
    assert WORKDAYS_ONLY.business_time(told, found) == timedelta(hours=FIGURES.silent_hours)
