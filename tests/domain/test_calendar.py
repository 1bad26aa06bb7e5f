"""B4, C7: opening hours and their versions, breaks, public holidays, 调休, the store's own days, working time."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import national_days
from domain.calendar import DayKind, NeverOpen, StoreCalendar
from domain.national_days import ChinaDays
from domain.store import DayHours, HoursFrom, SpecialDay, WeekHours
from tests.domain.example_store import ALL_DAYS, DAY, WORKDAYS, example_store
from tests.domain.random_calendars import calendars, lengths
from tests.domain.random_calendars import moments as any_moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = StoreCalendar.of(example_store())
CHINESE = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=True))


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of November 2026; the 21st is a Saturday."""
    return datetime(2026, 11, day, hour, minute, second, tzinfo=SHANGHAI)


def test_breaks_are_cut_out_of_the_day() -> None:
    assert [(span.start, span.end) for span in CALENDAR.open_spans(date(2026, 11, 21))] == [
        (at(21, 8, 30), at(21, 12)),
        (at(21, 13), at(21, 17, 30)),
    ]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (at(21, 8, 29, 59), False),
        (at(21, 8, 30), True),
        (at(21, 11, 59, 59), True),
        (at(21, 12), False),
        (at(21, 13), True),
        (at(21, 17, 30), False),
    ],
)
def test_open_from_the_first_second_and_closed_at_the_last(moment: datetime, is_open: bool) -> None:
    assert CALENDAR.is_open(moment) is is_open
    assert CALENDAR.is_open(moment.astimezone(UTC)) is is_open


def test_openings_and_closings_are_those_of_days_not_of_breaks() -> None:
    assert CALENDAR.next_opening(at(21, 8)) == at(21, 8, 30)
    assert CALENDAR.next_opening(at(21, 8, 30)) == at(22, 8, 30)
    assert CALENDAR.next_opening(at(21, 12, 30)) == at(22, 8, 30)
    assert CALENDAR.previous_closing(at(21, 12, 30)) == at(20, 17, 30)
    assert CALENDAR.previous_closing(at(21, 17, 30)) == at(21, 17, 30)
    assert CALENDAR.next_open_moment(at(21, 12, 30)) == at(21, 13)
    assert CALENDAR.next_open_moment(at(21, 9, 7)) == at(21, 9, 7)


def test_working_time_leaves_out_lunch_and_night() -> None:
    assert CALENDAR.business_minutes(at(21, 11, 30), at(21, 13, 30)) == 60
    assert CALENDAR.business_minutes(at(21, 17), at(22, 9)) == 60
    assert CALENDAR.business_minutes(at(21, 0), at(28, 0)) == 7 * 480
    assert CALENDAR.business_minutes(at(22, 9), at(21, 9)) == 0
    assert CALENDAR.add_business_minutes(at(21, 11, 30), 60) == at(21, 13, 30)
    assert CALENDAR.add_business_minutes(at(21, 8, 30), 480) == at(21, 17, 30)
    assert CALENDAR.add_business_minutes(at(21, 8, 30), 481) == at(22, 8, 31)
    assert CALENDAR.add_business_minutes(at(21, 12, 30), 0) == at(21, 13)


moments = st.timedeltas(timedelta(0), timedelta(days=212)).map(
    lambda later: datetime(2026, 8, 1, tzinfo=UTC) + later
)


@given(start=moments, minutes=st.integers(1, 5000))
@settings(max_examples=60)
def test_adding_working_minutes_is_the_inverse_of_counting_them(start: datetime, minutes: int) -> None:
    end = CHINESE.add_business_minutes(start, minutes)
    assert CHINESE.business_minutes(start, end) == minutes
    assert CHINESE.business_minutes(start, end - timedelta(seconds=1)) == minutes - 1


