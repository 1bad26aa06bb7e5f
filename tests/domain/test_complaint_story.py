"""C4, C6, C7: the story of a complaint's deadlines tells every stretch, pause and alarm, and agrees with the chain."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.complaint_chain import Pause, leg_name, share_of
from domain.complaint_story import (
    Begun,
    Captured,
    Counted,
    Due,
    Ended,
    HeldUp,
    Line,
    Paused,
    Rang,
    Silent,
    story,
)
from domain.complaints import ALARMS, Complainant, Complaint, ComplaintFigures, Entry, Happening, Origin, Step
from domain.people import Queue
from tests.domain.random_calendars import calendars, moments
from tests.domain.test_complaint_chain import (
    EVERY_DAY,
    NAME,
    at,
    begun,
    due_of,
    entry,
    gaps,
    hours,
    leg_of,
    paused_history,
    pauses,
)

FIGURES = ComplaintFigures()
INTAKE = leg_name(Step.INTAKE, Queue.FRONT_DESK, 1)


def told(*history: Entry) -> list[Line]:
    """The story without its first line."""
    first, *rest = story(case(*history), EVERY_DAY, FIGURES)
    assert first == Captured("TS261123-001", at(23, 9), Origin.CUSTOMER)
    return rest


def case(*history: Entry) -> Complaint:
    return Complaint("TS261123-001", Origin.CUSTOMER, Complainant(), at(23, 9), history=history)


def counted(begins: datetime, ends: datetime, total: float) -> Counted:
    return Counted(begins, ends, timedelta(hours=total))


def due(alarm: Happening, moment: datetime, share: str, length: float) -> Due:
    return Due(alarm, Decimal(share), timedelta(hours=length), moment)


def test_c7_every_open_stretch_that_was_used_is_told() -> None:
    """Begun before lunch, paused in the afternoon, the last of its time on the next morning."""
    waiting = pauses(at(23, 14), at(23, 17))
    lines = told(begun(at(23, 11), 3), *waiting)
    assert lines[1:] == [
        counted(at(23, 11), at(23, 12), 1),
        counted(at(23, 13), at(23, 14), 2),
        Paused(Pause(at(23, 14), "等客户", at(23, 17)), timedelta(hours=3), in_time=True),
        counted(at(23, 17), at(23, 17, 15), 2.25),
        due(Happening.WARNED, at(23, 17, 15), "0.75", 2.25),
        counted(at(23, 17, 15), at(23, 17, 30), 2.5),
        counted(at(24, 8, 30), at(24, 9), 3),
        due(Happening.BREACHED, at(24, 9), "1", 3),
        counted(at(24, 9), at(24, 9, 45), 3.75),
        due(Happening.RAISED, at(24, 9, 45), "1.25", 3.75),
    ]


def test_c7_by_the_wall_clock_there_is_one_stretch_from_alarm_to_alarm() -> None:
    lines = told(begun(at(23, 20), 12, business=False))
    assert lines[1:] == [
        counted(at(23, 20), at(24, 5), 9),
        due(Happening.WARNED, at(24, 5), "0.75", 9),
        counted(at(24, 5), at(24, 8), 12),
        due(Happening.BREACHED, at(24, 8), "1", 12),
        counted(at(24, 8), at(24, 11), 15),
        due(Happening.RAISED, at(24, 11), "1.25", 15),
    ]


def test_c7_a_pause_that_lasts_holds_up_what_is_left() -> None:
    lines = told(begun(at(23, 9)), *pauses(at(23, 10, 45)))
    assert lines[3:] == [
        counted(at(23, 10, 30), at(23, 10, 45), 1.75),
        Paused(Pause(at(23, 10, 45), "等客户"), None, in_time=True),
        HeldUp(Happening.BREACHED, Decimal(1), timedelta(minutes=15)),
        HeldUp(Happening.RAISED, Decimal("1.25"), timedelta(minutes=45)),
    ]


def test_c7_a_pause_after_the_deadline_is_told_as_one_that_moves_nothing() -> None:
    lines = told(begun(at(23, 9)), *pauses(at(23, 11, 10), at(23, 11, 20)))
    [paused] = [line for line in lines if isinstance(line, Paused)]
    assert not paused.in_time
    assert lines.index(due(Happening.BREACHED, at(23, 11), "1", 2)) < lines.index(paused)
    assert lines[-1] == due(Happening.RAISED, at(23, 11, 40), "1.25", 2.5)


def test_c6_alarms_are_told_as_they_really_rang() -> None:
    """The first on time, the second late, the third never; and the end against the deadline."""
    lines = told(
        begun(at(23, 9)),
        entry(at(23, 10, 30), Happening.WARNED),
        entry(at(23, 11, 7), Happening.BREACHED),
        entry(at(23, 11, 45), Happening.ENDED),
    )
    assert lines[-4:] == [
        Rang(Happening.WARNED, at(23, 10, 30), timedelta(0)),
        Rang(Happening.BREACHED, at(23, 11, 7), timedelta(minutes=7)),
        Silent(Happening.RAISED, at(23, 11, 30)),
        Ended(at(23, 11, 45), "王主管", timedelta(minutes=45)),
    ]


def test_c6_an_alarm_that_rang_too_early_or_in_a_pause_is_told_so() -> None:
    """It was due by other figures then, or rang although the clock stood still."""
    rang = entry(at(23, 10), Happening.WARNED), entry(at(23, 10, 20), Happening.BREACHED)
    lines = told(begun(at(23, 8, 30)), *pauses(at(23, 10, 15)), *rang)
    assert lines[-2:] == [
        Rang(Happening.WARNED, at(23, 10), timedelta(0)),
        Rang(Happening.BREACHED, at(23, 10, 20), None),
    ]
    early = told(begun(at(23, 9)), rang[0])
    assert early[-1] == Rang(Happening.WARNED, at(23, 10), -timedelta(minutes=30))


def test_c11_who_was_early_ended_before_the_deadline() -> None:
    lines = told(begun(at(23, 9)), entry(at(23, 9, 40), Happening.ENDED))
    assert lines[-1] == Ended(at(23, 9, 40), "王主管", -timedelta(minutes=80))


def test_c4_each_leg_begins_by_what_led_to_it() -> None:
    """The capture, the end of the leg before, a wish for the manager, 不满意; legs in the order they began."""

    def whole(moment: datetime, happening: Happening, **details: Any) -> Entry:
        return entry(moment, happening, "", **details)

    manager, again = (leg_name(Step.SUMMARY, Queue.AFTER_SALES, round_) for round_ in (1, 2))
    captured, ended = whole(at(23, 9), Happening.CAPTURED), entry(at(23, 10), Happening.ENDED, INTAKE)
    asked, reopened = whole(at(23, 11), Happening.MANAGER_ASKED), whole(at(24, 9), Happening.REOPENED)
    lines = told(
        captured,
        whole(at(23, 9), Happening.CLASSIFIED),
        begun(at(23, 9), leg=INTAKE),
        ended,
        begun(at(23, 10), business=False),
        asked,
        begun(at(23, 11), leg=manager),
        reopened,
        begun(at(24, 9), leg=again),
        begun(at(24, 9, 1), leg=leg_name(Step.DEPARTMENT, Queue.PARTS, 2)),
    )
    beginnings = [line for line in lines if isinstance(line, Begun)]
    assert [each.cause for each in beginnings] == [captured, ended, asked, reopened, None]
    assert [each.leg.name for each in beginnings][:4] == [INTAKE, NAME, manager, again]
    assert (beginnings[1].who, beginnings[1].allowance) == ("王主管", timedelta(hours=2))


@given(calendars(), moments, hours, st.booleans(), gaps, st.booleans())
def test_c7_the_story_of_any_leg_adds_up(
    calendar: StoreCalendar,
    start: datetime,
    allowed: int,
    business: bool,
    waits: list[tuple[timedelta, timedelta]],
    lasting: bool,
) -> None:
    """Every moment of the chain is told once, at the very total that it stands for; nothing overlaps."""
    waiting = paused_history(start, waits)
    history = [begun(start, allowed, business=business), *(waiting[:-1] if lasting else waiting)]
    leg, total, until = leg_of(*history), timedelta(0), start
    seen = []
    for line in story(case(*history), calendar, FIGURES):
        match line:
            case Counted():
                assert until <= line.begins < line.ends
                total, until = total + line.length, line.ends
                assert line.total == total
                assert not business or calendar.business_time(line.begins, line.ends) == line.length
            case Due():
                assert (line.at, line.allowance) == (until, total)
                assert line.at == due_of(leg, calendar, line.share)
            case HeldUp():
                assert line.left == leg.allowance(line.share) - total > timedelta(0)
                assert leg.due(calendar, line.share) is None
        if isinstance(line, Due | HeldUp):
            seen.append((line.alarm, line.share))
    assert seen == [(alarm, share_of(alarm, FIGURES)) for alarm in ALARMS]
