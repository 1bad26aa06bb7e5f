"""B12, D7: a bill's lines as colleagues type them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bill_line import guessed_kind, read_bill_lines
from domain.order_line import LineFault, WrongLine
from domain.settlement import Line, LineKind

LABOUR, PARTS, PAINT, EXTRAS = (
    LineKind.LABOUR,
    LineKind.PARTS,
    LineKind.PAINT_LABOUR,
    LineKind.ACCESSORIES,
)


def line(name: str, kind: LineKind, price: str) -> Line:
    return Line(name, kind, Decimal(price))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("刹车片 配件 360", [line("刹车片", PARTS, "360")]),
        ("刹车片　配件　３６０．５０元", [line("刹车片", PARTS, "360.50")]),
        ("刹车片 360 配件", [line("刹车片", PARTS, "360")]),
        ("配件 刹车片 360", [line("刹车片", PARTS, "360")]),
        ("刹车片（配件）360", [line("刹车片", PARTS, "360")]),
        ("360 刹车片 配件", [line("刹车片", PARTS, "360")]),
        ("更换刹车片 120", [line("更换刹车片", LABOUR, "120")]),
        ("更换刹车片 工时 ¥120", [line("更换刹车片", LABOUR, "120")]),
        ("左前门 喷漆 800", [line("左前门", PAINT, "800")]),
        ("左前门喷漆 800块", [line("左前门喷漆", PAINT, "800")]),
        ("喷漆 800", [line("喷漆", PAINT, "800")]),
        ("右后门 钣喷工时 1,280", [line("右后门", PAINT, "1280")]),
        ("脚垫 精品 ０", [line("脚垫", EXTRAS, "0")]),
        ("机油 副厂 260", [line("机油", PARTS, "260")]),
        ("辅料材料费 15.5", [line("辅料材料费", PARTS, "15.50")]),
        (
            "1. 刹车片 配件 360\n2. 拆装 工时 120",
            [line("刹车片", PARTS, "360"), line("拆装", LABOUR, "120")],
        ),
        (
            "刹车片 360 配件；贴膜 1200 精品",
            [line("刹车片", PARTS, "360"), line("贴膜", EXTRAS, "1200")],
        ),
    ],
)
def test_lines_are_read_with_their_kind(typed: str, read: list[Line]) -> None:
    assert read_bill_lines(typed) == tuple(read)


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("刹车片 配件", LineFault.PRICE),
        ("配件", LineFault.PRICE),
        ("360", LineFault.PRICE),
        ("刹车片 -5", LineFault.PRICE),
        ("刹车片 1.005", LineFault.PRICE),
        ("刹车片 10000000", LineFault.PRICE),
        ("刹" * 41 + " 5", LineFault.LONG),
        ("、".join(f"件{place}号 5" for place in "一二三四五六七八九十" * 3), LineFault.MANY),
        ("……", LineFault.NOTHING),
    ],
)
def test_what_cannot_be_a_line_says_why(typed: str, fault: LineFault) -> None:
    with pytest.raises(WrongLine) as refused:
        read_bill_lines(typed)
    assert refused.value.fault is fault


def test_a_price_just_below_ten_million_is_taken() -> None:
    assert read_bill_lines("整车 9999999.99")[0].price == Decimal("9999999.99")


@given(st.text(max_size=120))
def test_whatever_is_typed_gives_possible_lines_or_a_reason(typed: str) -> None:
    """Names are never empty; prices are whole fen, not negative, below ten million."""
    try:
        lines = read_bill_lines(typed)
    except WrongLine:
        return
    assert lines
    for each in lines:
        assert each.name.strip()
        assert 0 <= each.price < 10_000_000
        assert each.price == each.price.quantize(Decimal("0.01"))


@pytest.mark.parametrize(
    ("name", "kind"), [("小保养", LABOUR), ("钣金修复", PAINT), ("精品脚垫", EXTRAS), ("配件费", PARTS)]
)
def test_a_name_alone_says_what_it_is_paid_for(name: str, kind: LineKind) -> None:
    assert guessed_kind(name) is kind
