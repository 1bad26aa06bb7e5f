"""The workshop's grid (B4): the day in cells of 30 minutes, and the cells that a job takes.

**Cell.** Cell *i* of a day begins *i* grid steps after local midnight. A bay's day is a whole number, its
mask, whose bit *i* is 1 when cell *i* is taken: two jobs clash exactly when their masks have a bit in common.

**A job** takes as many *working* cells as its minutes need, one after another from its start. A break takes
no cell: work begun before lunch goes on after it in the same bay, and the car keeps the bay meanwhile
because nobody starts a job in a break. What is not done at closing goes on at the next opening (two days of
钣喷).

**A night in the shop** is offered only for a job that is longer than the longest regular working day of the
week. Any other job must be done by closing on the day it starts, else its start is not offered: nobody leaves
the car overnight for an oil change. Staff may still enter such a walk-in; `mask_for` places it.

Cells are wall-clock time; opening hours and breaks lie on the grid (the store file is checked for it).
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from domain.calendar import Span, StoreCalendar
    from domain.store import Store

_DAY = timedelta(days=1)
# A job that finds no end within this many days is longer than anything a workshop promises.
_LONGEST_JOB_DAYS = 400


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Worked cells that follow each other without a break: `first` to `first + width - 1`."""

    first: int
    width: int


class Grid:
    """The working cells of a store, day by day.

    *Positions* count a day's working cells alone, breaks left out: the first cell after lunch follows the
    last one before it.
    """

    def __init__(self, store: "Store", calendar: "StoreCalendar") -> None:
        self._calendar = calendar
        self._minutes = store.booking.grid_minutes
        self._days: dict[date, tuple[_Stretch, ...]] = {}
        self._store = store
        self._longest: dict[int, int] = {}  # by the identity of the week's hours, which the store keeps

    # Cells

    def cells(self, minutes: int) -> int:
        """How many cells a job of so many minutes takes: at least one."""
        return max(1, -(-minutes // self._minutes))

    def cell(self, moment: datetime) -> int:
        """The cell of its day that this moment of store time lies in."""
        return (moment.hour * 60 + moment.minute) // self._minutes

    def is_on_grid(self, moment: datetime) -> bool:
        """Whether a cell begins at exactly this moment of store time."""
        return not ((moment.hour * 60 + moment.minute) % self._minutes or moment.second or moment.microsecond)

    def opening_hours(self, day: date) -> range:
        """Cells from the first opening to the last closing, breaks included; empty when closed."""
        stretches = self._stretches(day)
        return range(stretches[0].first, stretches[-1].first + stretches[-1].width) if stretches else range(0)

    def is_worked(self, day: date, cell: int) -> bool:
        """Whether somebody works in this cell: open and no break."""
        return any(each.first <= cell < each.first + each.width for each in self._stretches(day))

    def cells_before(self, day: date, cell: int) -> int:
        """How many working cells of the day lie before this cell: the position of a worked one."""
        return sum(min(max(cell - each.first, 0), each.width) for each in self._stretches(day))

    # Jobs

    def mask_for(self, start: datetime, minutes: int) -> dict[date, int]:
        """The cells that a job takes, as a mask by day, wherever it starts (walk-ins too).

        The first is the working cell that `start` lies in, or the next one. Raises NeverOpen from the
        calendar when the store does not open long enough.
        """
        start = start.astimezone(self._calendar.zone)
        left, earliest, day = self.cells(minutes), self.cell(start), start.date()
        mask: dict[date, int] = {}
        for _ in range(_LONGEST_JOB_DAYS):
            for cell in self._worked(day, earliest):
                mask[day] = mask.get(day, 0) | 1 << cell
                left -= 1
                if not left:
                    return mask
            day, earliest = day + _DAY, 0
        self._calendar.add_business_minutes(start, minutes)  # says NeverOpen
        raise ValueError(
            f"A job of {minutes} minutes is longer than a workshop can plan: correct the service."
        )

    def starts(self, day: date, minutes: int) -> range:
        """Positions of the day at which the job may start as long as no other job is there."""
        length = self._length(day)
        if self._stays_overnight(day, minutes):
            return range(length)
        return range(max(0, length - self.cells(minutes) + 1))

    def position(self, start: datetime) -> int:
        """The position of the working cell that this moment of store time lies in."""
        return self.cells_before(start.date(), self.cell(start))

    def start(self, day: date, position: int) -> datetime:
        """When the day's cell at this position begins, store time. Raises IndexError beyond the last."""
        for stretch in self._stretches(day):
            if position < stretch.width:
                minute = (stretch.first + position) * self._minutes
                return datetime.combine(day, time(minute // 60, minute % 60), self._calendar.zone)
            position -= stretch.width
        raise IndexError(f"{day} has no such working cell")

    def line(self, day: date, minutes: int) -> tuple[date, ...]:
        """The days that a job may touch which starts on this day: as many as its latest start needs."""
        if not self._stays_overnight(day, minutes):
            return (day,)
        days, length = [day], self._length(day)
        needed = length + self.cells(minutes) - 1
        for _ in range(_LONGEST_JOB_DAYS):
            if length >= needed:
                break
            days.append(days[-1] + _DAY)
            length += self._length(days[-1])
        return tuple(days)

    def free(self, line: tuple[date, ...], taken: "Callable[[date], int]") -> int:
        """The free working cells of these days in a row, bit *p* for position *p*, given each day's mask."""
        free = offset = 0
        for day in line:
            mask = taken(day)
            for stretch in self._stretches(day):
                window = (1 << stretch.width) - 1
                free |= (~(mask >> stretch.first) & window) << offset
                offset += stretch.width
        return free

    def _stays_overnight(self, day: date, minutes: int) -> bool:
        """Whether it fits into no day of the week, by the opening hours in force on `day`."""
        hours = self._store.hours_on(day)
        longest = self._longest.get(id(hours))
        if longest is None:
            worked = (each.working_minutes // self._minutes for each in hours.by_weekday() if each)
            longest = self._longest[id(hours)] = max(worked, default=0)
        return self.cells(minutes) > longest

    def _worked(self, day: date, earliest: int) -> "Iterator[int]":
        for stretch in self._stretches(day):
            yield from range(max(stretch.first, earliest), stretch.first + stretch.width)

    def _length(self, day: date) -> int:
        return sum(stretch.width for stretch in self._stretches(day))

    def _stretches(self, day: date) -> tuple[_Stretch, ...]:
        known = self._days.get(day)
        if known is None:
            cut = (self._stretch(span) for span in self._calendar.open_spans(day))
            known = self._days[day] = tuple(stretch for stretch in cut if stretch.width > 0)
        return known

    def _stretch(self, span: "Span") -> _Stretch:
        first = self.cell(span.start) + (not self.is_on_grid(span.start))
        return _Stretch(first, self.cell(span.end) - first)
