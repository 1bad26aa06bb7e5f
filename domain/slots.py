"""Free times of the workshop (B3, B4, B11): a 30-minute grid, bays, and a bit for every cell that is taken.

**Cell.** Cell *i* of a day begins *i* grid steps after local midnight. A bay's day is a whole number whose
bit *i* is 1 when cell *i* is taken: two jobs clash exactly when their numbers have a bit in common.

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
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from domain.calendar import StoreCalendar
    from domain.store import Bay, Service, Store

_DAY = timedelta(days=1)
_DAY_MINUTES = 24 * 60
# A job that finds no end within this many days is longer than anything a workshop promises.
_LONGEST_JOB_DAYS = 400


class Busy(StrEnum):
    """How busy a time is (B11). The values are the words on the buttons."""

    FREE = "空闲"
    BUSY = "较忙"
    FULL = "约满"


class Refusal(StrEnum):
    """Why a time cannot be booked; scripts say it kindly."""

    PAST = "past"
    TOO_SOON = "too_soon"  # B3
    BEYOND_HORIZON = "beyond_horizon"
    CLOSED_DAY = "closed_day"
    OUTSIDE_HOURS = "outside_hours"
    BREAK = "break"
    OFF_GRID = "off_grid"
    TOO_LATE_IN_DAY = "too_late_in_day"  # would not be done by closing
    NO_BAY = "no_bay"  # the store has no bay of the kind
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Offer:
    """A start that can be booked, in store time, with the number of bays free for the whole job."""

    start: datetime
    free: int
    busy: Busy


@dataclass(frozen=True, slots=True)
class DayOffer:
    """A day as the day picker shows it.

    `busy` when the day has starts left inside B3's lead, else None and `refusal` says why; FULL has both.
    `starts` is how many times can be booked; `label` is the calendar's word for the day (国庆节), "" if none.
    """

    day: date
    busy: Busy | None
    refusal: Refusal | None
    starts: int
    label: str


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Open cells that follow each other without a break: cells `first` to `first + width - 1` of a day."""

    first: int
    width: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A day's working cells in a row, breaks left out, and the days that long jobs run on to.

    Position *p* of a line is the *p*-th working cell; `today` counts those of the first day.
    """

    days: tuple[date, ...]
    today: int


class Schedule:
    """What can be booked, given what is taken: a picture of one moment, cheap to make and never changed.

    `taken` maps (bay id, day) to the bits taken there, holds included; an absent key means a free day. To
    move an appointment, leave its own bits out.
    """

    def __init__(
        self, store: "Store", calendar: "StoreCalendar", taken: "Mapping[tuple[str, date], int]"
    ) -> None:
        self._calendar = calendar
        self._figures = store.booking
        self._grid = store.booking.grid_minutes
        self._bays = store.bays
        self._taken = taken
        self._stretches: dict[date, tuple[_Stretch, ...]] = {}
        self._longest_day = max(
            (hours.working_minutes // self._grid for hours in store.hours.by_weekday() if hours), default=0
        )

    # What customers are shown

    def offers(self, service: "Service", day: date, now: datetime) -> tuple[Offer, ...]:
        """Every start of the day that `service` can be booked for at `now`, in order (B3, B4, B11)."""
        bays = self._bays_for(service)
        allowed = self._allowed(service, day, now)
        if not allowed or not bays:
            return ()
        runs = self._runs(service, day, bays)
        offers = []
        for position in _bits(allowed):
            free = sum(run >> position & 1 for run in runs)
            if free:
                offers.append(Offer(self._start(day, position), free, self._busy(free, len(bays))))
        return tuple(offers)

    def days(self, service: "Service", now: datetime, count: int) -> tuple[DayOffer, ...]:
        """Today and the days after it, `count` in all but none beyond the horizon, closed ones included."""
        today = now.astimezone(self._calendar.zone).date()
        return tuple(
            self._day_offer(service, today + _DAY * ahead, now)
            for ahead in range(min(count, self._figures.horizon_days + 1))
        )

    def nearest(
        self, service: "Service", wanted: datetime, now: datetime, count: int = 3
    ) -> tuple[Offer, ...]:
        """The offers nearest to the time wanted, nearest first, the earlier of two equals first (B4)."""
        wanted = wanted.astimezone(self._calendar.zone)
        middle = wanted.date()
        today = now.astimezone(self._calendar.zone).date()
        last = today + _DAY * self._figures.horizon_days
        middle = min(max(middle, today), last)
        found: list[Offer] = []
        rings_after_enough = 0
        for ring in range(self._figures.horizon_days + 1):
            for day in {middle - _DAY * ring, middle + _DAY * ring}:
                found += self.offers(service, day, now)
            # One ring more: a morning of the next day can be nearer than a morning of the same day.
            rings_after_enough += len(found) >= count
            if rings_after_enough > 1:
                break
        found.sort(key=lambda offer: (abs(offer.start - wanted), offer.start))
        return tuple(found[:count])

    # What a booking must pass

    def is_bookable(self, service: "Service", start: datetime, now: datetime) -> Refusal | None:
        """None when `start` can be booked at `now`; otherwise the first reason against it (B3, B4)."""
        start = start.astimezone(self._calendar.zone)
        refusal = self._refused_by_time(start, now) or self._refused_by_day(start)
        if refusal:
            return refusal
        bays = self._bays_for(service)
        if not bays:
            return Refusal.NO_BAY
        position = self._position(start)
        if position not in self._starts(service, start.date()):
            return Refusal.TOO_LATE_IN_DAY
        free = any(run >> position & 1 for run in self._runs(service, start.date(), bays))
        return None if free else Refusal.FULL

    def candidate_bays(self, service: "Service", start: datetime) -> tuple[str, ...]:
        """Ids of the bays free for the whole job: the least loaded on its days first, then store order.

        Rules of time (B3, horizon) are not asked here: see `is_bookable`.
        """
        mask = self.mask_for(start, service.minutes)
        free = [
            (sum(self._taken.get((bay.id, day), 0).bit_count() for day in mask), order, bay.id)
            for order, bay in enumerate(self._bays_for(service))
            if not any(self._taken.get((bay.id, day), 0) & cells for day, cells in mask.items())
        ]
        return tuple(bay_id for _, _, bay_id in sorted(free))

    def mask_for(self, start: datetime, minutes: int) -> dict[date, int]:
        """The cells that a job takes, by day, wherever it starts (walk-ins too).

        The first is the working cell that `start` lies in, or the next one. Raises NeverOpen from the
        calendar when the store does not open long enough.
        """
        start = start.astimezone(self._calendar.zone)
        left = self._cells(minutes)
        earliest = (start.hour * 60 + start.minute) // self._grid
        mask: dict[date, int] = {}
        day = start.date()
        for _ in range(_LONGEST_JOB_DAYS):
            for cell in self._working_cells(day, earliest):
                mask[day] = mask.get(day, 0) | 1 << cell
                left -= 1
                if not left:
                    return mask
            day, earliest = day + _DAY, 0
        self._calendar.add_business_minutes(start, minutes)  # says NeverOpen
        raise ValueError(
            f"A job of {minutes} minutes is longer than a workshop can plan: correct the service."
        )

    def end_of(self, start: datetime, minutes: int) -> datetime:
        """Planned completion of work begun at `start`, by working time, in store time."""
        return self._calendar.add_business_minutes(start, minutes)

    # Time

    def _refused_by_time(self, start: datetime, now: datetime) -> Refusal | None:
        if start.astimezone(UTC) < now:
            return Refusal.PAST
        if start.astimezone(UTC) - now < self._figures.minimum_lead:
            return Refusal.TOO_SOON
        today = now.astimezone(self._calendar.zone).date()
        if (start.date() - today).days > self._figures.horizon_days:
            return Refusal.BEYOND_HORIZON
        return None

    def _refused_by_day(self, start: datetime) -> Refusal | None:
        stretches = self._stretches_of(start.date())
        if not stretches:
            return Refusal.CLOSED_DAY
        minute = start.hour * 60 + start.minute
        cell = minute // self._grid
        if not stretches[0].first <= cell < stretches[-1].first + stretches[-1].width:
            return Refusal.OUTSIDE_HOURS
        if not any(each.first <= cell < each.first + each.width for each in stretches):
            return Refusal.BREAK
        if minute % self._grid or start.second or start.microsecond:
            return Refusal.OFF_GRID
        return None

    def _allowed(self, service: "Service", day: date, now: datetime) -> int:
        """Positions of the day at which the job may start as far as time goes, as bits."""
        zone = self._calendar.zone
        if (day - now.astimezone(zone).date()).days > self._figures.horizon_days:
            return 0
        earliest = (now.astimezone(UTC) + self._figures.minimum_lead).astimezone(zone)
        starts = self._starts(service, day)
        if earliest.date() < day:
            return (1 << len(starts)) - 1
        if earliest.date() > day:
            return 0
        seconds = earliest.hour * 3600 + earliest.minute * 60 + earliest.second + (earliest.microsecond > 0)
        first_cell = -(-seconds // (self._grid * 60))
        passed = self._cells_before(day, first_cell)
        return (1 << len(starts)) - 1 & -1 << passed

    # Lines: working cells in a row

    def _stretches_of(self, day: date) -> tuple[_Stretch, ...]:
        known = self._stretches.get(day)
        if known is None:
            known = self._stretches[day] = tuple(
                stretch
                for span in self._calendar.open_spans(day)
                if (stretch := _stretch(span.start, span.end, self._grid)).width > 0
            )
        return known

    def _working_cells(self, day: date, earliest: int) -> "Iterator[int]":
        for stretch in self._stretches_of(day):
            yield from range(max(stretch.first, earliest), stretch.first + stretch.width)

    def _length(self, day: date) -> int:
        return sum(stretch.width for stretch in self._stretches_of(day))

    def _cells_before(self, day: date, cell: int) -> int:
        return sum(min(max(cell - each.first, 0), each.width) for each in self._stretches_of(day))

    def _position(self, start: datetime) -> int:
        return self._cells_before(start.date(), (start.hour * 60 + start.minute) // self._grid)

    def _start(self, day: date, position: int) -> datetime:
        for stretch in self._stretches_of(day):
            if position < stretch.width:
                minute = (stretch.first + position) * self._grid
                return datetime.combine(day, time(minute // 60, minute % 60), self._calendar.zone)
            position -= stretch.width
        raise IndexError(f"{day} has no such working cell")

    def _cells(self, minutes: int) -> int:
        return max(1, -(-minutes // self._grid))

    def _stays_overnight(self, service: "Service") -> bool:
        return self._cells(service.minutes) > self._longest_day

    def _starts(self, service: "Service", day: date) -> range:
        """Positions of the day at which the job may start if no other job were there."""
        length = self._length(day)
        if self._stays_overnight(service):
            return range(length)
        return range(max(0, length - self._cells(service.minutes) + 1))

    def _line(self, service: "Service", day: date) -> _Line:
        today = self._length(day)
        if not self._stays_overnight(service):
            return _Line((day,), today)
        days, length = [day], today
        needed = today + self._cells(service.minutes) - 1
        for _ in range(_LONGEST_JOB_DAYS):
            if length >= needed:
                break
            days.append(days[-1] + _DAY)
            length += self._length(days[-1])
        return _Line(tuple(days), today)

    def _runs(self, service: "Service", day: date, bays: "tuple[Bay, ...]") -> list[int]:
        """Per bay: bit *p* is 1 when the whole job fits into the bay from position *p* of the day."""
        line, cells = self._line(service, day), self._cells(service.minutes)
        return [_run_starts(self._free_line(bay.id, line), cells) for bay in bays]

    def _free_line(self, bay_id: str, line: _Line) -> int:
        free = offset = 0
        for day in line.days:
            taken = self._taken.get((bay_id, day), 0)
            for stretch in self._stretches_of(day):
                window = (1 << stretch.width) - 1
                free |= (~(taken >> stretch.first) & window) << offset
                offset += stretch.width
        return free

    # Bays and marks

    def _bays_for(self, service: "Service") -> "tuple[Bay, ...]":
        return tuple(bay for bay in self._bays if bay.kind == service.bay_kind)

    def _busy(self, free: int, of: int) -> Busy:
        if not free:
            return Busy.FULL
        return Busy.BUSY if of - free >= of * self._figures.busy_share else Busy.FREE

    def _day_offer(self, service: "Service", day: date, now: datetime) -> DayOffer:
        label = self._calendar.day_label(day)
        bays = self._bays_for(service)
        allowed = self._allowed(service, day, now)
        refusal = self._day_refusal(service, day, allowed, bays)
        if refusal:
            return DayOffer(day, None, refusal, 0, label)
        free = [run & allowed for run in self._runs(service, day, bays)]
        starts = 0
        for run in free:
            starts |= run
        busy = self._busy(sum(run.bit_count() for run in free), allowed.bit_count() * len(bays))
        return DayOffer(day, busy, None if starts else Refusal.FULL, starts.bit_count(), label)

    def _day_refusal(
        self, service: "Service", day: date, allowed: int, bays: "tuple[Bay, ...]"
    ) -> Refusal | None:
        if not self._stretches_of(day):
            return Refusal.CLOSED_DAY
        if not bays:
            return Refusal.NO_BAY
        if not self._starts(service, day):
            return Refusal.TOO_LATE_IN_DAY
        return None if allowed else Refusal.TOO_SOON


def _run_starts(free: int, length: int) -> int:
    """Bits at which `length` free cells in a row begin: a run of n doubled is a run of 2n."""
    done = 1
    while done < length and free:
        step = min(done, length - done)
        free &= free >> step
        done += step
    return free


def _bits(mask: int) -> "Iterator[int]":
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _stretch(start: datetime, end: datetime, grid: int) -> _Stretch:
    first = -(-(start.hour * 60 + start.minute) // grid)
    return _Stretch(first, (end.hour * 60 + end.minute) // grid - first)
