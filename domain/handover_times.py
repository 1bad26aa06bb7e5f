"""Times at which a car can be handed over: what to offer, what was meant, and why a time cannot be had (O1, P5, P8).

A customer can fetch the car while somebody is in the shop, breaks included. Moments that come out are in store time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from domain.pickup import is_shop_open
from domain.understanding import understand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from domain.calendar import StoreCalendar
    from domain.moments import Moment

_DAY = timedelta(days=1)
_MOMENT = timedelta(seconds=1)
_LAST_MINUTES = timedelta(minutes=30)
"""Nobody who comes at the very closing still gets papers, keys and a word about the work."""


_LATER = re.compile(
    r"\s*(?:要|还要|大概|大约)?(?:再|往后)?(?:晚|推迟|延后|延迟|延|加)(?:到)?(?P<length>.*)", re.DOTALL
)


class NotThen(StrEnum):
    """Why a car cannot be handed over at a time."""

    PAST = "past"
    SHUT_DAY = "shut_day"  # a holiday, a day of rest
    SHUT_HOUR = "shut_hour"  # before opening or after closing of an open day
    TOO_FAR = "too_far"


def why_not(moment: datetime, now: datetime, calendar: StoreCalendar, furthest: timedelta) -> NotThen | None:
    """Why a car cannot be handed over at `moment`; None when it can. Later than `furthest` from now is too far."""
    # Years at the ends of the calendar cannot be brought to another time zone.
    if moment.year >= 9999 or moment.year < 1970:
        return NotThen.PAST if moment.year < 1970 else NotThen.TOO_FAR
    if moment.astimezone(UTC) <= now:
        return NotThen.PAST
    if moment.astimezone(UTC) > now.astimezone(UTC) + furthest:
        return NotThen.TOO_FAR
    # At the very closing somebody still is there to hand the keys over; it is only not offered by itself.
    if is_shop_open(moment, calendar) or is_shop_open(moment - _MOMENT, calendar):
        return None
    spans = calendar.open_spans(moment.astimezone(calendar.zone).date())
    return NotThen.SHUT_HOUR if spans else NotThen.SHUT_DAY


def typed_time(text: str, now: datetime, promised: datetime) -> Moment | None:
    """The time in a colleague's words; 晚半小时 counts from the promised time, or from now where that is past (B15)."""
    if later := _LATER.match(text):
        begins = max(promised, now, key=_instant).astimezone(now.tzinfo)
        counted = understand(f"{later['length'].strip()}后", begins).moment
        # 晚上八点 begins like 晚一小时 and says no length.
        if counted is not None and counted.words.endswith("后"):
            return counted
    return understand(text, now).moment


def meant(moment: Moment, now: datetime, calendar: StoreCalendar, furthest: timedelta) -> datetime:
    """The time that typed words mean: 3点 is the half of the day in which it can be had, the first if neither can."""
    other = moment.other_reading
    if other is None or why_not(moment.start, now, calendar, furthest) is None:
        return moment.start
    return moment.start if why_not(other, now, calendar, furthest) else other


def handover_times(after: datetime, calendar: StoreCalendar, most: int) -> tuple[datetime, ...]:
    """The next `most` full hours later than `after` at which the shop is open. Raises NeverOpen as calendars do."""
    return tuple(islice(_hours_after(after.astimezone(calendar.zone), calendar), most))


def times_of_day(day: date, calendar: StoreCalendar, since: int = 0, until: int = 24) -> tuple[datetime, ...]:
    """The full hours of a day at which the shop is open, from `since` to before `until`; none when it is shut."""
    hours = (datetime.combine(day, time(hour), calendar.zone) for hour in range(since, until))
    return tuple(each for each in hours if is_shop_open(each.astimezone(UTC), calendar))


def before_closing(day: date, calendar: StoreCalendar) -> datetime | None:
    """The last time of a day at which a car is handed over, half an hour before closing; None when it is shut."""
    spans = calendar.open_spans(day)
    if not spans:
        return None
    last = spans[-1].end.astimezone(UTC) - _LAST_MINUTES
    return max(last, spans[0].start.astimezone(UTC)).astimezone(calendar.zone)


def nearest(
    wanted: datetime, now: datetime, calendar: StoreCalendar, furthest: timedelta, most: int = 3
) -> tuple[datetime, ...]:
    """Up to `most` full hours around a time that cannot be had, in their order: the last before it, then the next."""
    reason = why_not(wanted, now, calendar, furthest)
    if reason is NotThen.PAST:
        wanted = now
    elif reason is NotThen.TOO_FAR:
        wanted = (now.astimezone(UTC) + furthest).astimezone(calendar.zone)
    around = (*_hours_before(wanted, calendar)[-1:], *handover_times(wanted, calendar, most))
    return tuple(each for each in around if why_not(each, now, calendar, furthest) is None)[:most]


def _hours_after(after: datetime, calendar: StoreCalendar) -> Iterator[datetime]:
    day = after.date()
    while True:
        yield from (each for each in times_of_day(day, calendar) if each > after)
        day = calendar.next_opening(datetime.combine(day + _DAY, time(), calendar.zone) - _MOMENT).date()


def _hours_before(wanted: datetime, calendar: StoreCalendar) -> tuple[datetime, ...]:
    """Those of the day of `wanted`, or else of the last open day before it."""
    day = wanted.astimezone(calendar.zone).date()
    today = tuple(each for each in times_of_day(day, calendar) if each < wanted)
    if today:
        return today
    midnight = datetime.combine(day, time(), calendar.zone)
    return times_of_day((calendar.previous_closing(midnight) - _MOMENT).date(), calendar)


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
