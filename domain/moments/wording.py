"""Tidy text and Chinese numerals, so that the readers of days and clocks see one spelling only."""

import re
from functools import lru_cache

DIGITS = "一二三四五六七八九"
"""The Chinese digits one to nine, for use inside a character class."""

NUMBER = rf"(?:[0-9]{{1,2}}|[{DIGITS}]?十[{DIGITS}]?|[廿卅][{DIGITS}]?|[零〇两{DIGITS}])"
"""A number from 0 to 99 in digits (12), characters (十二, 廿三) or colloquial form (两)."""

ALONE = rf"(?<![0-9.零〇两十廿卅{DIGITS}])"
"""What follows does not continue a longer number."""

BLANK = "\0"
"""Stands for characters that were already read as something else."""

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_VARIANTS = str.maketrans(
    "點時後週禮號兩個這來過間內鐘聽尋當節兒\u2014\u2013\u301c\u3000",
    "点时后周礼号两个这来过间内钟听寻当节儿--~ ",
)
_ONE_TO_ONE = {**_VARIANTS, **_FULL_WIDTH}
_CJK = "\u2e80-\u9fff"
_LOOSE_SPACE = re.compile(rf"(?<=[{_CJK}])\s+|\s+(?=[{_CJK}])")
_GLUED_CLOCK = re.compile(r"(\d{4}[-/.]\d{2}[-/.]\d{2})(?=\d{1,2}:\d{2})")
_VALUES = {char: value % 10 for value, char in enumerate("零一二三四五六七八九0123456789")} | {
    "〇": 0,
    "两": 2,
}
_TENS = {"十": 10, "廿": 20, "卅": 30}


@lru_cache(maxsize=1)  # one message is read for a plate, a phone number, a time and an intent
def half_width(text: str) -> str:
    """Turn full-width letters, digits and signs into plain ones; the length stays the same."""
    return text.translate(_ONE_TO_ONE)


def tidy(text: str) -> str:
    """Bring typed text into the one spelling that the patterns read.

    Full width becomes half width, traditional time characters become simplified ones, letters become
    lower case, spaces beside Chinese characters go, and a clock glued to a date is set apart.
    """
    loose = half_width(text).lower()
    return _GLUED_CLOCK.sub(r"\1 ", _LOOSE_SPACE.sub("", loose)).replace("元月", "1月")


def number(word: str) -> int:
    """Read a number written in digits or Chinese characters: 12, 十二, 廿三, 两, 二零二六, 零五.

    Raises ValueError for a word that is no number; the patterns only hand over numbers.
    """
    if word.isdecimal():
        return int(word)
    for sign, value in _TENS.items():
        before, found, after = word.partition(sign)
        if found:
            tens = _VALUES[before] * 10 if before else value
            return tens + (_VALUES[after] if after else 0)
    return int("".join(str(_VALUES[char]) for char in word))


def blank(text: str, begin: int, stop: int) -> str:
    """Take a stretch of text out of the reading without moving what stands around it."""
    return text[:begin] + BLANK * (stop - begin) + text[stop:]
