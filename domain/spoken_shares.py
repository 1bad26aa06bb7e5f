"""How people say a discount: 5%, 九五折, 95折, 9.5折, 五个点, 百分之五 (D1)."""

from __future__ import annotations

import re
from decimal import Decimal

from domain.moments.wording import ALONE, DIGITS, NUMBER, number, tidy

_POINT = r"[.点]"
_HAN = rf"[零〇两{DIGITS}]"
_PLAIN = rf"(?:[0-9]{{1,2}}(?:\.[0-9]{{1,2}})?|{NUMBER}(?:点{_HAN}{{1,2}})?)"
_PERCENT = re.compile(
    rf"{ALONE}(?:百分之(?P<of>{_PLAIN})|(?P<before>{_PLAIN}) ?(?:%|个?百分点|个点))(?![0-9{DIGITS}])"
)
_FOLD = re.compile(
    rf"{ALONE}(?!10+折)(?P<whole>[0-9]|{_HAN}){_POINT}?(?P<tenth>[0-9]|{_HAN})?(?P<fen>[0-9])?折"
)
_NOT = re.compile(r"不要|不用|不需要|别|无需|没有")


def read_share(text: str) -> Decimal | None:
    """The share that is to be taken off, 0.05 for 5 % or 9.5 折; None where none is said, or more than one.

    Always between 0 and 1, whole hundredths of a percent. A mere number is none: 9 may be 9 % or 9 折.
    """
    plain = tidy(text)
    if _NOT.search(plain):
        return None
    found = {_percent(match) for match in _PERCENT.finditer(plain)}
    found |= {_fold(match) for match in _FOLD.finditer(plain)}
    share = found.pop() if len(found) == 1 else Decimal(0)
    return share if 0 < share < 1 else None


def _percent(match: re.Match[str]) -> Decimal:
    return _decimal(match["of"] or match["before"]) / 100


def _fold(match: re.Match[str]) -> Decimal:
    """九五折 and 9.5 折 leave 0.95 of the price, 9 折 leaves 0.9; 10 折 is the whole price and was not matched."""
    left = Decimal(number(match["whole"])) / 10
    for place, digit in enumerate((match["tenth"], match["fen"]), start=2):
        left += Decimal(number(digit)).scaleb(-place) if digit else 0
    return 1 - left


def _decimal(word: str) -> Decimal:
    """5, 5.5, 五 or 五点五."""
    if word.replace(".", "").isdecimal() and word.isascii():
        return Decimal(word)
    whole, _, part = word.partition("点")
    digits = "".join(str(number(digit)) for digit in part)
    return Decimal(f"{number(whole)}.{digits or 0}")
