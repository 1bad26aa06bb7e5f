"""C4, C6, C7: legs, owners, pauses and deadlines, read from the history and from nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.complaint_chain import (
    Leg,
    alarms_of,
    beginning,
    leg_called,
    leg_name,
    legs,
    next_answer,
    open_legs,
)
from domain.complaints import ALARMS, ComplaintFigures, Entry, Happening, Step
from domain.people import Queue
from domain.store import DayHours, HoursFrom, WeekHours
from tests.domain.example_store import WORKDAYS, example_store
from tests.domain.random_calendars import calendars, lengths, moments

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY = StoreCalendar.of(example_store())
CHINESE = StoreCalendar.of(example_store(hours=WORKDAYS, national_holidays=True))
FIGURES = ComplaintFigures()
NAME = leg_name(Step.HANDLING, Queue.FRONT_DESK, 1)
OTHER = leg_name(Step.DEPARTMENT, Queue.PARTS, 1)
SHARES = (FIGURES.warn_share, Decimal(1), FIGURES.general_manager_share)


def at(day: int, hour: int, minute: int = 0, second: int = 0, month: int = 11) -> datetime:
    """A moment of 2026, store time; 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


def entry(moment: datetime, happening: Happening, leg: str = NAME, **details: Any) -> Entry:
    return Entry(moment, happening, leg, 5, "王主管", details)


def begun(moment: datetime, hours: int = 2, *, business: bool = True, leg: str = NAME) -> Entry:
    return entry(moment, Happening.BEGUN, leg, minutes=hours * 60, business=business)


def pauses(*moments_: datetime) -> list[Entry]:
    """Paused, resumed, paused … at these moments."""
    return [
        entry(moment, Happening.RESUMED) if index % 2 else entry(moment, Happening.PAUSED, reason="等客户")
        for index, moment in enumerate(moments_)
    ]


def leg_of(*history: Entry) -> Leg:
    found = leg_called(NAME, history)
    assert found is not None
    return found


# What the calendar does to a deadline.


@pytest.mark.parametrize(
    ("calendar", "starts", "due"),
    [
        (EVERY_DAY, at(23, 11, 30), at(23, 14, 30)),  # lunch
        (EVERY_DAY, at(23, 12, 10), at(23, 15)),  # begun in the break
        (EVERY_DAY, at(23, 20), at(24, 10, 30)),  # begun after closing
        (EVERY_DAY, at(23, 0), at(23, 10, 30)),  # begun at midnight
        (EVERY_DAY, at(23, 15, 30), at(23, 17, 30)),  # done at closing, not at the next opening
        (EVERY_DAY, at(23, 15, 30, 1), at(24, 8, 30, 1)),
        (CHINESE, at(27, 16, 30), at(30, 9, 30)),  # a weekend
        (CHINESE, at(30, 16, 30), at(1, 9, 30, month=12)),  # the end of a month
        (CHINESE, at(30, 16, 30, month=9), at(8, 9, 30, month=10)),  # 国庆节
        (CHINESE, at(9, 16, 30, month=10), at(10, 9, 30, month=10)),  # 调休: a worked Saturday
    ],
)
def test_c7_two_working_hours(calendar: StoreCalendar, starts: datetime, due: datetime) -> None:
    assert leg_of(begun(starts)).due(calendar) == due
    assert leg_of(begun(starts.astimezone(UTC))).due(calendar) == due


def test_c7_by_the_wall_clock_nothing_is_left_out() -> None:
    night = leg_of(begun(at(30, 23), 12, business=False))
    assert night.due(CHINESE) == at(1, 11, month=12)
    due = leg_of(begun(at(30, 20, month=9), 12, business=False)).due(CHINESE)
    assert due == at(1, 8, month=10)
    assert due.utcoffset() == timedelta(hours=8)


