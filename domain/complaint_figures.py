"""The figures of a month of complaints (C11): kept times, losses, grumbles, and the list above the limits.

A list for managers, not an automatic fine. Every figure names the cases that it counts. A case belongs to the month
in which it was opened, whenever it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from domain.complaint_chain import Leg, legs
from domain.complaints import (
    Complaint,
    ComplaintFigures,
    ComplaintKind,
    Happening,
    Loss,
    Severity,
    Step,
)

if TYPE_CHECKING:
    from domain.calendar import StoreCalendar

NOBODY = ""  # in place of a person: not named yet, or everybody together
_LAST_WORD = (Step.SUMMARY, Step.DEPARTMENT, Step.HANDLING)
"""Whose report counts: what the after-sales manager sums up before what departments say, before the first handling."""


@dataclass(frozen=True, slots=True)
class Served:
    """Vehicles served in the month: in the store, and by those who recorded an arrival themselves."""

    total: int = 0
    by: Mapping[str, int] = field(default_factory=dict)

    def of(self, person: str) -> int:
        """What `person` is measured by: their own vehicles, or the store's where they recorded none."""
        return self.by.get(person) or self.total


@dataclass(frozen=True, slots=True)
class Kept:
    """A step of a case that is over, later than its deadline by `late` (negative: earlier)."""

    number: str
    late: timedelta

    @property
    def on_time(self) -> bool:
        """At the deadline is on time."""
        return self.late <= timedelta(0)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How `person` (NOBODY: all together) kept the times of `step`. What is still open is counted apart."""

    step: Step
    person: str
    ended: tuple[Kept, ...] = ()
    still_open: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    breached: tuple[str, ...] = ()
    raised: tuple[str, ...] = ()

    @property
    def on_time(self) -> tuple[str, ...]:
        """The cases that were."""
        return tuple(each.number for each in self.ended if each.on_time)

    @property
    def late(self) -> tuple[str, ...]:
        """The cases that were."""
        return tuple(each.number for each in self.ended if not each.on_time)

    @property
    def median(self) -> timedelta | None:
        """Half of them were later than this against their deadline (negative: earlier); None where none has ended."""
        return median(each.late for each in self.ended) if self.ended else None  # type: ignore[type-var]

    @property
    def worst(self) -> Kept | None:
        """The latest of them."""
        return max(self.ended, key=lambda each: each.late, default=None)


@dataclass(frozen=True, slots=True)
class Rate:
    """Cases of `person` against the vehicles `served`; `own`: those that they recorded themselves."""

    person: str
    numbers: tuple[str, ...]
    served: int
    own: bool
    limit: Decimal
    deduction: Decimal = Decimal(0)

    @property
    def share(self) -> Decimal | None:
        """Part of the vehicles served; None where no vehicle was recorded: then nothing can be said."""
        return Decimal(len(self.numbers)) / self.served if self.served else None

    @property
    def above(self) -> int:
        """How many cases are more than the limit allows (C11)."""
        allowed = int(self.served * self.limit)
        return max(0, len(self.numbers) - allowed) if self.served else 0

    @property
    def amount(self) -> Decimal:
        """Yuan on the managers' list."""
        return self.above * self.deduction


@dataclass(frozen=True, slots=True)
class VisibleLoss:
    """A case with a visible loss, and the three who answer for it (C11); NOBODY where nobody had that step."""

    number: str
    responsible: str
    supervisor: str
    heads: tuple[str, ...]
    manager: str


@dataclass(frozen=True, slots=True)
class MonthOfComplaints:
    """All figures of one month."""

    numbers: tuple[str, ...]
    served: Served
    punctuality: tuple[Punctuality, ...]
    reopened: tuple[str, ...]
    hidden_losses: tuple[Rate, ...]
    grumbles: tuple[Rate, ...]
    visible_losses: tuple[VisibleLoss, ...]
    major: Rate


