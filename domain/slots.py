"""Free times of the workshop (B3, B4, B11): which bays have room for a job, and how busy a time is.

A bay's day is a mask (see `domain.grid`): a job fits where it has no bit in common with what is taken.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from domain.calendar import StoreCalendar
    from domain.store import Bay, Service, Store

_DAY = timedelta(days=1)


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
        self._grid = Grid(store, calendar)
        self._bays = store.bays
        self._taken = taken

    # What customers are shown

    def offers(self, service: "Service", day: date, now: datetime) -> tuple[Offer, ...]:
        """Every start of the day that `service` can be booked for at `now`, in order (B3, B4, B11)."""
        bays = self._bays_for(service)
        allowed = self._allowed(service, day, now)
        if not allowed or not bays:
            return ()
        free = _counted([run & allowed for run in self._runs(service, day, bays)])
        return tuple(
            Offer(self._grid.start(day, position), count, self._busy(count, len(bays)))
            for position, count in enumerate(free)
            if count
        )

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
        position = self._grid.position(start)
        if position not in self._grid.starts(start.date(), service.minutes):
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
        """The cells that a job takes, by day, wherever it starts: see `Grid.mask_for`."""
        return self._grid.mask_for(start, minutes)

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
        grid, cell = self._grid, self._grid.cell(start)
        opening_hours = grid.opening_hours(start.date())
        if not opening_hours:
            return Refusal.CLOSED_DAY
        if cell not in opening_hours:
            return Refusal.OUTSIDE_HOURS
        if not grid.is_worked(start.date(), cell):
            return Refusal.BREAK
        return None if grid.is_on_grid(start) else Refusal.OFF_GRID

    def _allowed(self, service: "Service", day: date, now: datetime) -> int:
        """Positions of the day at which the job may start as far as time goes, as bits."""
        zone = self._calendar.zone
        if (day - now.astimezone(zone).date()).days > self._figures.horizon_days:
            return 0
        earliest = (now.astimezone(UTC) + self._figures.minimum_lead).astimezone(zone)
        every = (1 << len(self._grid.starts(day, service.minutes))) - 1
        if earliest.date() < day:
            return every
        if earliest.date() > day:
            return 0
        first = self._grid.cell(earliest) + (not self._grid.is_on_grid(earliest))
        return every & -1 << self._grid.cells_before(day, first)

    def _runs(self, service: "Service", day: date, bays: "tuple[Bay, ...]") -> list[int]:
        """Per bay: bit *p* is 1 when the whole job fits into the bay from the day's *p*-th working cell."""
        line, cells = self._grid.line(day, service.minutes), self._grid.cells(service.minutes)
        return [_run_starts(self._grid.free(line, self._of_bay(bay)), cells) for bay in bays]

    def _of_bay(self, bay: "Bay") -> "Callable[[date], int]":
        return lambda day: self._taken.get((bay.id, day), 0)

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
        if not self._grid.opening_hours(day):
            return Refusal.CLOSED_DAY
        if not bays:
            return Refusal.NO_BAY
        if not self._grid.starts(day, service.minutes):
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


def _counted(masks: "Sequence[int]") -> "Iterator[int]":
    """How many of `masks` have each bit, the lowest first: their digits are written one under the other."""
    width = max(mask.bit_length() for mask in masks)
    digits = zip(*(f"{mask:0{width}b}" for mask in masks), strict=True)
    return reversed([column.count("1") for column in digits])
