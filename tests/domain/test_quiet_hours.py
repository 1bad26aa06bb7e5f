"""B8: reminders keep out of quiet hours by leaving earlier, never later."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.quiet_hours import QuietHours, reminder_times
from tests.domain.example_store import example_store

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = QuietHours(time(21), time(8), SHANGHAI)
DAY_AND_HALF_DAY = (timedelta(hours=24), timedelta(hours=4))

moments = st.timedeltas(timedelta(0), timedelta(days=365)).map(
    lambda later: datetime(2026, 1, 1, tzinfo=UTC) + later
)
clock_times = st.times()
zones = st.sampled_from([SHANGHAI, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (at(21, 20, 59), False),
        (at(21, 21), True),
        (at(22, 3), True),
        (at(22, 7, 59), True),
        (at(22, 8), False),
    ],
)
def test_quiet_begins_at_its_start_and_ends_before_its_end(moment: datetime, quiet: bool) -> None:
    assert NIGHT.is_quiet(moment) is quiet
    assert NIGHT.is_quiet(moment.astimezone(UTC)) is quiet


def test_a_quiet_time_within_one_day() -> None:
    siesta = QuietHours(time(13), time(14), SHANGHAI)
    assert siesta.is_quiet(at(21, 13, 30))
    assert not siesta.is_quiet(at(21, 23))
    assert siesta.next_loud(at(21, 13, 30)) == at(21, 14)


def test_equal_times_mean_never_quiet() -> None:
    never = QuietHours(time(9), time(9), SHANGHAI)
    assert not any(never.is_quiet(at(21, hour)) for hour in range(24))


def test_b8_a_message_due_at_night_leaves_the_evening_before() -> None:
    assert NIGHT.moved_earlier(at(22, 3)) == at(21, 20, 50)
    assert NIGHT.moved_earlier(at(22, 10)) == at(22, 10)
    assert NIGHT.next_loud(at(21, 23)) == at(22, 8)


@given(moment=moments, starts=clock_times, ends=clock_times, zone=zones)
def test_b8_moved_earlier_is_never_later_and_next_loud_never_earlier(
    moment: datetime, starts: time, ends: time, zone: ZoneInfo
) -> None:
    quiet = QuietHours(starts, ends, zone)
    assert quiet.moved_earlier(moment).astimezone(UTC) <= moment <= quiet.next_loud(moment).astimezone(UTC)
    assert not quiet.is_quiet(quiet.next_loud(moment))


@given(moment=moments)
def test_b8_moved_earlier_is_outside_the_night(moment: datetime) -> None:
    assert not NIGHT.is_quiet(NIGHT.moved_earlier(moment))


def test_the_store_file_says_when_it_is_quiet() -> None:
    quiet = QuietHours.of(example_store())
    assert (quiet.starts, quiet.ends, quiet.margin) == (time(21), time(8), timedelta(minutes=10))
    assert quiet.zone == SHANGHAI


def test_b8_a_day_and_half_a_day_before() -> None:
    planned = reminder_times(at(25, 14), at(21, 9), DAY_AND_HALF_DAY, NIGHT)
    assert [(each.lead, each.due_at) for each in planned] == [
        (timedelta(hours=24), at(24, 14)),
        (timedelta(hours=4), at(25, 10)),
    ]


def test_b8_an_early_appointments_second_reminder_moves_to_the_evening_before() -> None:
    planned = reminder_times(at(25, 9), at(21, 9), DAY_AND_HALF_DAY, NIGHT)
    assert [each.due_at for each in planned] == [at(24, 9), at(24, 20, 50)]


def test_b8_what_would_fall_before_the_booking_is_skipped() -> None:
    assert [each.due_at for each in reminder_times(at(25, 14), at(24, 15), DAY_AND_HALF_DAY, NIGHT)] == [
        at(25, 10)
    ]
    # Reminding in the very moment of booking would be silly.
    assert reminder_times(at(25, 14), at(25, 10), DAY_AND_HALF_DAY, NIGHT) == ()
    # Booked late in the evening for the next morning: both would have been earlier.
    assert reminder_times(at(25, 9), at(24, 22), DAY_AND_HALF_DAY, NIGHT) == ()


@given(starts_at=moments, ahead=st.timedeltas(timedelta(0), timedelta(days=5)))
def test_b8_reminders_lie_between_booking_and_lead_in_order_and_never_at_night(
    starts_at: datetime, ahead: timedelta
) -> None:
    booked_at = starts_at - ahead
    planned = reminder_times(starts_at, booked_at, DAY_AND_HALF_DAY, NIGHT)
    assert list(planned) == sorted(planned, key=lambda each: each.due_at)
    for each in planned:
        assert booked_at < each.due_at.astimezone(UTC) <= starts_at - each.lead
        assert not NIGHT.is_quiet(each.due_at)
