"""From the days and clocks that a text names to the one moment that the customer means (B15).

The order is always the same: tidy the spelling, find days, find clocks, put together what belongs together.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from domain.moments.calendar_days import ImpossibleTimeError
from domain.moments.clocks import Clock, Part, find_clocks, find_parts, hour_of_day
from domain.moments.days import Day, find_days
from domain.moments.spans import find_span
from domain.moments.wording import tidy

_MAY_HOLD_TIME = re.compile(r"[0-9一二三四五六七八九十两廿卅零〇半天日今明昨周末礼星月早晚晨午夜黄下节国元]")
_EITHER = re.compile(r"[\s,、/或者还是和及到至~-]*\Z")
_TO = re.compile(r"(?:到|至|-|~){1,2}\Z")
_SIDE_BY_SIDE = re.compile(r"[\s,、()是就]*\Z")
_REFUSED = re.compile(
    r"[都也我是有可能的就,]{0,3}(?:不行(?!吗)|不可以|不方便|不在|不来|不去|没空|没有空|没时间|没有时间|来不了|去不了|到不了"
    r"|有事|限行|不能来|不能去|到期|过期|买的|上牌|除外)"
)
_RULED_OUT = re.compile(r"(?:不要|别约?|除了|除|不是)\Z")
_VAGUE_PERIOD = re.compile(r"(?:[上下这本]|最近)(?:一个|个|一)?(?:周|星期|礼拜|月)|改天|哪天|[这过][几两]天")
_NEAR = 6
"""Characters that may stand between 下午 and its 三点."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time that a text names, in the time zone of `now`.

    `start` is midnight for grain "day", the beginning of the stretch for "daypart", the exact time for
    "minute". `end` is exclusive; it is there for a part of the day, a run of days and a said range.
    `clock_is_ambiguous`: hour 1 to 11 without 上午/下午, so that `other_reading` may be meant (09:30 with
    its nought is on 24 hours and certain). `words` is what was read, tidied.
    """

    start: datetime
    end: datetime | None
    grain: Literal["day", "daypart", "minute"]
    clock_is_ambiguous: bool
    day_was_said: bool
    clock_was_said: bool
    words: str

    @property
    def other_reading(self) -> datetime | None:
        """The same words twelve hours apart: that day's other half, or without a day the next time round."""
        if not self.clock_is_ambiguous:
            return None
        half = timedelta(hours=12)
        return self.start - half if self.day_was_said and self.start.hour >= 12 else self.start + half


@dataclass(frozen=True, slots=True)
class _Phrase:
    """One day with the clock and part of the day that belong to it; any of them may be missing."""

    day: Day | None
    part: Part | None
    clock: Clock | None
    until: Clock | None = None
    until_part: Part | None = None

    def finds(self) -> list[Day | Part | Clock]:
        """What the phrase was made of."""
        return [find for find in (self.day, self.part, self.clock, self.until) if find is not None]

    def has_clock(self) -> bool:
        return self.clock is not None or self.part is not None


def understand_moment(text: str, now: datetime) -> Moment | None:
    """Read the time that a customer typed; `now` is aware store time, and so is the answer.

    None when the text names no time, or one that does not exist (2月30号, 25点). Never raises for any text.
    The future wins over the past: of 昨天来过，明天再来 the answer is 明天. A clock or part of the day
    without a day is its next occurrence, an ambiguous hour then the next on a twelve-hour dial (at noon
    3点 is 15:00). An ambiguous hour of a named day is taken as it was said (明天3点 is 3:00): the caller
    who knows opening hours looks at `other_reading`.
    """
    neat = tidy(text)
    if _MAY_HOLD_TIME.search(neat) is None:
        return None
    try:
        return _understand(neat, now)
    except (ImpossibleTimeError, OverflowError):
        return None