@given(start=moments, end=moments)
@settings(max_examples=30)
def test_working_minutes_agree_with_counting_them_one_by_one(start: datetime, end: datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    end = min(end.replace(second=0, microsecond=0), start + timedelta(days=3))
    counted, moment = 0, start
    while moment < end:
        counted += CHINESE.is_open(moment)
        moment += timedelta(minutes=1)
    assert CHINESE.business_minutes(start, end) == counted


@given(calendar=calendars(), start=any_moments, length=lengths)
def test_c7_working_time_is_added_exactly(
    calendar: StoreCalendar, start: datetime, length: timedelta
) -> None:
    """Not a microsecond is lost, and there is no earlier moment at which so much has passed."""
    end = calendar.add_business_time(start, length)
    assert calendar.business_time(start, end) == length
    instant = timedelta(microseconds=1)
    if length:
        assert calendar.business_time(start, end - instant) == length - instant
    else:
        assert end == calendar.next_open_moment(start)


@given(calendar=calendars(), start=any_moments, parts=st.tuples(lengths, lengths))
def test_c7_working_time_adds_up(
    calendar: StoreCalendar, start: datetime, parts: tuple[timedelta, timedelta]
) -> None:
    between = start + parts[0]
    end = between + parts[1]
    first, second = calendar.business_time(start, between), calendar.business_time(between, end)
    assert first + second == calendar.business_time(start, end)
    assert calendar.business_time(end, start) == timedelta(0)


@given(calendar=calendars(), start=any_moments, minutes=st.integers(0, 2000))
def test_c7_working_time_is_what_one_counts_minute_by_minute(
    calendar: StoreCalendar, start: datetime, minutes: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    worked = sum(calendar.is_open(start + timedelta(minutes=ahead)) for ahead in range(minutes))
    assert calendar.business_minutes(start, start + timedelta(minutes=minutes)) == worked


def test_c7_working_time_is_exact_to_the_second() -> None:
    assert CALENDAR.business_time(at(21, 11, 59, 30), at(21, 13, 0, 15)) == timedelta(seconds=45)
    assert CALENDAR.add_business_time(at(21, 11, 59, 30), timedelta(seconds=31)) == at(21, 13, 0, 1)
    assert [(span.start, span.end) for span in CALENDAR.worked_spans(at(21, 11), at(21, 14))] == [
        (at(21, 11), at(21, 12)),
        (at(21, 13), at(21, 14)),
    ]


def test_adding_a_day_of_work_looks_at_no_more_days_than_it_takes() -> None:
    calendar = StoreCalendar.of(example_store())
    calendar.add_business_time(at(21, 9), timedelta(hours=12))
    assert sorted(calendar._days) == [date(2026, 11, 21), date(2026, 11, 22)]


def test_c7_other_opening_hours_hold_from_their_day_on_and_leave_the_past_alone() -> None:
    """The week's hours change twice, wherever they are written; 调休 and the store's own days lie over each."""
    late, short = DayHours(opens=time(10), closes=time(16)), DayHours(opens=time(9), closes=time(12))
    changed = example_store(
        hours=WORKDAYS,
        national_holidays=True,
        hours_from=(
            HoursFrom(day=date(2026, 10, 12), hours=WeekHours(monday=short)),
            HoursFrom(day=date(2026, 10, 9), hours=WeekHours(thursday=late, friday=late)),
        ),
        special_days=(SpecialDay(day=date(2026, 10, 19), name="盘点"),),
    )
    calendar = StoreCalendar.of(changed)
    assert calendar.hours(date(2026, 10, 8)) == DAY
    assert calendar.hours(date(2026, 10, 9)) == late
    assert (calendar.hours(date(2026, 10, 10)), calendar.day_label(date(2026, 10, 10))) == (late, "调休上班")
    assert calendar.hours(date(2026, 10, 12)) == short
    assert calendar.hours(date(2026, 10, 13)) is None
    assert calendar.day_label(date(2026, 10, 19)) == "盘点"
    before = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=True))
    start, change = datetime(2026, 9, 21, tzinfo=SHANGHAI), datetime(2026, 10, 9, tzinfo=SHANGHAI)
    assert calendar.business_time(start, change) == before.business_time(start, change)


def test_c7_a_sum_over_the_change_counts_each_day_with_its_own_hours() -> None:
    late = DayHours(opens=time(10), closes=time(16))
    week = WeekHours(saturday=late, sunday=late, monday=late)
    calendar = StoreCalendar.of(
        example_store(hours=ALL_DAYS, hours_from=(HoursFrom(day=date(2026, 11, 22), hours=week),))
    )
    assert calendar.business_time(at(21, 17), at(22, 11)) == timedelta(minutes=90)
    assert calendar.add_business_time(at(21, 17), timedelta(hours=1)) == at(22, 10, 30)


# Public holidays: the days that the State Council announced.


def off_days(year: int) -> list[str]:
    china = ChinaDays()
    first = date(year, 1, 1)
    days = [first + timedelta(days=n) for n in range(365 + (year % 4 == 0))]
    return [f"{day:%m%d}" for day in days if china.holiday(day)]


def run(first: str, count: int, year: int) -> list[str]:
    begin = date(year, int(first[:2]), int(first[2:]))
    return [f"{begin + timedelta(days=n):%m%d}" for n in range(count)]


def test_b4_the_announced_runs_of_2025() -> None:
    announced = [("0101", 1), ("0128", 8), ("0404", 3), ("0501", 5), ("0531", 3), ("1001", 8)]
    assert off_days(2025) == [day for first, count in announced for day in run(first, count, 2025)]


def test_b4_the_announced_runs_of_2026() -> None:
    announced = [("0101", 3), ("0215", 9), ("0404", 3), ("0501", 5), ("0619", 3), ("0925", 3), ("1001", 7)]
    assert off_days(2026) == [day for first, count in announced for day in run(first, count, 2026)]


