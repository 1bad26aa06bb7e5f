"""C4–C6, R4: what the self-check finds in one complaint, and what it leaves in peace."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from domain.calendar import StoreCalendar
from domain.complaint_chain import alarms_of, legs
from domain.complaint_check import (
    PATIENCE,
    CardKept,
    CaseKept,
    Clock,
    Fault,
    Inspection,
    LegKept,
)
from domain.complaints import (
    Complainant,
    Complaint,
    ComplaintFigures,
    ComplaintState,
    Entry,
    Happening,
    Origin,
)
from domain.people import Role
from domain.store import WeekHours
from tests.domain.example_store import example_store
from tests.domain.test_complaint_chain import EVERY_DAY, NAME, at, begun, entry, pauses

if TYPE_CHECKING:
    from collections.abc import Sequence

FIGURES = ComplaintFigures()
INTAKE = NAME.replace("handling", "intake")
NOW = at(23, 10)


@dataclass(frozen=True)
class Colleague:
    person_id: int
    roles: frozenset[Role]
    own_roles: frozenset[Role] = frozenset()
    absent_until: datetime | None = None
    substitute: int = 0


SUPERVISOR = Colleague(5, frozenset({Role.FRONT_DESK_SUPERVISOR}), frozenset({Role.FRONT_DESK_SUPERVISOR}))
ADVISOR = Colleague(6, frozenset({Role.ADVISOR}), frozenset({Role.ADVISOR}))
ACCEPTED = entry(at(23, 9, 10), Happening.ACCEPTED)


def as_planned(*history: Entry, leg: str = NAME, state: ComplaintState = ComplaintState.OPEN) -> CaseKept:
    """A case about which everything in the books is as its history demands."""
    complaint = Complaint("TS261123-001", Origin.CUSTOMER, Complainant(), at(23, 9), state, history=history)
    rows, cards = [], []
    for each in legs(history):
        rows.append(
            LegKept(each.name, each.owner, each.is_open, each.due(EVERY_DAY) if each.is_open else None)
        )
        due = alarms_of(each, FIGURES, EVERY_DAY)
        clocks = [Clock(alarm.value, moment) for alarm, moment in due.items()]
        clocks += [Clock("pause_reminder", at(24, 9))] if each.pause and each.is_open else []
        cards.append(CardKept(each.name, not each.is_open, tuple(clocks)))
    return CaseKept(complaint, cards, rows)


def found(
    case: CaseKept,
    now: datetime = NOW,
    colleagues: Sequence[Colleague] = (SUPERVISOR, ADVISOR),
    since: datetime | None = None,
    calendar: StoreCalendar = EVERY_DAY,
) -> list[tuple[Fault, str]]:
    """The faults, each with its timer or leg."""
    looked = Inspection(now, calendar, FIGURES, colleagues, since).findings(case)
    return [(each.fault, each.name or each.leg) for each in looked]


def told(case: CaseKept, *moments: datetime, instead: tuple[datetime, ...] = ()) -> CaseKept:
    """`case` with alarm letters of these moments on its first card."""
    return replace(case, cards=[replace(case.cards[0], told=moments, told_instead=instead), *case.cards[1:]])


def test_as_planned_nothing_is_found() -> None:
    assert found(as_planned(begun(at(23, 9)))) == []
    assert found(as_planned(begun(at(23, 9)), ACCEPTED)) == []
    assert found(as_planned(begun(at(23, 9)), ACCEPTED, *pauses(at(23, 9, 30)))) == []


def test_c7_a_pause_without_its_reminder_and_a_reminder_without_a_pause() -> None:
    waiting = as_planned(begun(at(23, 9)), ACCEPTED, *pauses(at(23, 9, 30)))
    silent = replace(waiting, cards=[replace(waiting.cards[0], clocks=())])
    assert found(silent) == [(Fault.TIMER_MISSING, "pause_reminder")]
    going_on = replace(
        waiting,
        complaint=as_planned(begun(at(23, 9)), ACCEPTED, *pauses(at(23, 9, 30), at(23, 9, 40))).complaint,
    )
    assert (Fault.TIMER_LEFT, "pause_reminder") in found(going_on)


def test_two_cards_of_one_step() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED)
    assert found(replace(case, cards=[*case.cards, CardKept(NAME)])) == [(Fault.TWO_CARDS, NAME)]
    assert found(replace(case, cards=[*case.cards, CardKept(NAME, over=True)])) == []


# R4: somebody is there


def test_r4_an_owner_who_is_away_needs_somebody_who_stands_in() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED)
    away = replace(SUPERVISOR, absent_until=at(24, 9))
    assert found(case, colleagues=[away, ADVISOR]) == [(Fault.OWNER_AWAY, NAME)]
    assert found(case, colleagues=[replace(away, substitute=6), ADVISOR]) == []
    in_a_circle = replace(ADVISOR, absent_until=at(24, 9), substitute=5)
    assert found(case, colleagues=[replace(away, substitute=6), in_a_circle]) == [(Fault.OWNER_AWAY, NAME)]


def test_r4_a_role_that_was_only_lent_is_over() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED)
    lent = replace(ADVISOR, person_id=5, roles=ADVISOR.roles | SUPERVISOR.roles)
    assert found(case, colleagues=[lent]) == []
    assert found(case, colleagues=[replace(ADVISOR, person_id=5)]) == [(Fault.OWNER_UNFIT, NAME)]


def test_r4_an_unaccepted_step_needs_somebody_at_its_desk() -> None:
    case = as_planned(begun(at(23, 9)))
    away = replace(SUPERVISOR, absent_until=at(24, 9), substitute=6)
    assert found(case, colleagues=[away, ADVISOR]) == [(Fault.DESK_EMPTY, NAME)]
    stands_in = replace(ADVISOR, roles=ADVISOR.roles | SUPERVISOR.roles)
    assert found(case, colleagues=[away, stands_in]) == []
    top = Colleague(9, frozenset({Role.GENERAL_MANAGER}), frozenset({Role.GENERAL_MANAGER}))
    assert found(case, colleagues=[top]) == []


# C6: plan equals sent


def test_c6_an_alarm_has_five_minutes() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED)  # two working hours: 10:30, 11:00, 11:30
    assert found(case, at(23, 10, 30) + PATIENCE) == []
    assert found(case, at(23, 11, 31)) == [(Fault.NOT_RUNG, "warned"), (Fault.NOT_RUNG, "breached")]


def test_c6_a_step_that_ended_without_its_alarm_is_told_for_a_day() -> None:
    ended = as_planned(begun(at(23, 9)), ACCEPTED, entry(at(23, 11, 30), Happening.ENDED))
    silent = [(Fault.NOT_RUNG, "warned"), (Fault.NOT_RUNG, "breached")]
    assert [each for each in found(ended, at(23, 12)) if each[0] is Fault.NOT_RUNG] == silent
    assert [each for each in found(ended, at(24, 11, 31)) if each[0] is Fault.NOT_RUNG] == []


def test_c6_each_alarm_needs_a_letter_of_its_own() -> None:
    """After a standstill two rang at the same moment: one letter tells of one of them only."""
    rang = [entry(at(23, 11, 10), alarm) for alarm in (Happening.WARNED, Happening.BREACHED)]
    case = as_planned(begun(at(23, 9)), ACCEPTED, *rang)
    assert found(case) == [(Fault.NOT_TOLD, "warned"), (Fault.NOT_TOLD, "breached")]
    assert found(told(case, at(23, 11, 10))) == [(Fault.NOT_TOLD, "breached")]
    assert found(told(case, at(23, 11, 10), at(23, 11, 10))) == []
    assert found(told(case, at(23, 11, 11), at(23, 11, 9))) != []
    assert found(case, since=at(23, 11, 11)) == []


def test_c6_a_colleague_who_was_told_instead_of_the_owner_is_enough() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED, entry(at(23, 10, 30), Happening.WARNED))
    assert found(told(case, instead=(at(23, 10, 31),))) == []
    assert found(told(case, instead=(at(23, 10, 29),))) == [(Fault.NOT_TOLD, "warned")]


def test_c6_the_letters_of_the_form_belong_to_the_card_that_it_became() -> None:
    """Accepted, the intake's card goes on as that of the handling."""
    history = (
        begun(at(23, 9), 2, leg=INTAKE),
        entry(at(23, 10, 30), Happening.WARNED, INTAKE),
        entry(at(23, 10, 40), Happening.ACCEPTED, INTAKE),
        entry(at(23, 10, 40), Happening.ENDED, INTAKE),
        begun(at(23, 10, 40), 12),
        entry(at(23, 10, 40), Happening.ACCEPTED),
    )
    case = as_planned(*history)
    one_card = replace(case, cards=[case.cards[1]])
    assert found(one_card, at(23, 10, 50)) == [(Fault.NOT_TOLD, "warned")]
    assert found(told(one_card, at(23, 10, 30)), at(23, 10, 50)) == []


