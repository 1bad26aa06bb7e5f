"""China's public holidays and the weekends worked for them (B4, 调休), for any year."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Protocol

_DAY = timedelta(days=1)
_SATURDAY = 5
# What the law fixes by date, for years beyond all tables (since 2025 with two days of 劳动节).
_FIXED: dict[tuple[int, int], str] = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
# Outside these the tables and the neighbouring years' dates end.
_KNOWN_YEARS = range(1950, 9000)


class NationalDays(Protocol):
    """What a business calendar asks about a day."""

    def holiday(self, day: date) -> str | None:
        """Name of the holiday this day is part of, weekend days joined to it included; None otherwise."""
        ...

    def is_moved_workday(self, day: date) -> bool:
        """Whether this weekend day is worked to make up for a holiday (调休上班)."""
        ...


class ChinaDays:
    """The national calendar of mainland China; the year's table is read when it is first asked for."""

    def holiday(self, day: date) -> str | None:
        """See NationalDays."""
        return _year(day.year).holidays.get(day)

    def is_moved_workday(self, day: date) -> bool:
        """See NationalDays."""
        return day in _year(day.year).workdays


@dataclass(frozen=True, slots=True)
class _Year:
    holidays: dict[date, str]
    workdays: frozenset[date]


@lru_cache(maxsize=16)
def _year(year: int) -> _Year:
    if year not in _KNOWN_YEARS:
        return _Year(_fixed(year), frozenset())
    named, workdays = _table(year)
    holidays = _with_joined_days(named, workdays)
    return _Year(
        {day: name for day, name in holidays.items() if day.year == year},
        frozenset(day for day in workdays if day.year == year),
    )


def _table(year: int) -> tuple[dict[date, str], frozenset[date]]:
    """Holidays, "" where a day off has no own name, and moved workdays, of this year and its neighbours.

    The neighbours count because a run of days off may cross New Year.
    """
    # The tables take longer to import than the rest of the bot's domain: only who asks for a day pays.
    import holidays

    named: dict[date, str] = {}
    workdays: set[date] = set()
    for each in (year - 1, year, year + 1):
        try:
            table = holidays.country_holidays("CN", years=each, language="zh_CN")
        except (KeyError, ValueError, IndexError, OverflowError):
            table = None
        if not table:
            named |= _fixed(each)
            continue
        for day, name in table.items():
            named[day] = "" if name.startswith("休息日") else _short(name)
        workdays |= set(getattr(table, "weekend_workdays", ()))
    return named, frozenset(workdays)


def _fixed(year: int) -> dict[date, str]:
    return {date(year, month, day): name for (month, day), name in _FIXED.items()}


def _short(name: str) -> str:
    """国庆节（观察日） → 国庆节; two holidays on one day keep the first name; New Year's Eve opens 春节."""
    short = name.split(";")[0].split("（")[0].split("(")[0].strip()
    return "春节" if short == "农历除夕" else short


def _with_joined_days(named: dict[date, str], workdays: frozenset[date]) -> dict[date, str]:
    """Give the days off in between, and the weekends that touch a holiday, that holiday's name.

    The State Council announces runs of days ("1 to 7 October"); the table names only those that the law
    names.
    """
    joined = dict(named)
    for step in (_DAY, -_DAY):
        for day in sorted(named, reverse=step < timedelta(0)):
            name, following = joined[day], day + step
            while name and _may_join(following, joined, workdays):
                joined[following] = name
                following += step
    return {day: name or "法定节假日" for day, name in joined.items()}


def _may_join(day: date, joined: dict[date, str], workdays: frozenset[date]) -> bool:
    if day in workdays:
        return False
    return joined[day] == "" if day in joined else day.weekday() >= _SATURDAY
