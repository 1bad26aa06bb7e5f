"""Clock times and parts of the day as customers say them: 下午三点半, 9:30, 差一刻九点, 早上 (B15)."""

import re
from dataclasses import dataclass
from typing import Literal

from domain.moments.calendar_days import ImpossibleTimeError
from domain.moments.wording import ALONE, BLANK, DIGITS, NUMBER, number

Band = Literal["night", "morning", "noon", "afternoon", "evening", "late"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day that was named; `first` and `last` are hours of the day (24 = midnight after)."""

    band: Band
    first: int
    last: int
    begin: int
    stop: int
    needs_clock: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock time as it was said; `hour` may still be one of a twelve-hour dial."""

    hour: int
    minute: int
    second: int
    begin: int
    stop: int
    on_24_hours: bool = False
    vague_one: bool = False
    opens_range: bool = False


_BANDS: dict[tuple[Band, int, int], str] = {
    ("night", 0, 6): "凌晨",
    ("morning", 6, 9): "清晨 清早 大清早",
    ("morning", 7, 12): "早 早上 早晨 早间 一早 一大早",
    ("morning", 8, 12): "上 上午 午前 a",
    ("noon", 11, 13): "中午 午间 晌午 正午",
    ("afternoon", 13, 18): "下 下午 午后 p",
    ("evening", 17, 19): "傍晚 黄昏",
    ("evening", 18, 24): "晚 晚上 晚间 夜 下班后 下班以后 下班之后",
    ("late", 20, 24): "夜里 夜晚 夜间",
    ("late", 22, 24): "深夜 半夜 午夜",
}
_PARTS = {word: band for band, words in _BANDS.items() for word in words.split()}
_LONG = "|".join(sorted((word for word in _PARTS if len(word) > 1), key=len, reverse=True))
_BEFORE_CLOCK = rf"(?={NUMBER}[点时:])"
_PART = re.compile(
    rf"(?P<long>{_LONG})(?!好(?:$|[,!。~ 啊呀哦您你我请]))"
    rf"|(?<={BLANK})(?P<after_day>[早晚夜])(?![点了一些安到饭餐班高])"
    rf"|(?<={BLANK})(?P<short>[上下])(?=\d)"
    rf"|(?P<alone>[早晚])(?!一点(?![半钟整正])){_BEFORE_CLOCK}"
    r"|(?:(?<=\d)|(?<=\d )|(?<=点)|(?<=分)|(?<=半))(?P<am_pm>[ap])\.?m(?![a-z0-9])\.?"
    r"|(?<![a-z])(?P<am_pm_first>[ap])\.?m\.?(?= ?\d)|(?<=:\d\d)(?P<glued>[ap])(?![a-z.])"
)

_NO_POINT = r"(?!建议|意见|要求|问题|疑问|原因|说明|积分|水|钱|儿|[都也][不没]|式|定位|几)"
_NO_HOUR = r"(?![候间常刻效速代髦装尚不]|至今日)"
_SAID_MINUTE = rf"(?:[1-5]\d|0\d|[二三四五]?十[{DIGITS}]?|[零〇][{DIGITS}])"
_NOT_A_MEASURE = rf"(?![0-9{DIGITS}十点万升个百千%折ltlx倍米元块度公./:])"
_COLON = re.compile(r"(?<![\d:.])(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?(?!\d)")
_LATIN = re.compile(r"(?<![\d:.])(?P<h>\d{1,2})(?= ?[ap]\.?m(?![a-z0-9]))")
_POINT = re.compile(
    rf"{ALONE}(?:差(?P<to>{NUMBER}|一刻)分?钟?)?(?<!第)(?P<h>{NUMBER})(?:点钟|点{_NO_POINT}|时{_NO_HOUR})"
    rf"(?:(?P<half>半)|(?P<sharp>[整正])|(?P<quarter>[一二三1-3])刻|差(?P<less>{NUMBER}|一刻)分?"
    rf"|过?(?P<m>[零〇]?{NUMBER})分钟?(?:(?P<s>{NUMBER})秒?)?|过?(?P<bare>{_SAID_MINUTE}){_NOT_A_MEASURE}"
    rf"|(?![0-9{DIGITS}]{{1,2}}(?:[万升个百千%折lt倍米元块度公]|$)))"
)
_FIRST_OF_RANGE = re.compile(rf"{ALONE}(?P<h>{NUMBER})(?:-|~|到|至)(?=(?:{NUMBER})(?:点|时{_NO_HOUR}))")
_EITHER_HOUR = re.compile(
    rf"{ALONE}(?P<h>[两{DIGITS}])(?P<next>[{DIGITS}])(?:点钟?{_NO_POINT})(?![{DIGITS}])"
)


def find_parts(text: str) -> list[Part]:
    """All parts of the day named in tidy text (下午, 今晚, a.m.); a greeting such as 早上好 is none."""
    parts = []
    for found in _PART.finditer(text):
        word = found[found.lastgroup or 0]
        parts.append(Part(*_PARTS[word], found.start(), found.end(), needs_clock=word in "ap"))
    return parts


def find_clocks(text: str) -> list[Clock]:
    """All clock times in tidy text, in reading order.

    Raises ImpossibleTimeError for a time that no clock shows (25点, 3点75分).
    """
    clocks = [_from_figures(found) for found in _COLON.finditer(text)]
    clocks += [_plain(found, 0) for found in _LATIN.finditer(text)]
    clocks += [_from_points(found) for found in _POINT.finditer(text)]
    clocks += [_plain(found, 0, opens=True) for found in _FIRST_OF_RANGE.finditer(text)]
    for found in _EITHER_HOUR.finditer(text):
        if number(found["next"]) == number(found["h"]) + 1:  # 八九点 is eight or nine
            clocks.append(_plain(found, 0))
    return sorted(clocks, key=lambda clock: clock.begin)


def _plain(found: re.Match[str], minute: int, *, opens: bool = False) -> Clock:
    return _checked(Clock(number(found["h"]), minute, 0, found.start(), found.end(), opens_range=opens))


def _from_figures(found: re.Match[str]) -> Clock:
    second = int(found["s"] or 0)
    padded = found["h"].startswith("0")
    clock = Clock(int(found["h"]), int(found["m"]), second, found.start(), found.end(), on_24_hours=padded)
    return _checked(clock)


def _from_points(found: re.Match[str]) -> Clock:
    hour, minute = number(found["h"]), 0
    if found["half"]:
        minute = 30
    elif found["quarter"]:
        minute = 15 * number(found["quarter"])
    elif said := found["m"] or found["bare"]:
        minute = number(said)
    if short := found["to"] or found["less"]:
        hour, minute = hour - 1, 60 - (15 if short == "一刻" else number(short))
    second = number(found["s"]) if found["s"] else 0
    nothing_more = not (found["half"] or found["sharp"] or found["quarter"] or found["bare"] or found["m"])
    vague = found["h"] == "一" and nothing_more and "钟" not in found[0]
    return _checked(Clock(hour, minute, second, found.start(), found.end(), vague_one=vague))


def _checked(clock: Clock) -> Clock:
    midnight = clock.hour == 24 and clock.minute == clock.second == 0
    if not (midnight or (0 <= clock.hour <= 23 and 0 <= clock.minute <= 59 and clock.second <= 59)):
        raise ImpossibleTimeError(f"No clock shows {clock.hour}:{clock.minute:02}; ask for another time.")
    return clock


def hour_of_day(hour: int, band: Band | None) -> int:
    """The hour from midnight for an hour said in a part of the day; 24 and more is the next day."""
    if band is None or hour > 12:
        return hour
    match band:
        case "night":
            return hour % 12
        case "morning":
            return hour
        case "noon":
            return hour + 12 if 1 <= hour <= 4 else hour
        case "afternoon":
            return hour if hour in (0, 12) else hour + 12
        case "evening":
            return hour % 12 + (12 if 5 <= hour < 12 else 24)
        case "late":
            return hour % 12 + (24 if hour in (0, 12) else 12 if hour > 5 else 0)