def test_c7_the_wall_clock_is_not_that_on_the_wall_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    calendar = StoreCalendar.of(example_store(time_zone="Europe/Berlin"))
    starts = datetime(2026, 3, 28, 20, tzinfo=berlin)
    paused, resumed = datetime(2026, 3, 29, 1, tzinfo=berlin), datetime(2026, 3, 29, 4, tzinfo=berlin)
    assert leg_of(begun(starts, 12, business=False)).due(calendar) == datetime(2026, 3, 29, 9, tzinfo=berlin)
    waited = leg_of(begun(starts, 12, business=False), *pauses(paused, resumed))
    assert waited.due(calendar) == datetime(2026, 3, 29, 11, tzinfo=berlin)


def test_c7_opening_hours_that_change_in_the_middle_of_a_leg() -> None:
    winter = DayHours(opens=time(10), closes=time(16))
    change = HoursFrom(day=date(2026, 11, 24), hours=WeekHours(tuesday=winter))
    calendar = StoreCalendar.of(example_store(hours_from=(change,)))
    assert leg_of(begun(at(23, 16, 30))).due(calendar) == at(24, 11)


def test_c6_shares_are_exact_to_the_second() -> None:
    """75 % and 125 %, and a share that is no whole number of minutes."""
    leg = leg_of(begun(at(23, 11)))
    assert [leg.due(EVERY_DAY, share) for share in SHARES] == [at(23, 13, 30), at(23, 14), at(23, 14, 30)]
    assert leg.due(EVERY_DAY, Decimal("0.33")) == at(23, 11, 39, 36)


# Pauses.


@pytest.mark.parametrize(
    ("waits", "due"),
    [
        ((at(23, 17), at(24, 9)), at(24, 10, 30)),  # over night
        ((at(23, 17, 30), at(24, 8, 30)), at(24, 9, 30)),  # exactly while closed
        ((at(23, 18), at(23, 22)), at(24, 9, 30)),  # begun and ended outside opening hours
        ((at(23, 18), at(24, 9)), at(24, 10)),  # begun outside, ended inside
        ((at(24, 9), at(24, 12)), at(24, 13, 30)),  # over the deadline
        ((at(24, 9), at(24, 9, 10), at(24, 9, 10), at(24, 9, 30)), at(24, 10)),  # two, one after the other
        ((at(24, 9, 30), at(24, 11)), at(24, 9, 30)),  # when its time was just over
        ((at(24, 10),), at(24, 9, 30)),  # after the deadline, and it lasts
        ((at(24, 9),), None),  # before it, and it lasts
    ],
)
def test_c7_a_pause_is_a_gap_in_the_clock(waits: tuple[datetime, ...], due: datetime | None) -> None:
    leg = leg_of(begun(at(23, 16, 30)), *pauses(*waits))
    assert leg.due(EVERY_DAY) == due
    assert (leg.pause is not None) is (len(waits) % 2 == 1)


def test_c7_another_reason_while_it_waits_is_no_second_gap() -> None:
    twice = pauses(at(23, 9, 0))[0], entry(at(23, 9, 30), Happening.PAUSED, reason="等配件确认")
    waiting = leg_of(begun(at(23, 8, 30)), *twice)
    assert waiting.pause is not None
    assert (waiting.pause.begins, waiting.pause.reason) == (at(23, 9, 30), "等配件确认")
    leg = leg_of(begun(at(23, 8, 30)), *twice, entry(at(23, 10), Happening.RESUMED))
    assert leg.pause is None
    assert [pause.reason for pause in leg.pauses] == ["等客户", "等配件确认"]
    assert leg.due(EVERY_DAY) == at(23, 11, 30)


def test_c7_two_processes_clocks_that_differ_give_no_time_away() -> None:
    """A pause that seems to begin before the leg, and one that seems to end before it began."""
    early = leg_of(begun(at(23, 9), business=False), *pauses(at(23, 8, 59, 58), at(23, 9, 30)))
    assert early.due(EVERY_DAY) == at(23, 11, 30)
    backwards = leg_of(begun(at(23, 9), business=False), *pauses(at(23, 9, 30), at(23, 9, 29, 59)))
    assert backwards.due(EVERY_DAY) == at(23, 11)