@pytest.mark.parametrize("day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 10, 10), date(2025, 9, 28)])
def test_b4_a_store_that_rests_at_weekends_works_the_moved_ones(day: date) -> None:
    assert CHINESE.day_kind(day) is DayKind.MOVED_WORKDAY
    assert CHINESE.day_label(day) == "调休上班"
    assert CHINESE.hours(day) == DAY


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 10, 4), "国庆节"),
        (date(2026, 2, 16), "春节"),
        (date(2026, 2, 23), "春节"),
        (date(2026, 11, 21), "门店休息"),
        (date(2026, 11, 20), ""),
    ],
)
def test_the_calendar_says_why(day: date, label: str) -> None:
    assert CHINESE.day_label(day) == label
    assert bool(CHINESE.open_spans(day)) is (label == "")


def test_a_store_may_work_through_holidays_and_ignore_moved_days() -> None:
    through = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=False))
    assert through.open_spans(date(2026, 10, 1))
    assert not through.open_spans(date(2026, 10, 10))


@pytest.mark.parametrize("year", [1949, 1990, 2045, 2100, 2150, 8999, 9500, 9999])
def test_b4_no_year_breaks_the_calendar(year: int) -> None:
    assert CHINESE.day_label(date(year, 10, 1)) == "国庆节"
    assert CHINESE.day_label(date(year, 12, 25)) in ("", "门店休息")


def test_b4_a_year_without_a_table_keeps_the_fixed_holidays(monkeypatch: pytest.MonkeyPatch) -> None:
    import holidays

    def gone(*_: object, **__: object) -> None:
        raise KeyError("no such year")

    monkeypatch.setattr(holidays, "country_holidays", gone)
    known = national_days._year.__wrapped__(2026)
    assert known.holidays[date(2026, 10, 1)] == "国庆节"
    assert known.holidays[date(2026, 1, 1)] == "元旦"
    assert known.workdays == frozenset()


def test_b4_the_store_file_overrides_any_day() -> None:
    short = DayHours(opens=time(10), closes=time(14))
    store = example_store(
        national_holidays=True,
        special_days=(
            SpecialDay(day=date(2026, 10, 3), name="国庆值班", hours=short),
            SpecialDay(day=date(2026, 11, 23), until=date(2026, 11, 25)),
        ),
    )
    calendar = StoreCalendar.of(store)
    assert calendar.hours(date(2026, 10, 3)) == short
    assert calendar.day_label(date(2026, 10, 3)) == "国庆值班"
    assert calendar.day_label(date(2026, 10, 2)) == "国庆节"
    assert [bool(calendar.open_spans(date(2026, 11, day))) for day in range(22, 27)] == [
        True,
        *[False] * 3,
        True,
    ]
    assert calendar.day_label(date(2026, 11, 25)) == "门店放假"


def test_a_store_that_never_opens_says_so() -> None:
    closed = StoreCalendar.of(example_store(hours=WeekHours()))
    for ask in (closed.next_opening, closed.previous_closing, closed.next_open_moment):
        with pytest.raises(NeverOpen, match="store file"):
            ask(at(21, 9))
    with pytest.raises(NeverOpen):
        closed.add_business_minutes(at(21, 9), 5)
    one_day = SpecialDay(day=date(2026, 11, 21), hours=DAY)
    once = StoreCalendar.of(example_store(hours=WeekHours(), special_days=(one_day,)))
    assert once.add_business_time(at(21, 9), timedelta(hours=7, minutes=30)) == at(21, 17, 30)
    with pytest.raises(NeverOpen):
        once.add_business_time(at(21, 9), timedelta(hours=7, minutes=31))


def test_the_hour_that_the_clocks_take_away_is_not_worked() -> None:
    night = DayHours(opens=time(0), closes=time(6))
    berlin = ZoneInfo("Europe/Berlin")
    calendar = StoreCalendar.of(
        example_store(time_zone="Europe/Berlin", hours=WeekHours(sunday=night, monday=night))
    )
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    for day, minutes in ((spring, 300), (autumn, 420)):
        (span,) = calendar.open_spans(day)
        assert span.length == timedelta(minutes=minutes)
        midnight = datetime.combine(day, time(0), berlin)
        assert calendar.business_minutes(midnight, midnight + timedelta(days=1)) == minutes
        one, five = midnight + timedelta(hours=1), midnight + timedelta(hours=5)
        assert calendar.business_minutes(one, five) == minutes - 120
        assert calendar.add_business_minutes(midnight, minutes) == span.end
        assert calendar.add_business_minutes(midnight, minutes + 1) == span.end + timedelta(
            hours=18, minutes=1
        )
