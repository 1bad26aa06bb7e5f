"""What a colleague types of an event that nobody but them saw: 粤B12345 新车 昨天下午三点 (F1)."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, time, timedelta

from domain.moments import Moment
from domain.questionnaires import FollowUpEvent

OLDEST = timedelta(days=30)
"""What happened before that is followed up no more."""

_EVENTS = {
    FollowUpEvent.OWNER_CLASS: re.compile(r"课堂|讲座|活动"),
    FollowUpEvent.HANDED_OVER: re.compile(r"新车|提车|交车|交付"),
    FollowUpEvent.CONSULTED: re.compile(r"咨询|询价|问车"),
}
_WEEKDAY, _MONTH, _DAY_OF_MONTH = re.compile(r"周|星期|礼拜"), re.compile(r"月"), re.compile(r"[日号]")
_POINTS_ON = re.compile(r"[后年]")  # 2小时后, 2027年: nothing before was meant
_NOON = time(12)


def find_event(text: str) -> FollowUpEvent | None:
    """The event that the words name; None for none of ours."""
    return next((event for event, words in _EVENTS.items() if words.search(text)), None)


def happened_at(moment: Moment, now: datetime) -> datetime | None:
    """When something happened that is told with these words: the last time that they fit, noon of a bare day.

    None for the future, and for what lies more than OLDEST back.
    """
    told = moment.start
    if moment.grain == "day":
        told = datetime.combine(told.date(), _NOON, told.tzinfo)
        if told.date() == now.date():
            told = min(told, now)
    # Of two readings the later one that is past: 三点 at four in the afternoon is an hour ago.
    readings = [each for each in (moment.other_reading, told) if each is not None]
    past = [each for each in (_the_last(each, moment, now) for each in readings) if each <= now]
    at = max(past, default=None)
    return at if at is not None and now - at <= OLDEST else None


def _the_last(told: datetime, moment: Moment, now: datetime) -> datetime:
    return told if told <= now else _the_one_before(told, moment)


def _the_one_before(told: datetime, moment: Moment) -> datetime:
    """Words are read forward, 周六 as the next one; the one before it was meant. 明天 has none before it."""
    if _POINTS_ON.search(moment.words):
        return told
    if not moment.day_was_said:
        return told - timedelta(days=1)
    if _WEEKDAY.search(moment.words):
        return told - timedelta(weeks=1)
    if _MONTH.search(moment.words):
        return _on_its_day(told, told.year - 1, told.month)
    if _DAY_OF_MONTH.search(moment.words):
        return _on_its_day(told, *((told.year, told.month - 1) if told.month > 1 else (told.year - 1, 12)))
    return told


def _on_its_day(told: datetime, year: int, month: int) -> datetime:
    """The same day of another month; `told` itself where that month has none."""
    has_it = told.day <= calendar.monthrange(year, month)[1]
    return told.replace(year=year, month=month) if has_it else told