def _understand(text: str, now: datetime) -> Moment | None:
    span = find_span(text)
    days, rest = find_days(text, now.date())
    clocks = [clock for clock in find_clocks(rest) if span is None or not span[1] <= clock.begin < span[2]]
    phrase = _meant(_phrases(days, find_parts(rest), clocks, rest), text, now.date())
    if span is not None and not (phrase and phrase.day and phrase.clock):
        length, begin, stop = span
        start = (now.astimezone(UTC) + length).astimezone(now.tzinfo).replace(microsecond=0)
        return Moment(start, None, "minute", False, False, True, text[begin:stop])
    return None if phrase is None else _moment(phrase, text, now)


def _phrases(days: Sequence[Day], parts: Sequence[Part], clocks: Sequence[Clock], text: str) -> list[_Phrase]:
    """Group the finds: each clock belongs to the day before it, what precedes all days to the first one."""
    starts = [day.begin for day in days[1:]] + [len(text)]
    if not days:
        return [_phrase(None, parts, clocks, text)]
    phrases, begin = [], 0
    for day, stop in zip(days, starts, strict=True):
        own_parts = [part for part in parts if begin <= part.begin < stop]
        own_clocks = [clock for clock in clocks if begin <= clock.begin < stop]
        behind = [clock for clock in own_clocks if clock.begin >= day.stop]
        phrases.append(_phrase(day, own_parts, behind or own_clocks, text))
        begin = stop
    return phrases


def _phrase(day: Day | None, parts: Sequence[Part], clocks: Sequence[Clock], text: str) -> _Phrase:
    for index, clock in enumerate(clocks):
        part = _part_of(clock, parts, text)
        if clock.vague_one and not _is_one_o_clock(clock, day, part, text):
            continue
        until = clocks[index + 1] if index + 1 < len(clocks) else None
        if until is None or not _is_range(clock, until, parts, text):
            return _Phrase(day, part, clock)
        return _Phrase(
            day, part, clock, until, _part_of(until, [p for p in parts if p.begin >= clock.stop], text)
        )
    whole = [part for part in parts if not part.needs_clock]
    free = [part for part in whole if day is None or part.begin >= day.stop] or whole
    return _Phrase(day, free[0] if free else None, None)


def _is_one_o_clock(clock: Clock, day: Day | None, part: Part | None, text: str) -> bool:
    """Whether 一点 is a time (明天一点, 下午一点, 一点左右) and not a little of something (快一点)."""
    behind = text[clock.stop :]
    if text[: clock.begin] in ("", "那", "就") and (
        not behind or behind.startswith(("左右", "前后", "吧", "可以"))
    ):
        return True
    return any(find is not None and find.stop == clock.begin for find in (day, part))


def _is_range(clock: Clock, until: Clock, parts: Sequence[Part], text: str) -> bool:
    if clock.opens_range:
        return True
    between = text[clock.stop : until.begin]
    for part in parts:
        if clock.stop <= part.begin and part.stop == until.begin:
            between = text[clock.stop : part.begin]
    return _TO.match(between) is not None


def _part_of(clock: Clock, parts: Sequence[Part], text: str) -> Part | None:
    """The part of the day said just before a clock (下午三点) or right behind it (8:00 a.m.)."""
    behind = [part for part in parts if part.needs_clock and text[clock.stop : part.begin].isspace()]
    behind += [part for part in parts if part.needs_clock and part.begin == clock.stop]
    before = [part for part in parts if 0 <= clock.begin - part.stop <= _NEAR]
    return before[-1] if before else behind[0] if behind else None


def _meant(phrases: Sequence[_Phrase], text: str, today: date) -> _Phrase | None:
    """The phrase that counts: the first that is not past; 今天 said in passing yields to a later day."""
    possible = [phrase for phrase in phrases if not _is_refused(phrase, text)]
    coming = [phrase for phrase in possible if phrase.day is None or phrase.day.last >= today]
    if not coming:
        return possible[0] if possible else None
    first, *others = coming
    if first.day is None or not others or (second := others[0]).day is None:
        return first
    between = text[first.day.stop : second.day.begin]
    if first.day.kind == "today" and not first.has_clock() and not _EITHER.match(between):
        return second
    if first.day.kind == "weekday" and second.day.kind == "date" and _SIDE_BY_SIDE.match(between):
        return second
    if first.day.kind == "date" and second.day.kind == "weekday" and _SIDE_BY_SIDE.match(between):
        return _Phrase(first.day, second.part, second.clock, second.until, second.until_part)
    if _TO.match(between) and not first.has_clock() and second.day.last >= first.day.first:
        run = Day(first.day.first, second.day.last, first.day.kind, first.day.begin, second.day.stop)
        return _Phrase(run, second.part, second.clock, second.until, second.until_part)
    return first