def test_c7_resuming_what_is_not_paused_changes_nothing() -> None:
    plain = leg_of(begun(at(23, 9)))
    assert leg_of(begun(at(23, 9)), entry(at(23, 9, 30), Happening.RESUMED)) == plain


def test_c7_a_leg_that_ends_while_it_waits_keeps_its_deadline() -> None:
    """The customer closed it: the pause ends with it, and by how much it was early can be told (C11)."""
    leg = leg_of(begun(at(23, 9)), *pauses(at(23, 10)), entry(at(23, 14), Happening.ENDED))
    assert leg.pause is None
    assert leg.due(EVERY_DAY) == at(23, 15)


# The chain.


def test_c4_owner_and_report_are_those_of_the_history() -> None:
    history = [begun(at(23, 9)), entry(at(23, 9, 5), Happening.ACCEPTED)]
    assert (leg_of(*history).owner, leg_of(*history).owner_name) == (5, "王主管")
    history.append(entry(at(23, 9, 10), Happening.HANDED_OVER, to=6, to_name="李主管"))
    assert (leg_of(*history).owner, leg_of(*history).accepted_at) == (6, at(23, 9, 10))
    released = leg_of(*history, entry(at(23, 9, 20), Happening.RELEASED))
    assert (released.owner, released.owner_name, released.accepted_at) == (0, "", None)
    history += [entry(at(23, 10), Happening.REPORTED, solution="换件"), entry(at(23, 10), Happening.ENDED)]
    done = leg_of(*history)
    assert (done.report, done.ended_at, done.ended_by, done.owner) == (
        {"solution": "换件"},
        at(23, 10),
        "王主管",
        6,
    )


@pytest.mark.parametrize(
    "late",
    [
        entry(at(23, 12), Happening.ACCEPTED),
        entry(at(23, 12), Happening.HANDED_OVER, to=6, to_name="李主管"),
        entry(at(23, 9, 30), Happening.PAUSED, reason="等客户"),
        entry(at(23, 12), Happening.RESUMED),
        entry(at(23, 12), Happening.ENDED),
    ],
)
def test_c4_a_press_that_comes_too_late_moves_nothing(late: Entry) -> None:
    over = (begun(at(23, 9)), entry(at(23, 10), Happening.ENDED))
    assert leg_of(*over, late) == leg_of(*over)


def test_c4_a_leg_that_is_begun_again_while_open_keeps_its_promise() -> None:
    assert leg_of(begun(at(23, 9)), begun(at(23, 11))).due(EVERY_DAY) == at(23, 11)
    again = leg_of(begun(at(23, 9)), entry(at(23, 10), Happening.ENDED), begun(at(23, 11)))
    assert (again.is_open, again.begins) == (True, at(23, 11))


def test_c4_what_is_written_down_at_the_beginning_is_what_counts() -> None:
    figures = ComplaintFigures(handling_hours=5, business_hours=(Step.HANDLING,))
    assert beginning(Step.HANDLING, figures) == {"minutes": 300, "business": True}
    assert beginning(Step.INTAKE, figures) == {"minutes": 120, "business": False}


def test_c4_several_legs_and_rounds() -> None:
    """Departments work at the same time; the customer hears when the last of them is due (C3)."""
    second = leg_name(Step.DEPARTMENT, Queue.WORKSHOP, 2)
    history = [
        begun(at(23, 9)),
        entry(at(23, 9, 30), Happening.ENDED),
        entry(at(23, 9, 30), Happening.REOPENED, ""),
        begun(at(23, 9, 30), leg=OTHER),
        begun(at(23, 10), leg=second),
    ]
    assert [leg.name for leg in legs(history)] == [NAME, OTHER, second]
    assert [leg.name for leg in open_legs(history)] == [OTHER, second]
    assert (open_legs(history)[1].step, open_legs(history)[1].queue) == (Step.DEPARTMENT, Queue.WORKSHOP)
    assert open_legs(history)[1].round == 2
    assert next_answer(history, EVERY_DAY) == at(23, 12)
    history.append(entry(at(23, 10), Happening.PAUSED, second, reason="等客户"))
    assert next_answer(history, EVERY_DAY) == at(23, 11, 30)
    assert next_answer(history[:2], EVERY_DAY) is None


