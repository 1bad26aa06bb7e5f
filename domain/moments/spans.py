"""Stretches counted from now in hours and minutes: 半小时后, 一个半小时以后, 再过20分钟 (B15)."""

import re
from datetime import timedelta

from domain.moments.wording import ALONE, NUMBER, number

_COUNT = rf"(?:[0-9]{{1,3}}(?:\.[0-9])?|{NUMBER})"
_AMOUNT = (
    rf"(?:(?P<half>半)个?(?:小时|钟头|钟)|(?P<quarters>[一二三1-3])刻钟"
    rf"|(?P<hours>{_COUNT})(?P<and_half>个半)?个?多?(?:小时|钟头|钟(?!头))(?P<half_more>半)?"
    rf"(?:零?(?P<rest>{NUMBER})分钟?)?|(?P<minutes>[0-9]{{1,3}}|{NUMBER})分钟?)"
)
_LATER = r"(?:左右)?(?:以后|之后|过后|后(?![备视轮保刹面排座门窗挡桥]))"
_EARLIER = r"(?:以前|之前|前(?![轮面排座门窗挡大保桥]))"
_FROM_NOW = re.compile(rf"{ALONE}(?<!第){_AMOUNT}(?:{_LATER}|(?P<past>{_EARLIER}))")
_PASSING = re.compile(rf"(?<![不超])再?过{_AMOUNT}(?P<past>(?!))?")


def find_span(text: str) -> tuple[timedelta, int, int] | None:
    """How far from now the text points and the place where it says so; negative for …前, None if nowhere.

    A bare duration such as 保养2小时 points nowhere.
    """
    found = _FROM_NOW.search(text) or _PASSING.search(text)
    if found is None:
        return None
    length = _length(found)
    return (-length if found["past"] else length), found.start(), found.end()


def _length(found: re.Match[str]) -> timedelta:
    if found["half"]:
        return timedelta(minutes=30)
    if found["quarters"]:
        return timedelta(minutes=15 * number(found["quarters"]))
    if found["minutes"]:
        return timedelta(minutes=number(found["minutes"]))
    said = found["hours"]
    hours = float(said) if said[0].isascii() else number(said)
    halves = 0.5 if found["and_half"] or found["half_more"] else 0.0
    return timedelta(hours=hours + halves, minutes=number(found["rest"]) if found["rest"] else 0)
