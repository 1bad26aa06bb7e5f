"""C11: the figures of a month, by hand-made histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from domain.complaint_figures import NOBODY, MonthOfComplaints, Punctuality, Rate, Served, month_of
from domain.complaints import (
    Classification,
    Complainant,
    Complaint,
    ComplaintFigures,
    ComplaintKind,
    Entry,
    Happening,
    Origin,
    Severity,
    Step,
)
from tests.domain.test_complaint_chain import EVERY_DAY, at, pauses

AN_HOUR = timedelta(hours=1)
INTAKE, HANDLING, DISPATCH = "intake.front_desk.1", "handling.front_desk.1", "dispatch.after_sales.1"
WORKSHOP, PARTS, SUMMARY = "department.workshop.1", "department.parts.1", "summary.after_sales.1"
PEOPLE = {INTAKE: "李主管", HANDLING: "李主管", DISPATCH: "陈经理", WORKSHOP: "赵主管", PARTS: "钱经理"}
_numbers = count(1)


def entry(moment: datetime, happening: Happening, leg: str, who: str = "", **details: Any) -> Entry:
    return Entry(moment, happening, leg, 5 if who else 0, who, details)


def step(
    leg: str,
    starts: datetime,
    ends: datetime | None = None,
    hours: int = 12,
    *more: Entry,
    business: bool = False,
    who: str = "",
    **report: str,
) -> list[Entry]:
    """A step of the chain: begun, accepted, `more`, reported, ended."""
    person = who or PEOPLE.get(leg, "陈经理")
    entries = [
        entry(starts, Happening.BEGUN, leg, minutes=hours * 60, business=business),
        entry(starts, Happening.ACCEPTED, leg, person),
        *more,
    ]
    if report:
        entries.append(entry(ends or starts, Happening.REPORTED, leg, person, **report))
    return [*entries, entry(ends, Happening.ENDED, leg, person)] if ends else entries


def case(
    *history: Entry, kind: ComplaintKind = ComplaintKind.VALID, severity: Severity = Severity.NORMAL
) -> Complaint:
    number = f"TS261123-{next(_numbers):03d}"
    about = Classification(kind=kind, severity=severity)
    return Complaint(number, Origin.CUSTOMER, Complainant(), at(23, 9), classification=about, history=history)


def month(*complaints: Complaint, served: Served = Served(), **figures: Any) -> MonthOfComplaints:  # noqa: B008
    return month_of(complaints, served, EVERY_DAY, replace(ComplaintFigures(), **figures))


def times(figures: MonthOfComplaints, of: Step, person: str = NOBODY) -> Punctuality:
    [found] = [each for each in figures.punctuality if (each.step, each.person) == (of, person)]
    return found


def hidden(who: str, loss: str = "hidden") -> Complaint:
    return case(*step(SUMMARY, at(23, 9), at(23, 10), responsible=who, loss=loss))


# Times kept.


def test_on_time_per_step_and_person() -> None:
    early = case(*step(HANDLING, at(23, 9), at(23, 11)))
    just = case(*step(HANDLING, at(23, 9), at(23, 21)))
    late = case(*step(HANDLING, at(23, 9), at(23, 23), who="孙主管"))
    figures = month(early, just, late)
    everybody, li, sun = (times(figures, Step.HANDLING, who) for who in (NOBODY, "李主管", "孙主管"))
    assert (everybody.on_time, everybody.late) == ((early.number, just.number), (late.number,))
    assert (everybody.median, everybody.worst and everybody.worst.late) == (timedelta(0), 2 * AN_HOUR)
    assert (li.on_time, li.late, li.median) == ((early.number, just.number), (), -5 * AN_HOUR)
    assert (sun.on_time, sun.late) == ((), (late.number,))
    assert [each.person for each in figures.punctuality] == [NOBODY, "孙主管", "李主管"]


def test_a_pause_is_no_time_and_working_time_only_where_the_step_said_so() -> None:
    """C7: fifteen hours, six of them waiting for the customer; two working hours over lunch."""
    waited = [replace(each, leg=HANDLING) for each in pauses(at(23, 10), at(23, 16))]
    paused = case(*step(HANDLING, at(23, 9), at(24, 0), 12, *waited))
    over_lunch = case(*step(INTAKE, at(23, 11, 30), at(23, 14, 20), 2, business=True))
    by_the_wall = case(*step(INTAKE, at(23, 11, 30), at(23, 14, 20), 2))
    figures = month(paused, over_lunch, by_the_wall)
    assert times(figures, Step.HANDLING).median == -3 * AN_HOUR
    assert times(figures, Step.INTAKE).on_time == (over_lunch.number,)
    assert times(figures, Step.INTAKE).late == (by_the_wall.number,)


def test_what_is_still_open_is_neither_on_time_nor_late() -> None:
    rung = [
        entry(at(23, 18), Happening.WARNED, HANDLING),
        entry(at(23, 21), Happening.BREACHED, HANDLING),
    ]
    still = case(*step(HANDLING, at(23, 9), None, 12, *rung))
    kept = times(month(still), Step.HANDLING)
    assert (kept.still_open, kept.ended, kept.median, kept.worst) == ((still.number,), (), None, None)
    assert (kept.warned, kept.breached, kept.raised) == ((still.number,), (still.number,), ())


def test_a_reopened_case_is_named_once_and_both_its_rounds_count() -> None:
    """C10."""
    again = case(
        *step(SUMMARY, at(23, 9), at(23, 10)),
        entry(at(23, 10), Happening.CLOSED, ""),
        entry(at(23, 11), Happening.REOPENED, ""),
        entry(at(23, 12), Happening.REOPENED, ""),
        *step(SUMMARY.replace(".1", ".2"), at(23, 11), at(24, 11)),
    )
    figures = month(again, case())
    assert figures.reopened == (again.number,)
    assert (len(times(figures, Step.SUMMARY).on_time), len(times(figures, Step.SUMMARY).late)) == (1, 1)


# Losses and grumbles.


def test_c11_hidden_losses_against_two_percent_of_the_vehicles_that_somebody_served() -> None:
    """50 cars: one case is the limit; three are two above it, 50 yuan each. Who recorded none: the store's cars."""
    cases = [hidden("张师傅"), hidden("张师傅"), hidden("张师傅"), hidden("王师傅"), hidden("吴师傅", "none")]
    figures = month(*cases, served=Served(200, {"张师傅": 50}))
    zhang, wang = figures.hidden_losses
    assert zhang == Rate(
        "张师傅", tuple(each.number for each in cases[:3]), 50, True, Decimal("0.02"), Decimal(50)
    )
    assert (zhang.share, zhang.above, zhang.amount) == (Decimal("0.06"), 2, Decimal(100))
    assert (wang.person, wang.served, wang.own, wang.above, wang.amount) == (
        "王师傅",
        200,
        False,
        0,
        Decimal(0),
    )


