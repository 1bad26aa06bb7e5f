"""O1, P5, P8: at which times a car is handed over, what is offered instead, and what typed words mean."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.calendar import NeverOpen, StoreCalendar
from domain.handover_times import (
    NotThen,
    before_closing,
    handover_times,
    meant,
    nearest,
    times_of_day,
    typed_time,
    why_not,
)
from domain.store import WeekHours
from domain.understanding import understand
from tests.domain.example_store import WORKDAYS, example_store

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=True))
SIXTY_DAYS = timedelta(days=60)


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of 2026, store time; 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


NOW = at(23, 14, 20)


@pytest.mark.parametrize(
    ("moment", "reason"),
    [
        (NOW, NotThen.PAST),
        (NOW + timedelta(seconds=1), None),
        (at(24, 8, 29), NotThen.SHUT_HOUR),
        (at(24, 8, 30), None),
        (at(24, 12, 30), None),  # P8: somebody is there in the break
        (at(24, 17, 29), None),
        (at(24, 17, 30), None),  # at the very closing the keys still change hands
        (at(24, 17, 31), NotThen.SHUT_HOUR),
        (at(28, 10), NotThen.SHUT_DAY),  # a Saturday
        (datetime(2027, 1, 1, 10, tzinfo=SHANGHAI), NotThen.SHUT_DAY),
        (datetime(2027, 1, 22, 14, 20, tzinfo=SHANGHAI), None),
        (datetime(2027, 1, 22, 14, 21, tzinfo=SHANGHAI), NotThen.TOO_FAR),
        (datetime(9999, 12, 31, 23, tzinfo=SHANGHAI), NotThen.TOO_FAR),
        (datetime(1, 1, 1, tzinfo=SHANGHAI), NotThen.PAST),
    ],
)
def test_p8_a_time_can_be_had_while_somebody_is_in_the_shop(moment: datetime, reason: NotThen | None) -> None:
    assert why_not(moment, NOW, CHINESE, SIXTY_DAYS) is reason
    if 1970 < moment.year < 9999:
        assert why_not(moment.astimezone(UTC), NOW.astimezone(UTC), CHINESE, SIXTY_DAYS) is reason


def test_o1_full_hours_are_offered_over_nights_weekends_and_holidays() -> None:
    after_three = [at(23, 15), at(23, 16), at(23, 17), at(24, 9)]
    assert list(handover_times(NOW, CHINESE, 4)) == after_three
    assert handover_times(at(23, 15), CHINESE, 1) == (at(23, 16),)
    assert handover_times(at(27, 17), CHINESE, 1) == (at(30, 9),)
    assert handover_times(NOW.astimezone(UTC), CHINESE, 1)[0].tzinfo is SHANGHAI
    # National Day: 1 to 7 October 2026.
    assert handover_times(at(30, 17, month=9), CHINESE, 1) == (at(8, 9, month=10),)


def test_o1_a_store_that_never_opens_says_so() -> None:
    with pytest.raises(NeverOpen):
        handover_times(NOW, StoreCalendar.of(example_store(hours=WeekHours())), 1)


def test_o1_a_part_of_a_day_has_its_own_hours() -> None:
    assert times_of_day(date(2026, 11, 24), CHINESE, 0, 12) == (at(24, 9), at(24, 10), at(24, 11))
    assert times_of_day(date(2026, 11, 28), CHINESE) == ()


def test_p8_the_last_time_of_a_day_leaves_half_an_hour_for_the_hand_over() -> None:
    assert before_closing(date(2026, 11, 23), CHINESE) == at(23, 17)
    assert before_closing(date(2026, 11, 28), CHINESE) is None


@pytest.mark.parametrize(
    ("wanted", "offered"),
    [
        (at(23, 13), (at(23, 15), at(23, 16), at(23, 17))),  # past
        (at(23, 22), (at(23, 17), at(24, 9), at(24, 10))),
        (at(24, 7), (at(23, 17), at(24, 9), at(24, 10))),
        (at(28, 10), (at(27, 17), at(30, 9), at(30, 10))),
        (datetime(2027, 6, 1, tzinfo=SHANGHAI), (datetime(2027, 1, 22, 14, tzinfo=SHANGHAI),)),
    ],
)
def test_p8_the_nearest_times_are_offered_instead(wanted: datetime, offered: tuple[datetime, ...]) -> None:
    """The last one before the wanted time and the next after it, none of them past or too far."""
    assert nearest(wanted, NOW, CHINESE, SIXTY_DAYS) == offered


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("3点", at(23, 15)),
        ("9点", at(24, 9)),
        ("明天3点", at(24, 15)),
        ("１６：３０", at(23, 16, 30)),
        ("晚上8点", at(23, 20)),
        ("周六9点", at(28, 9)),
    ],
)
def test_b15_an_hour_is_read_in_the_half_of_the_day_that_can_be_had(text: str, time: datetime) -> None:
    moment = understand(text, NOW).moment
    assert moment is not None
    assert meant(moment, NOW, CHINESE, SIXTY_DAYS) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("晚半小时", at(23, 16, 30)),
        ("再晚１个小时", at(23, 17)),
        ("推迟两小时", at(23, 18)),
        ("要晚40分钟", at(23, 16, 40)),
        ("延后一天", at(24, 0)),  # of that day a time is still to be chosen
        ("晚上八点", at(23, 20)),
        ("推迟到明天上午十点", at(24, 10)),
        ("半小时后", at(23, 14, 50)),
    ],
)
def test_b15_a_delay_counts_from_the_promised_time(text: str, time: datetime) -> None:
    moment = typed_time(text, NOW, at(23, 16).astimezone(UTC))
    assert moment is not None
    assert moment.start == time


def test_b15_a_delay_of_a_promise_that_is_past_counts_from_now() -> None:
    moment = typed_time("晚半小时", NOW, at(23, 14))
    assert moment is not None
    assert moment.start == at(23, 14, 50)
    assert typed_time("尽快吧", NOW, at(23, 14)) is None