# Alarms.


def test_c6_each_alarm_rings_once() -> None:
    leg = leg_of(begun(at(23, 9)))
    due = dict(zip(ALARMS, (at(23, 10, 30), at(23, 11), at(23, 11, 30)), strict=True))
    assert alarms_of(leg, FIGURES, EVERY_DAY) == due
    rung = leg_of(begun(at(23, 9)), entry(at(23, 10, 31), Happening.WARNED))
    assert list(alarms_of(rung, FIGURES, EVERY_DAY)) == [Happening.BREACHED, Happening.RAISED]
    over = leg_of(begun(at(23, 9)), entry(at(23, 10), Happening.ENDED))
    assert alarms_of(over, FIGURES, EVERY_DAY) == {}


def test_c6_a_pause_holds_up_what_is_to_come_and_not_what_was_missed() -> None:
    """The bot was down at 10:30 and 11:00; the owner pauses at 11:10: both still ring, late, the third waits."""
    leg = leg_of(begun(at(23, 9)), *pauses(at(23, 11, 10)))
    assert alarms_of(leg, FIGURES, EVERY_DAY) == {
        Happening.WARNED: at(23, 10, 30),
        Happening.BREACHED: at(23, 11),
    }
    going_on = leg_of(begun(at(23, 9)), *pauses(at(23, 11, 10), at(23, 11, 20)))
    assert alarms_of(going_on, FIGURES, EVERY_DAY)[Happening.RAISED] == at(23, 11, 40)


# Whatever the calendar and the pauses.

gaps = st.lists(st.tuples(lengths, lengths), max_size=4)
hours = st.integers(1, 40)
shares = st.sampled_from((*SHARES, Decimal("0.333"), Decimal("2.5")))


def paused_history(start: datetime, waits: list[tuple[timedelta, timedelta]]) -> list[Entry]:
    """Pauses after `start`: each so long after the one before, each so long."""
    edges, moment = [], start
    for run, wait in waits:
        edges += [moment + run, moment + run + wait]
        moment += run + wait
    return pauses(*edges)


def span(leg: Leg, calendar: StoreCalendar, begins: datetime, ends: datetime) -> timedelta:
    if begins >= ends:
        return timedelta(0)
    return calendar.business_time(begins, ends) if leg.business else ends - begins


def due_of(leg: Leg, calendar: StoreCalendar, share: Decimal = Decimal(1)) -> datetime:
    due = leg.due(calendar, share)
    assert due is not None
    return due.astimezone(UTC)


@given(calendars(), moments, hours, st.booleans(), gaps, shares)
def test_c7_the_span_is_exact(
    calendar: StoreCalendar,
    start: datetime,
    allowed: int,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
    share: Decimal,
) -> None:
    """From beginning to deadline, pauses taken out, lies exactly the leg's time; an instant earlier, less."""
    leg = leg_of(begun(start, allowed, business=business), *paused_history(start, waits))
    allowance = timedelta(hours=allowed) / 1000 * int(share * 1000)
    due = due_of(leg, calendar, share)
    for moment, counted in ((due, allowance), (due - timedelta(microseconds=1), None)):
        rest = sum(
            (span(leg, calendar, pause.begins, min(pause.ends or moment, moment)) for pause in leg.pauses),
            timedelta(0),
        )
        total = span(leg, calendar, start, moment) - rest
        assert total == counted if counted else total < allowance