@pytest.mark.parametrize(
    ("cases", "served", "limit", "above"),
    [
        (2, 100, "0.02", 0),
        (3, 100, "0.02", 1),
        (2, 99, "0.02", 1),
        (1, 10, "0.02", 1),
        (1, 0, "0.02", 0),
        (3, 100, "0", 3),
    ],
)
def test_c11_at_the_limit_is_not_above_it(cases: int, served: int, limit: str, above: int) -> None:
    """Where no vehicle was recorded nothing is listed: there is nothing to measure by."""
    rate = Rate("张师傅", ("TS1",) * cases, served, True, Decimal(limit), Decimal("12.50"))
    assert (rate.above, rate.amount) == (above, above * Decimal("12.50"))
    assert (rate.share is None) == (served == 0)


def test_c11_grumbles_by_who_is_responsible_and_by_nobody_as_long_as_none_is_named() -> None:
    named = case(*step(HANDLING, at(23, 9), at(23, 10), responsible="前台小张"), kind=ComplaintKind.GRUMBLE)
    unnamed = case(*step(HANDLING, at(23, 9)), kind=ComplaintKind.GRUMBLE)
    valid = case(*step(HANDLING, at(23, 9), at(23, 10), responsible="前台小张"))
    grumbles = month(named, unnamed, valid, served=Served(100)).grumbles
    assert {(each.person, each.numbers) for each in grumbles} == {
        ("前台小张", (named.number,)),
        (NOBODY, (unnamed.number,)),
    }
    assert {each.limit for each in grumbles} == {Decimal("0.03")}


def test_c8_the_summary_has_the_last_word_on_what_was_lost() -> None:
    """Without one the departments have, each for its own; a case counts once for one person."""
    reports = (
        *step(HANDLING, at(23, 9), at(23, 10), responsible="前台小张"),
        *step(WORKSHOP, at(23, 10), at(23, 11), responsible="张师傅", loss="hidden"),
        *step(PARTS, at(23, 10), at(23, 12), responsible="钱经理", loss="none"),
    )
    same = (
        *reports,
        *step("department.sales.1", at(23, 10), at(23, 12), responsible="张师傅", loss="hidden"),
    )
    summed = (*reports, *step(SUMMARY, at(23, 12), at(23, 13), responsible="王师傅", loss="none"))
    assert [each.person for each in month(case(*reports)).hidden_losses] == ["张师傅"]
    assert [len(each.numbers) for each in month(case(*same)).hidden_losses] == [1]
    assert month(case(*summed)).hidden_losses == ()


def test_c11_a_visible_loss_names_the_three_who_answer_for_it() -> None:
    lost = case(
        *step(INTAKE, at(23, 9), at(23, 9, 30)),
        *step(HANDLING, at(23, 9, 30), at(23, 10)),
        *step(DISPATCH, at(23, 10), at(23, 11)),
        *step(WORKSHOP, at(23, 11), at(23, 12), responsible="张师傅", loss="visible"),
        *step(PARTS, at(23, 11), at(23, 12), responsible="钱经理", loss="none"),
    )
    [found] = month(lost, hidden("王师傅")).visible_losses
    assert (found.number, found.responsible) == (lost.number, "张师傅")
    assert (found.supervisor, found.heads, found.manager) == ("李主管", ("赵主管", "钱经理"), "陈经理")


def test_major_complaints_against_one_percent_of_all() -> None:
    grave = case(severity=Severity.MAJOR)
    major = month(grave, case(), served=Served(80, {"张师傅": 80})).major
    assert (major.numbers, major.share, major.limit) == ((grave.number,), Decimal("0.0125"), Decimal("0.01"))
    assert (major.above, major.amount) == (1, Decimal(0))


def test_a_month_without_any() -> None:
    figures = month()
    assert (figures.numbers, figures.punctuality, figures.hidden_losses) == ((), (), ())
    assert figures.major.share is None