def month_of(
    complaints: Sequence[Complaint], served: Served, calendar: StoreCalendar, figures: ComplaintFigures
) -> MonthOfComplaints:
    """The figures of `complaints`, those opened in one month. Raises NeverOpen from the calendar."""
    major = tuple(each.number for each in complaints if each.classification.severity is Severity.MAJOR)
    hidden = _by_person((who, each.number) for each in complaints for who in _losers(each, Loss.HIDDEN))
    grumbles = _by_person(
        (who, each.number)
        for each in complaints
        if each.classification.kind is ComplaintKind.GRUMBLE
        for who in _responsible(each)
    )
    return MonthOfComplaints(
        numbers=tuple(each.number for each in complaints),
        served=served,
        punctuality=_punctuality(complaints, calendar),
        reopened=tuple(each.number for each in complaints if each.of(Happening.REOPENED)),
        hidden_losses=_rates(hidden, served, figures.hidden_loss_limit, figures.deduction),
        grumbles=_rates(grumbles, served, figures.grumble_limit, figures.deduction),
        visible_losses=tuple(
            _visible(each, tuple(who)) for each in complaints if (who := _losers(each, Loss.VISIBLE))
        ),
        major=Rate(NOBODY, major, served.total, False, figures.major_limit),
    )


# ---------------------------------------------------------------- times


def _punctuality(complaints: Iterable[Complaint], calendar: StoreCalendar) -> tuple[Punctuality, ...]:
    """Of every step all together, then one by one those who had it, in the order of the chain."""
    of: dict[tuple[Step, str], list[tuple[str, Leg]]] = {}
    for complaint in complaints:
        for leg in legs(complaint.history):
            of.setdefault((leg.step, NOBODY), []).append((complaint.number, leg))
            if leg.owner:
                of.setdefault((leg.step, leg.owner_name), []).append((complaint.number, leg))
    order = sorted(of, key=lambda each: (list(Step).index(each[0]), each[1] != NOBODY, each[1]))
    return tuple(_kept(step, person, of[step, person], calendar) for step, person in order)


def _kept(step: Step, person: str, had: Sequence[tuple[str, Leg]], calendar: StoreCalendar) -> Punctuality:
    def rung(alarm: Happening) -> tuple[str, ...]:
        return _once(number for number, leg in had if alarm in leg.alarms)

    return Punctuality(
        step,
        person,
        tuple(
            Kept(number, leg.ended_at - due)
            for number, leg in had
            if leg.ended_at is not None and (due := leg.due(calendar)) is not None
        ),
        _once(number for number, leg in had if leg.is_open),
        rung(Happening.WARNED),
        rung(Happening.BREACHED),
        rung(Happening.RAISED),
    )


# ---------------------------------------------------------------- losses


def reports(complaint: Complaint) -> tuple[Mapping[str, Any], ...]:
    """The reports that say how it came to it (C8): the last summary, else the departments', else the first one."""
    for step in _LAST_WORD:
        found = [leg.report for leg in legs(complaint.history) if leg.step is step and leg.report]
        if found:
            return tuple(found[-1:] if step is Step.SUMMARY else found)
    return ()


def _responsible(complaint: Complaint) -> tuple[str, ...]:
    """Who is named as responsible, each once; NOBODY where no report says so yet."""
    named = _once(str(report.get("responsible", "")).strip() for report in reports(complaint))
    return named or (NOBODY,)


def _losers(complaint: Complaint, loss: Loss) -> tuple[str, ...]:
    """Who is responsible for a loss of this sort."""
    return _once(
        str(report.get("responsible", "")).strip()
        for report in reports(complaint)
        if report.get("loss") == loss.value
    )


def _visible(complaint: Complaint, responsible: tuple[str, ...]) -> VisibleLoss:
    had = {
        step: _once(leg.owner_name for leg in legs(complaint.history) if leg.step is step and leg.owner)
        for step in Step
    }
    managers = had[Step.SUMMARY] or had[Step.DISPATCH]
    return VisibleLoss(
        complaint.number,
        responsible[-1],
        had[Step.HANDLING][-1] if had[Step.HANDLING] else NOBODY,
        had[Step.DEPARTMENT],
        managers[-1] if managers else NOBODY,
    )


def _by_person(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for person, number in pairs:
        found.setdefault(person, []).append(number)
    return found


def _rates(
    cases: Mapping[str, Sequence[str]], served: Served, limit: Decimal, deduction: Decimal
) -> tuple[Rate, ...]:
    """Of everybody who has such cases, the most cases first."""
    people = sorted(cases, key=lambda person: (-len(cases[person]), person))
    return tuple(_rate(person, cases[person], served, limit, deduction) for person in people)


def _rate(person: str, numbers: Sequence[str], served: Served, limit: Decimal, deduction: Decimal) -> Rate:
    own = bool(served.by.get(person))
    return Rate(person, tuple(numbers), served.of(person), own, limit, deduction)


def _once(names: Iterator[str] | Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
