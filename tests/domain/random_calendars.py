"""Any calendar a store file may describe, and moments at which its sums could go wrong."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.store import DayHours, HoursFrom, Pause, SpecialDay, WeekHours
from tests.domain.example_store import example_store

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# 春节, 清明节, the end of two months, and in Berlin the night that has an hour less.
FIRST = date(2026, 2, 1)
DAYS = 75


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)


def _day_hours(minutes: list[int]) -> DayHours:
    edges = [_time(minute) for minute in sorted(minutes)]
    inner = edges[1 : len(edges) // 2 * 2 - 1]
    breaks = tuple(Pause(starts=a, ends=b) for a, b in zip(inner[::2], inner[1::2], strict=True))
    return DayHours(opens=edges[0], closes=edges[len(edges) // 2 * 2 - 1], breaks=breaks)


minutes = st.integers(0, 95).map(lambda quarter: quarter * 15) | st.sampled_from((0, 1, 1439))
day_hours = st.lists(minutes, min_size=2, max_size=6, unique=True).map(_day_hours)
weeks = (
    st.lists(st.none() | day_hours, min_size=7, max_size=7)
    .filter(any)
    .map(lambda days: WeekHours(**dict(zip(WEEKDAYS, days, strict=True))))
)
dates = st.integers(0, DAYS).map(lambda ahead: FIRST + timedelta(days=ahead))
special_days = st.lists(
    st.builds(SpecialDay, day=dates, hours=st.none() | day_hours), max_size=4, unique_by=lambda each: each.day
)
later_hours = st.lists(
    st.builds(HoursFrom, day=dates, hours=weeks), max_size=2, unique_by=lambda each: each.day
)


@st.composite
def calendars(draw: st.DrawFn) -> StoreCalendar:
    """Breaks, special days, versions, midnight edges, national days or none, with and without summer time."""
    store = example_store(
        hours=draw(weeks),
        hours_from=tuple(draw(later_hours)),
        special_days=tuple(draw(special_days)),
        national_holidays=draw(st.booleans()),
        time_zone=draw(st.sampled_from(("Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin"))),
    )
    return StoreCalendar.of(store)


lengths = st.timedeltas(timedelta(0), timedelta(days=3)) | st.integers(0, 12).map(
    lambda quarters: timedelta(hours=quarters)
)
moments = st.timedeltas(timedelta(0), timedelta(days=50)).map(
    lambda later: datetime(2026, 2, 8, tzinfo=UTC) + later
) | st.integers(0, 50 * 24 * 4).map(
    lambda quarter: datetime(2026, 2, 8, tzinfo=UTC) + quarter * timedelta(minutes=15)
)
