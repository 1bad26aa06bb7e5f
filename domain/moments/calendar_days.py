"""Arithmetic on calendar days: months that lack a day, weeks that start on Monday, the next one to come."""

import calendar
from datetime import date, timedelta


class ImpossibleTimeError(ValueError):
    """The text names a time that does not exist, such as 2月30号 or 25点."""


def real_date(year: int, month: int, day: int) -> date:
    """Make a date; a day that does not exist raises ImpossibleTimeError."""
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ImpossibleTimeError(f"{year}-{month}-{day} is on no calendar; ask for another date.") from error


def next_annual(today: date, month: int, day: int) -> date:
    """The next month and day to come, today included; 29 February waits for a leap year."""
    for year in range(today.year, today.year + 9):
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
            coming = date(year, month, day)
            if coming >= today:
                return coming
    raise ImpossibleTimeError(f"No year has a {month}-{day}; ask for another date.")


def next_monthly(today: date, day: int) -> date:
    """The next month to come that has this day, today included."""
    for ahead in range(13):
        year, month = month_ahead(today, ahead)
        if 1 <= day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    raise ImpossibleTimeError(f"No month has a day {day}; ask for another date.")


def month_ahead(today: date, months: int) -> tuple[int, int]:
    """Year and month that lie so many months ahead (negative: back)."""
    years, month = divmod(today.month - 1 + months, 12)
    return today.year + years, month + 1


def add_months(today: date, months: int) -> date:
    """The same day so many months later; a shorter month gives its last day."""
    year, month = month_ahead(today, months)
    if not 1 <= year <= 9999:
        raise ImpossibleTimeError("That is beyond the calendar; ask for another date.")
    return date(year, month, min(today.day, calendar.monthrange(year, month)[1]))


def weekday_in_week(today: date, weeks: int, weekday: int) -> date:
    """A weekday (0 = Monday) of this week or one so many weeks away; weeks start on Monday."""
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks, days=weekday)


def next_weekday(today: date, weekday: int) -> date:
    """The next such weekday after today: who means today says 今天."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def nth_weekday(year: int, month: int, nth: int, weekday: int) -> date:
    """The nth such weekday of a month, counted from 1; 0 is the last one."""
    if nth == 0:
        last = real_date(year, month, calendar.monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = real_date(year, month, 1)
    return real_date(year, month, 1 + (weekday - first.weekday()) % 7 + 7 * (nth - 1))