# What the case as a whole says


def test_an_open_case_that_nobody_works_on() -> None:
    over = (begun(at(23, 9)), ACCEPTED, entry(at(23, 10), Happening.ENDED))
    assert found(as_planned(*over)) == [(Fault.NO_LEG, "")]


def test_a_closed_case_with_a_step_left_open() -> None:
    closed = entry(at(23, 10), Happening.CLOSED, "", answer="已退款")
    over = entry(at(23, 10), Happening.ENDED)
    assert found(as_planned(begun(at(23, 9)), ACCEPTED, over, closed, state=ComplaintState.CLOSED)) == []
    left = as_planned(begun(at(23, 9)), ACCEPTED, closed, state=ComplaintState.CLOSED)
    assert found(left) == [(Fault.LEG_LEFT, NAME)]


def test_c10_a_reopened_case_is_open() -> None:
    again = NAME.replace(".1", ".2")
    history = (
        begun(at(23, 9)),
        entry(at(23, 9, 30), Happening.ENDED),
        entry(at(23, 9, 30), Happening.CLOSED, ""),
        entry(at(23, 9, 40), Happening.REOPENED, ""),
        begun(at(23, 9, 40), leg=again),
    )
    assert found(as_planned(*history)) == []
    assert found(as_planned(*history, state=ComplaintState.CLOSED)) == [(Fault.STATE, "")]


def test_lists_that_show_another_owner_moment_or_step() -> None:
    case = as_planned(begun(at(23, 9)), ACCEPTED)
    [row] = case.legs
    for wrong in (
        replace(row, owner=6),
        replace(row, open=False),
        replace(row, due=at(23, 12)),
    ):
        assert found(replace(case, legs=[wrong])) == [(Fault.LIST_WRONG, NAME)]
    assert found(replace(case, legs=[row, replace(row, leg=INTAKE)])) == [(Fault.LIST_WRONG, INTAKE)]


def test_c7_a_store_that_never_opens_is_said_once() -> None:
    shut = StoreCalendar.of(example_store(hours=WeekHours()))
    case = as_planned(begun(at(23, 9)), ACCEPTED)
    assert found(case, calendar=shut) == [(Fault.NEVER_OPEN, "")]
