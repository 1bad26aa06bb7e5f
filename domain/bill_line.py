"""What a colleague types of a bill: a line each, with what it is paid for and its price (B12, D7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from domain.order_line import LineFault, Wish, WrongLine, read_wishes
from domain.settlement import Line, LineKind

_KINDS: Mapping[LineKind, re.Pattern[str]] = MappingProxyType(
    {
        LineKind.PAINT_LABOUR: re.compile(r"(?:钣喷|钣金|喷漆|油漆)(?:工时费?|人工费?|费)?"),
        LineKind.LABOUR: re.compile(r"工时费?|人工费?|工费|手工费"),
        LineKind.PARTS: re.compile(r"配件费?|零配?件费?|材料费?"),
        LineKind.ACCESSORIES: re.compile(r"精品(?:附件)?费?|附件费?"),
    }
)
"""Words that say what a line is paid for, where they stand by themselves; labour of paintwork before all labour."""

_INSIDE: Mapping[LineKind, re.Pattern[str]] = MappingProxyType(
    {
        LineKind.PAINT_LABOUR: re.compile(r"钣喷|钣金|喷漆|补漆|油漆"),
        LineKind.ACCESSORIES: re.compile(r"精品"),
        LineKind.PARTS: re.compile(r"(?:配件|零件|材料)费?\Z"),
    }
)
"""What a name says about its kind where no word for it stands apart."""


def read_bill_lines(text: str) -> tuple[Line, ...]:
    """Lines one below the other or parted by 、，；: 刹车片 配件 360, 拆装（工时）120元, 贴膜 1,280 精品.

    Where nothing says what a line is paid for, it is labour. Raises WrongLine, also for a line without a price.
    """
    lines: list[Line] = []
    for wish in read_wishes(text):
        words = re.sub(r"[()]", " ", wish.name).split()
        if wish.price is None and lines and len(words) == 1 and (kind := _kind_of(words[0])):
            lines[-1] = replace(lines[-1], kind=kind)  # 刹车片 360 配件
        else:
            lines.append(_line(wish, words))
    return tuple(lines)


def guessed_kind(name: str) -> LineKind:
    """What a line of this name is paid for: labour, unless its name says otherwise."""
    return next((kind for kind, pattern in _INSIDE.items() if pattern.search(name)), LineKind.LABOUR)


def _line(wish: Wish, words: list[str]) -> Line:
    if wish.price is None:
        raise WrongLine(LineFault.PRICE, wish.name)
    said = next((word for word in words if _kind_of(word)), "")
    kind = _kind_of(said)
    if kind is None:
        # Who names where a part comes from sells a part.
        return Line(wish.name, LineKind.PARTS if wish.origin else guessed_kind(wish.name), wish.price)
    return Line(_without(wish.name, said) or wish.name, kind, wish.price)


def _without(name: str, word: str) -> str:
    """The name without the one word that says what the line is paid for, and the brackets around it."""
    rest = re.sub(rf"(?:\A|(?<=[\s(])){re.escape(word)}(?=[\s)]|\Z)", "", name, count=1)
    return " ".join(re.sub(r"\(\s*\)", " ", rest).split())


def _kind_of(word: str) -> LineKind | None:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(word)), None)