def _is_refused(phrase: _Phrase, text: str) -> bool:
    """Whether the customer rules the time out (周三不行, 除了周三) or tells of something else (12月1号到期)."""
    finds = phrase.finds()
    if not finds:
        return True
    if phrase.day is None and _VAGUE_PERIOD.search(text):
        return True  # 下周上午 is some morning of next week, not this one
    begin, stop = min(find.begin for find in finds), max(find.stop for find in finds)
    return bool(_REFUSED.match(text, stop) or _RULED_OUT.search(text[max(0, begin - 4) : begin]))


def _moment(phrase: _Phrase, text: str, now: datetime) -> Moment | None:
    said = phrase.finds()
    words = text[min(find.begin for find in said) : max(find.stop for find in said)]
    if phrase.clock is not None:
        return _clock_moment(phrase, phrase.clock, words, now)
    if phrase.part is not None:
        return _part_moment(phrase.day, phrase.part, words, now)
    return None if phrase.day is None else _day_moment(phrase.day, words, now)


def _day_moment(day: Day, words: str, now: datetime) -> Moment:
    end = _at(day.last, 24, now) if day.last > day.first else None
    return Moment(_at(day.first, 0, now), end, "day", False, True, False, words)


def _part_moment(day: Day | None, part: Part, words: str, now: datetime) -> Moment:
    on = day.first if day else now.date()
    if day is None and _at(on, part.last, now) <= now:
        on += timedelta(days=1)
    start, end = _at(on, part.first, now), _at(on, part.last, now)
    return Moment(start, end, "daypart", False, day is not None, False, words)


def _clock_moment(phrase: _Phrase, clock: Clock, words: str, now: datetime) -> Moment:
    band = phrase.part.band if phrase.part else None
    hour = hour_of_day(clock.hour, band)
    ambiguous = band is None and 1 <= clock.hour <= 11 and not clock.on_24_hours
    on = phrase.day.first if phrase.day else now.date()
    if phrase.day is None or on == now.date():
        hours = (hour, hour + 12) if ambiguous else (hour,)
        choices = [_at(on, each, now, clock) for each in hours]
        if phrase.day is None:
            choices += [_at(on + timedelta(days=1), hour, now, clock)]
        start = next((each for each in choices if each + timedelta(minutes=1) > now), choices[0])
    else:
        start = _at(on, hour, now, clock)
    end = _range_end(start, phrase, now) if phrase.until else None
    return Moment(start, end, "minute", ambiguous, phrase.day is not None, True, words)


def _range_end(start: datetime, phrase: _Phrase, now: datetime) -> datetime | None:
    """The said end, on the half of the dial that puts it behind the start; None if there is none."""
    until = phrase.until
    if until is None:
        return None
    if phrase.until_part is not None:
        hours: tuple[int, ...] = (hour_of_day(until.hour, phrase.until_part.band),)
    else:
        hours = (until.hour, until.hour + 12) if until.hour < 12 else (until.hour,)
    ends = (_at(start.date(), hour, now, until) for hour in hours)
    return next((end for end in ends if end > start), None)


def _at(day: date, hour: int, now: datetime, clock: Clock | None = None) -> datetime:
    """That day at an hour counted from its midnight (24 and more is the next day), in the zone of `now`."""
    day += timedelta(days=hour // 24)
    minute, second = (clock.minute, clock.second) if clock else (0, 0)
    return datetime.combine(day, time(hour % 24, minute, second), tzinfo=now.tzinfo)