@given(calendars(), moments, lengths, hours, st.booleans(), gaps)
def test_c7_who_begins_later_is_due_later(
    calendar: StoreCalendar,
    start: datetime,
    later: timedelta,
    allowed: int,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
) -> None:
    waiting = paused_history(start + later, waits)
    first = leg_of(begun(start, allowed, business=business), *waiting)
    second = leg_of(begun(start + later, allowed, business=business), *waiting)
    assert due_of(first, calendar) <= due_of(second, calendar)


@given(calendars(), moments, hours, st.booleans(), lengths, lengths)
def test_c7_a_pause_moves_the_deadline_by_exactly_its_length(
    calendar: StoreCalendar,
    start: datetime,
    allowed: int,
    business: bool,
    run: timedelta,
    wait: timedelta,
) -> None:
    plain = leg_of(begun(start, allowed, business=business))
    leg = leg_of(begun(start, allowed, business=business), *paused_history(start, [(run, wait)]))
    before, after = due_of(plain, calendar), due_of(leg, calendar)
    if start + run >= before:
        assert after == before
    else:
        assert span(leg, calendar, before, after) == span(leg, calendar, start + run, start + run + wait)
        assert after >= before


@given(calendars(), moments, hours, st.booleans(), gaps, st.booleans())
def test_c6_the_warning_comes_first_and_the_general_manager_last(
    calendar: StoreCalendar,
    start: datetime,
    allowed: int,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
    lasting: bool,
) -> None:
    waiting = paused_history(start, waits)
    leg = leg_of(begun(start, allowed, business=business), *(waiting[:-1] if lasting else waiting))
    alarms = alarms_of(leg, FIGURES, calendar)
    assert list(alarms) == list(ALARMS)[: len(alarms)]
    assert list(alarms.values()) == sorted(alarms.values())
    assert len(alarms) == len(ALARMS) or leg.pause is not None


@given(calendars(), moments, hours, st.booleans(), gaps, shares)
def test_c7_nothing_that_happens_after_it_moves_a_deadline(
    calendar: StoreCalendar,
    start: datetime,
    allowed: int,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
    share: Decimal,
) -> None:
    """Whenever it is asked for, it is the same: what was known at that moment is enough."""
    history = [begun(start, allowed, business=business), *paused_history(start, waits)]
    due = due_of(leg_of(*history), calendar, share)
    known = [each for each in history if each.at < due]
    assert due_of(leg_of(*known), calendar, share) == due
    ended = [entry(due, Happening.ENDED), entry(due, Happening.PAUSED, reason="迟了")]
    assert due_of(leg_of(*known, *ended), calendar, share) == due


UNRELATED = (
    entry(at(1, 0), Happening.WORDS, "", text="怎么还没人联系我"),
    entry(at(1, 0), Happening.MEDIA, "", kind="photo", file_id="a"),
    entry(at(1, 0), Happening.CLASSIFIED, "", topic="price"),
    entry(at(1, 0), Happening.MANAGER_ASKED, ""),
    entry(at(1, 0), Happening.CONTACTED),
    entry(at(1, 0), Happening.ACCEPTED),
    entry(at(1, 0), Happening.RELEASED),
    entry(at(1, 0), Happening.WARNED),
    entry(at(1, 0), Happening.REPORTED, solution="换件"),
    begun(at(1, 0), 3, leg=OTHER),
    entry(at(1, 0), Happening.PAUSED, OTHER, reason="等客户"),
    entry(at(1, 0), Happening.ENDED, OTHER),
)


@given(
    calendars(),
    moments,
    st.booleans(),
    gaps,
    st.lists(st.tuples(st.integers(0, 9), st.sampled_from(UNRELATED)), max_size=8),
)
def test_c7_what_has_nothing_to_do_with_the_clock_moves_no_deadline(
    calendar: StoreCalendar,
    start: datetime,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
    others: list[tuple[int, Entry]],
) -> None:
    history = [begun(start, business=business), *paused_history(start, waits)]
    mixed = list(history)
    for place, other in others:
        mixed.insert(place, other)
    for share in SHARES:
        assert leg_of(*mixed).due(calendar, share) == leg_of(*history).due(calendar, share)
