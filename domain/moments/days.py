"""Days as customers name them: 明天, 下周三, 12月1号, 月底, 三天后, 国庆节 (B15)."""

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from domain.moments.calendar_days import (
    ImpossibleTimeError,
    add_months,
    month_ahead,
    next_annual,
    next_monthly,
    next_weekday,
    nth_weekday,
    real_date,
    weekday_in_week,
)
from domain.moments.wording import ALONE, DIGITS, NUMBER, blank, number

Kind = Literal["today", "word", "weekday", "date"]


@dataclass(frozen=True, slots=True)
class Day:
    """A day (or a run of days, both ends included) and the place in the text where it is named."""

    first: date
    last: date
    kind: Kind
    begin: int
    stop: int


Span = tuple[date, date, Kind]
Reader = Callable[[re.Match[str], date], Span | None]

_YEAR = rf"(?:(?P<y>(?:19|20)\d\d|\d\d|[零〇{DIGITS}]{{4}})年|(?P<yw>去年|今年|本年|明年|后年)的?)"
_WHICH = r"(?P<rel>本|这个?|今个?|当|下下个?|下个?|上个?)"
_WEEK = r"(?:周|星期|礼拜)"
_WEEKDAY = rf"(?P<wd>[{DIGITS[:6]}]|[1-7](?!\d)|日(?!常)|天(?!天))(?!次)"
_COUNT = rf"(?P<n>半|[0-9]{{1,3}}|{NUMBER})个?(?P<unit>天|日|周|星期|礼拜|月|年)"
_LATER = r"(?:以后|之后|过后|左右后|后(?![备视轮保刹面排座门窗挡桥]))"
_EARLIER = r"(?:以前|之前|前(?![轮面排座门窗挡大保桥]))"
_NO_MEASURE = r"(?![0-9.:个天万千百元块年月点时分/%公升度级次折岁倍])"
_NO_PLACE = r"(?![码线楼店工车门厅汽柴机油库台桌院座包轮口出地馆柱厂员技])"
_EDGE_BEFORE = r"(?:^|(?<=[\s,，。、;；:在约到改于\u0000订]))"
_EDGE_AFTER = r"(?=$|[\s,，。、;；?？!！~到至日号上下早晚中凌午晨约有可能行过来去吧开我周星礼\u0000-])"
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "今": 0, "下": 1, "下下": 2, "下下下": 3}
_MONTHS = {"上": -1, "本": 0, "这": 0, "今": 0, "当": 0, "下": 1, "下下": 2}
_YEARS = {"去年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
_WORDS = {"今": 0, "本": 0, "明": 1, "听": 1, "后": 2, "昨": -1, "寻": -1, "前": -2}
_HOLIDAYS = {
    "元旦": (1, 1), "情人节": (2, 14), "妇女节": (3, 8), "三八节": (3, 8), "植树节": (3, 12),
    "愚人节": (4, 1), "劳动节": (5, 1), "五一": (5, 1), "青年节": (5, 4), "五四": (5, 4), "儿童节": (6, 1),
    "六一": (6, 1), "建党节": (7, 1), "建军节": (8, 1), "教师节": (9, 10), "国庆": (10, 1),
    "万圣节": (10, 31), "光棍节": (11, 11), "双十一": (11, 11), "双十二": (12, 12),
    "平安夜": (12, 24), "圣诞": (12, 25),
}  # fmt: skip
_LUNAR = re.compile(rf"农历|阴历|正月|腊月|[大年月]?初[{DIGITS}十]")


def _one(day: date, kind: Kind) -> Span:
    return day, day, kind


def _year(found: re.Match[str], today: date) -> int | None:
    """The year that was said in words or figures, or None."""
    if word := found["yw"]:
        return today.year + _YEARS[word]
    if not found["y"]:
        return None
    year = number(found["y"])
    return year if year >= 100 else 2000 + year


def _weekday(word: str) -> int:
    return 6 if word in "日天7" else number(word) - 1


def _offset(found: re.Match[str], today: date) -> Span | None:
    unit, back = found["unit"], found["past"] is not None
    half = found["n"] == "半"
    if half and unit not in "月年":
        return None
    if back and unit in "月年":
        return None  # 三年前买的 tells the age of a car, not a time to come
    count = -1 if back else 1
    if unit in "月年":
        months = 12 if unit == "年" else 1
        if half and unit == "月":
            return _one(today + timedelta(days=15), "word")
        return _one(add_months(today, 6 if half else count * months * number(found["n"])), "word")
    days = 1 if unit in "天日" else 7
    return _one(today + timedelta(days=count * days * number(found["n"])), "word")


def _full_date(found: re.Match[str], today: date) -> Span | None:
    return _one(real_date(int(found["y"]), int(found["m"]), int(found["d"])), "date")


def _western_date(found: re.Match[str], today: date) -> Span | None:
    first, second, year = int(found["a"]), int(found["b"]), int(found["y"])
    month, day = (first, second) if first <= 12 else (second, first)
    return _one(real_date(year if year >= 100 else year + (2000 if year < 70 else 1900), month, day), "date")


def _nth_weekday(found: re.Match[str], today: date) -> Span | None:
    nth = 0 if found["nth"] == "最后一" else number(found["nth"][1:])
    weekday, year = _weekday(found["wd"]), _year(found, today)
    if not found["m"]:
        ahead = _MONTHS[found["rel"].rstrip("个")] if found["rel"] else 0
        return _one(nth_weekday(*month_ahead(today, ahead), nth, weekday), "date")
    month = number(found["m"])
    if not 1 <= month <= 12:
        raise ImpossibleTimeError(f"There is no month {month}; ask for another date.")
    coming = nth_weekday(year or today.year, month, nth, weekday)
    if not year and coming < today:
        coming = nth_weekday(today.year + 1, month, nth, weekday)
    return _one(coming, "date")


def _part_of_month(found: re.Match[str], today: date) -> Span | None:
    if found["rel"]:
        year, month = month_ahead(today, _MONTHS[found["rel"].rstrip("个")])
    elif found["m"]:
        month = number(found["m"])
        year = today.year + (month < today.month)
    else:
        year, month = today.year, today.month
    real_date(year, month, 1)
    length = calendar.monthrange(year, month)[1]
    first, last = {"初": (1, 10), "头": (1, 10), "中": (11, 20)}.get(found["part"][0], (21, length))
    if date(year, month, last) < today and not found["rel"]:
        year, month = month_ahead(date(year, month, 1), 12 if found["m"] else 1)
        last = last if last < 28 else calendar.monthrange(year, month)[1]
    return max(date(year, month, first), min(today, date(year, month, last))), date(year, month, last), "date"


def _month_and_day(found: re.Match[str], today: date) -> Span | None:
    month, day, year = number(found["m"]), number(found["d"]), _year(found, today)
    return _one(real_date(year, month, day) if year else next_annual(today, month, day), "date")


def _day_of_said_month(found: re.Match[str], today: date) -> Span | None:
    year, month = month_ahead(today, _MONTHS[found["rel"].rstrip("个")])
    return _one(real_date(year, month, number(found["d"])), "date")


def _figures(found: re.Match[str], today: date) -> Span | None:
    month, day = int(found["m"]), int(found["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None  # a measure such as 2.0 or 12/45, not a date
    return _one(next_annual(today, month, day), "date")


def _weekend(found: re.Match[str], today: date) -> Span | None:
    weeks = _WEEKS[found["rel"].rstrip("个一")] if found["rel"] else 0
    saturday = weekday_in_week(today, weeks, 5)
    sunday = saturday + timedelta(days=1)
    return (today if today == sunday else saturday), sunday, "weekday"


def _weekday_said(found: re.Match[str], today: date) -> Span | None:
    weekday = _weekday(found["wd"])
    if found["rel"]:
        return _one(weekday_in_week(today, _WEEKS[found["rel"]], weekday), "weekday")
    return _one(next_weekday(today, weekday), "weekday")


def _day_word(found: re.Match[str], today: date) -> Span | None:
    steps = _WORDS[found["w"]]
    further = len(found["far"]) * (1 if steps > 0 else -1)
    return _one(today + timedelta(days=steps + further), "today" if steps == 0 else "word")


def _holiday(found: re.Match[str], today: date) -> Span | None:
    return _one(next_annual(today, *_HOLIDAYS[found["name"]]), "date")


def _day_of_month(found: re.Match[str], today: date) -> Span | None:
    day = number(found["d"])
    return _one(next_monthly(today, day), "date") if 1 <= day <= 31 else None  # 92号 is petrol


_OF_WEEK = r"(?P<rel>上上|上|下{1,3}|这|本|今)(?:一个|个|一)?"
_NOT_COUNTED = rf"(?<![0-9{DIGITS}十两几每半隔])"
# The first pattern that reads a stretch of text takes it: the more exact ones stand first.
_PATTERNS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    # 两周后, 三天以后, 半个月后, 两天前
    (re.compile(rf"{ALONE}(?<!月){_COUNT}(?:{_LATER}|(?P<past>{_EARLIER}))"), _offset),
    # 过两天, 再过一个星期
    (re.compile(rf"(?<!不)再?过(?P<n>半|[0-9]{{1,3}}|{NUMBER})个?(?P<unit>天|周|星期|礼拜|月)(?P<past>(?!))?"),
     _offset),
    # 2026-12-01, 2026.12.1
    (re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\d])"),
     _full_date),
    # 20261201
    (re.compile(r"(?:^|(?<=\s))(?P<y>20\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"), _full_date),
    # 12/25/2026
    (re.compile(r"(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>(?:19|20)\d\d|\d\d)(?![\d/])"),
     _western_date),
    # 十月第一个星期一, 下个月最后一个周五
    (re.compile(rf"(?:(?:{_YEAR}?{ALONE}(?P<m>{NUMBER})|{_WHICH})月份?[的里]?)?"
                rf"(?P<nth>第[{DIGITS[:5]}1-5]|最后一)个?{_WEEK}{_WEEKDAY}"), _nth_weekday),
    # 月底, 三月初, 下个月中旬
    (re.compile(rf"(?:{_WHICH}|{ALONE}(?P<m>{NUMBER}))?月份?(?P<part>初|头|中旬|中(?![国心])|底|末|尾)(?!{NUMBER}[号日])"),
     _part_of_month),
    # 12月1号, 明年三月五日, 十二月二十
    (re.compile(rf"(?:{_YEAR}[,的]?)?{ALONE}(?P<m>{NUMBER})月份?的?(?P<d>{NUMBER})(?:[号日]{_NO_PLACE}|{_NO_MEASURE})"),
     _month_and_day),
    # 本月19号, 下个月5号
    (re.compile(rf"{_WHICH}月份?的?(?P<d>{NUMBER})[号日]"), _day_of_said_month),
    # 12/1, 12.1
    (re.compile(rf"{_EDGE_BEFORE}(?P<m>\d{{1,2}})[./](?P<d>\d{{1,2}})[日号]?{_EDGE_AFTER}"), _figures),
    # 09-01
    (re.compile(r"(?<![\d-])(?P<m>\d\d)-(?P<d>\d\d)(?=$|[^\d点时号日天个:万:-])"), _figures),
    # 12-1
    (re.compile(rf"{_EDGE_BEFORE}(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}})(?=$| )"), _figures),
    # 周末, 下周末
    (re.compile(rf"{_NOT_COUNTED}(?P<rel>(?:上|下{{1,3}}|这|本)(?:一个|个|一)?)?{_WEEK}末"),
     _weekend),
    # 周三, 下个星期五, 下周的周三
    (re.compile(rf"{_NOT_COUNTED}(?<![早晚马])(?:{_OF_WEEK}(?:{_WEEK}[的,，]?)?)?{_WEEK}{_WEEKDAY}"),
     _weekday_said),
    # 明天, 大后天, 明儿
    (re.compile(r"(?<![以之然先])(?P<far>大{0,3})(?P<w>[今明后昨前听寻])(?:天(?![天气性])|天(?=天气)|日|儿个?)"),
     _day_word),
    # 今晚, 明早
    (re.compile(r"(?P<far>)(?P<w>[今明昨])(?=[早晚晨夜])"), _day_word),
    # 本日
    (re.compile(r"(?P<far>)(?P<w>本)日"), _day_word),
    # 国庆节, 元旦
    (re.compile(rf"(?<![周期拜十{DIGITS}\d])(?:三八|五一|六一|八一|十一)?(?:国际)?(?P<name>{'|'.join(_HOLIDAYS)})节?(?!之?[前后]|以[前后]|期|假|一)"),
     _holiday),
    # 29号, 三日
    (re.compile(rf"(?<![第每]){ALONE}(?P<d>{NUMBER})(?:号{_NO_PLACE}|日(?![内三游用均常本元以之前后间]))"),
     _day_of_month),
)  # fmt: skip


def find_days(text: str, today: date) -> tuple[list[Day], str]:
    """All days named in tidy text, in reading order, and the text with them blanked.

    Raises ImpossibleTimeError when a date is named that does not exist.
    """
    if _LUNAR.search(text):
        raise ImpossibleTimeError("Dates of the lunar calendar are not read; ask for the common date.")
    days = []
    for pattern, reader in _PATTERNS:
        for found in pattern.finditer(text):
            if (span := reader(found, today)) is not None:
                days.append(Day(*span, found.start(), found.end()))
                text = blank(text, found.start(), found.end())
    return sorted(days, key=lambda day: day.begin), text
