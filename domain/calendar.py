"""The store's calendar (B4, C7): when it is open, why it is not, and time counted while it is.

Answers are in store time. Sums are made in UTC, so that a day on which the clocks change is counted right.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

from domain.national_days import ChinaDays, NationalDays

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from domain.store import DayHours, SpecialDay, Store

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# A store that stays shut longer than this has no next opening that anybody could plan with.
_LONGEST_SEARCH = 400


class NeverOpen(LookupError):
    """No open day within 400 days: give the store opening hours in the store file (hours or special_days)."""


class DayKind(StrEnum):
    """Why a day is as it is. The values are what customers are told when the day has no name of its own."""

    OPEN = "营业"
    REST = "门店休息"
    HOLIDAY = "法定节假日"
    MOVED_WORKDAY = "调休上班"
    SPECIAL_OPEN = "特别营业"
    SPECIAL_CLOSED = "门店放假"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of open time, store time, end outside it."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """Time that really passes between start and end."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Day:
    kind: DayKind
    name: str
    hours: "DayHours | None"
    edges: tuple[tuple[datetime, datetime], ...]
    """Open times in UTC, in which sums are made and moments compared."""
    spans: tuple[Span, ...]
    """The same in store time."""


class StoreCalendar:
    """Opening hours by weekday, over them the national days, over those the store's own special days.

    Each day has the opening hours that the store file gives for it (`hours`, `hours_from`): new ones leave
    what was counted before them alone. With `national` None the store works through public holidays and
    ignores 调休. Days are worked out once and kept: make one calendar per store file.
    """

    def __init__(self, store: "Store", national: NationalDays | None) -> None:
        self.zone: ZoneInfo = store.zone
        self._hours_on = store.hours_on
        self._national = national
        self._special = {day: special for special in store.special_days for day in _days_of(special)}
        self._days: dict[date, _Day] = {}

    @classmethod
    def of(cls, store: "Store") -> "StoreCalendar":
        """The calendar of this store file, with China's public holidays when the file follows them."""
        return cls(store, ChinaDays() if store.national_holidays else None)

    def open_spans(self, day: date) -> tuple[Span, ...]:
        """Open times of a day in order, breaks cut out; empty when closed."""
        return self._day(day).spans

    def hours(self, day: date) -> "DayHours | None":
        """First opening, last closing and breaks of a day; None when closed."""
        return self._day(day).hours

    def day_kind(self, day: date) -> DayKind:
        """Why the day is open or closed."""
        return self._day(day).kind

    def day_label(self, day: date) -> str:
        """What customers are told of the day: 国庆节, 调休上班, 门店休息, 店庆 …; "" for a usual day."""
        known = self._day(day)
        return "" if known.kind is DayKind.OPEN else known.name or known.kind.value

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody works at this moment: inside opening hours, outside breaks."""
        return any(start <= moment < end for start, end in self._day(self._date(moment)).edges)

    def next_opening(self, after: datetime) -> datetime:
        """The first opening of a day that is later than `after`; the end of a break is no opening."""
        for day in self._from(self._date(after)):
            if (spans := self.open_spans(day)) and spans[0].start.astimezone(UTC) > after:
                return spans[0].start
        raise NeverOpen(NeverOpen.__doc__)

    def previous_closing(self, before: datetime) -> datetime:
        """The last closing of a day not later than `before`; the start of a break is no closing (P8)."""
        for day in self._from(self._date(before), step=-1):
            if (spans := self.open_spans(day)) and spans[-1].end.astimezone(UTC) <= before:
                return spans[-1].end
        raise NeverOpen(NeverOpen.__doc__)

    def next_open_moment(self, moment: datetime) -> datetime:
        """`moment` itself when somebody works then, otherwise the next time somebody does."""
        opens, _ = self._next_edges(moment)
        return max(opens, moment).astimezone(self.zone)

    def worked_spans(self, start: datetime, end: datetime) -> "Iterator[Span]":
        """The open times between two moments, in order, those at the edges cut to them."""
        start, end = start.astimezone(UTC), end.astimezone(UTC)
        day, last = self._date(start), self._date(end)
        while day <= last:
            for opens, closes in self._day(day).edges:
                if (begins := max(opens, start)) < (ends := min(closes, end)):
                    yield Span(begins.astimezone(self.zone), ends.astimezone(self.zone))
            day += _DAY

    def business_time(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments, exact; zero when `end` is not later."""
        return sum((span.length for span in self.worked_spans(start, end)), timedelta(0))

    def business_minutes(self, start: datetime, end: datetime) -> int:
        """Whole working minutes between two moments; 0 when `end` is not later."""
        return self.business_time(start, end) // _MINUTE

    def add_business_time(self, start: datetime, length: timedelta) -> datetime:
        """The first moment at which so much working time has passed since `start`.

        Work that ends with the day ends at closing, not at the next opening; no time at all gives the next
        open moment. Raises NeverOpen when the store stays shut for longer than 400 days before that.
        """
        moment, left = start.astimezone(UTC), max(length, timedelta(0))
        while True:
            opens, closes = self._next_edges(moment)
            begins = max(opens, moment)
            if begins + left <= closes:
                return (begins + left).astimezone(self.zone)
            left -= closes - begins
            moment = closes

    def add_business_minutes(self, start: datetime, minutes: int) -> datetime:
        """`add_business_time` in whole minutes."""
        return self.add_business_time(start, timedelta(minutes=minutes))

    def _next_edges(self, moment: datetime) -> tuple[datetime, datetime]:
        """The open time, in UTC, that `moment` lies in, or else the next one."""
        for day in self._from(self._date(moment)):
            for opens, closes in self._day(day).edges:
                if moment < closes:
                    return opens, closes
        raise NeverOpen(NeverOpen.__doc__)

    def _date(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _from(self, day: date, step: int = 1) -> "Iterator[date]":
        return (day + _DAY * step * ahead for ahead in range(_LONGEST_SEARCH))

    def _day(self, day: date) -> _Day:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = self._work_out(day)
        return known

    def _work_out(self, day: date) -> _Day:
        kind, name, hours = self._decide(day)
        edges = _edges(day, hours, self.zone)
        spans = tuple(Span(start.astimezone(self.zone), end.astimezone(self.zone)) for start, end in edges)
        return _Day(kind, name, hours, edges, spans)

    def _decide(self, day: date) -> "tuple[DayKind, str, DayHours | None]":
        if special := self._special.get(day):
            kind = DayKind.SPECIAL_OPEN if special.hours else DayKind.SPECIAL_CLOSED
            return kind, special.name, special.hours
        week = self._hours_on(day).by_weekday()
        usual = week[day.weekday()]
        if self._national and (holiday := self._national.holiday(day)):
            return DayKind.HOLIDAY, holiday, None
        if self._national and usual is None and self._national.is_moved_workday(day):
            # A store that rests at weekends works this one with the hours of its first working weekday.
            usual = next((hours for hours in week if hours), None)
            return (DayKind.MOVED_WORKDAY if usual else DayKind.REST), "", usual
        return (DayKind.OPEN if usual else DayKind.REST), "", usual


def _days_of(special: "SpecialDay") -> "Iterator[date]":
    day, last = special.day, special.until or special.day
    while day <= last:
        yield day
        day += _DAY


def _edges(day: date, hours: "DayHours | None", zone: "ZoneInfo") -> tuple[tuple[datetime, datetime], ...]:
    if hours is None:
        return ()
    times: list[time] = [hours.opens]
    for pause in sorted(hours.breaks, key=lambda each: each.starts):
        times += [pause.starts, pause.ends]
    times.append(hours.closes)
    # Where the clocks skip an hour a later time of day may come earlier: nothing is worked twice.
    moments = list(accumulate((datetime.combine(day, each, zone).astimezone(UTC) for each in times), max))
    pairs = zip(moments[::2], moments[1::2], strict=True)
    return tuple((start, end) for start, end in pairs if start < end)
