"""O1, B15: what a colleague types of an order at reception is read, whatever its order, width or units."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.order_line import (
    LONGEST_NAME,
    MOST_ITEMS,
    LineFault,
    OrderLine,
    Wish,
    WrongLine,
    plain_name,
    read_arrival,
    read_fuel,
    read_key,
    read_mileage,
    read_order_line,
    read_price,
    read_things,
    read_wishes,
)
from domain.repair_orders import Arrival, PartsOrigin

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
KNOWN = frozenset({"小保养", "大保养"})
AFTERMARKET, CUSTOMER, GENUINE = PartsOrigin.AFTERMARKET, PartsOrigin.CUSTOMER, PartsOrigin.GENUINE


def line(text: str) -> OrderLine:
    return read_order_line(text, NOW, KNOWN)


def items(read: OrderLine) -> list[tuple[str, int | None]]:
    return [(wish.name, None if wish.price is None else int(wish.price)) for wish in read.wishes]


def clock(read: OrderLine) -> str:
    return f"{read.moment.start:%m-%d %H:%M}" if read.moment else ""


# ---------------------------------------------------------------- the whole order in one line


@pytest.mark.parametrize(
    "text",
    [
        "粤B12345 小保养 明天17:00 850",
        "粤B12345 小保养 850 明天17:00",
        "明天17:00 粤B12345 850 小保养",
        "小保养 850元 粤b·12345 明天下午5点",
        "粤B１２３４５　小保养　明天１７：００　８５０元",
        "粤B12345小保养明天17:00交车850块",
        "粤B12345，小保养850，明天17点前",
        "粤B12345 明天 小保养 17:00 850",
        "粤B12345\n小保养 ¥850.00\n预计明天17:00交车",
        "粤B12345 小保养 明天17:00 共850",
    ],
)
def test_o1_one_line_in_any_order(text: str) -> None:
    read = line(text)
    assert read.plate == "粤B12345"
    assert items(read) == [("小保养", 850)]
    assert clock(read) == "11-24 17:00"
    assert read.total is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小保养 398 换刹车片 850 明天17:00", [("小保养", 398), ("换刹车片", 850)]),
        ("小保养398、刹车片850；洗车 50", [("小保养", 398), ("刹车片", 850), ("洗车", 50)]),
        ("小保养 洗车 50 今天17:00", [("小保养", None), ("洗车", 50)]),
        ("更换 前刹车片 850", [("更换 前刹车片", 850)]),
        ("四轮定位 200 三滤 300 今天17:00", [("四轮定位", 200), ("三滤", 300)]),
        ("更换5号电池 50 今天17:00", [("更换5号电池", 50)]),
        ("机油5W30 4L 200 今天18点前", [("机油5W30 4L", 200)]),
        ("大保养 2026-11-24 17:00 1,280", [("大保养", 1280)]),
        ("发动机大修 1.2万", [("发动机大修", 12000)]),
        ("首保 0元", [("首保", 0)]),
        ("5000公里首保 0", [("5000公里首保", 0)]),
    ],
)
def test_o1_several_items_each_with_its_price(text: str, expected: list[tuple[str, int | None]]) -> None:
    assert items(line(f"粤B12345 {text}")) == expected


def test_o1_a_sum_beside_priced_items_is_the_total() -> None:
    read = line("粤B12345 小保养 398 刹车片 850 明天17:00 1248")
    assert (items(read), read.total) == ([("小保养", 398), ("刹车片", 850)], Decimal(1248))
    read = line("粤B12345 小保养 换刹车片 合计1248")
    assert (items(read), read.total) == ([("小保养", None), ("换刹车片", None)], Decimal(1248))


def test_o1_what_is_not_said_is_not_guessed() -> None:
    assert line("") == OrderLine()
    read = line("粤B12345")
    assert (read.plate, read.wishes, read.moment, read.total) == ("粤B12345", (), None, None)
    assert items(line("粤B12345 小保养 明天")) == [("小保养", None)]
    assert line("粤B12345 小保养 明天").moment.grain == "day"  # type: ignore[union-attr]


def test_o1_the_car_is_noted_in_the_same_line() -> None:
    read = line("粤B12345 小保养398 明天17:00 12,345公里 半箱油 钥匙3号")
    assert read.arrival == Arrival(mileage=12345, fuel=4, key="3")
    assert items(read) == [("小保养", 398)]
    assert line("粤B12345 换机油半合成 300").arrival == Arrival()  # no tank is half full here


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("刹车片 副厂 850", [AFTERMARKET]),
        ("副厂 小保养 398", [AFTERMARKET]),
        ("刹车片850 副厂件 小保养 398", [AFTERMARKET, None]),
        ("机油（自备）0 机滤 80", [CUSTOMER, None]),
        ("客户自备机油 0", [CUSTOMER]),
        ("原厂刹车片 1200", [GENUINE]),
        ("刹车片 1200", [None]),
    ],
)
def test_o1_where_parts_come_from_is_heard_in_the_line(text: str, origins: list[PartsOrigin | None]) -> None:
    assert [wish.origin for wish in line(text).wishes] == origins


def test_o1_the_origin_alone_is_no_item() -> None:
    assert read_wishes("刹车片（副厂）850") == (Wish("刹车片", Decimal(850), AFTERMARKET),)


@pytest.mark.parametrize(
    "text",
    ["小保养 -50", "小保养 1e9", "小保养 1e400400400", "小保养 1000000000", "小保养 3.999", "小保养-398"],
)
def test_o1_nonsense_prices_are_refused(text: str) -> None:
    for read in (lambda: line(f"粤B12345 {text} 明天17:00"), lambda: read_wishes(text)):
        with pytest.raises(WrongLine) as wrong:
            read()
        assert wrong.value.fault is LineFault.PRICE


@given(st.text(max_size=300))
def test_b15_no_text_breaks_the_reading(text: str) -> None:
    try:
        read = line(text)
    except WrongLine:
        return
    assert all(0 < len(wish.name) <= LONGEST_NAME for wish in read.wishes)
    assert all(wish.price is None or wish.price >= 0 for wish in read.wishes)


@given(st.text(alphabet="粤B12345小保养 明天17:00850元¥,，、.-万公里油箱半自备\n", max_size=120))
def test_b15_no_likely_text_breaks_it_either(text: str) -> None:
    try:
        read = line(text)
    except WrongLine:
        return
    assert len(read.wishes) <= MOST_ITEMS
    read_arrival(text)


# ---------------------------------------------------------------- items


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小保养 398", [("小保养", 398)]),
        ("1. 小保养 398\n2. 刹车片 850", [("小保养", 398), ("刹车片", 850)]),
        ("小保养:398；洗车：50", [("小保养", 398), ("洗车", 50)]),
        ("398 小保养", [("小保养", 398)]),
        ("雨刷2个", [("雨刷2个", None)]),
        ("换轮胎4条 3,200元", [("换轮胎4条", 3200)]),
    ],
)
def test_o1_items_one_per_line(text: str, expected: list[tuple[str, int | None]]) -> None:
    wishes = read_wishes(text, KNOWN)
    assert [(each.name, None if each.price is None else int(each.price)) for each in wishes] == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", LineFault.NOTHING),
        ("，、；", LineFault.NOTHING),
        ("小保养 398 850", LineFault.PRICE),
        ("850", LineFault.PRICE),
        ("很" * (LONGEST_NAME + 1), LineFault.LONG),
        ("\n".join(f"第{place}样活" for place in range(MOST_ITEMS + 1)), LineFault.MANY),
    ],
)
def test_o1_what_is_no_list_of_items(text: str, fault: LineFault) -> None:
    with pytest.raises(WrongLine) as wrong:
        read_wishes(text)
    assert wrong.value.fault is fault


@pytest.mark.parametrize(
    ("text", "price"),
    [("850", 850), ("８５０元", 850), ("¥1,280.00", 1280), ("1.2万", 12000), ("0", 0)],
)
def test_o1_a_price_alone(text: str, price: int) -> None:
    assert read_price(text) == Decimal(price)


@pytest.mark.parametrize(
    "text", ["", "-1", "1e9", "1e400400400", "5e6万", "99999999", "八百", "850-900", "0.001", "9" * 5000]
)
def test_o1_what_is_no_price(text: str) -> None:
    assert read_price(text) is None


def test_a_service_is_typed_without_its_brackets() -> None:
    assert plain_name("小保养（机油机滤）") == "小保养"


# ---------------------------------------------------------------- the car


def test_o1_one_line_of_notes() -> None:
    read = read_arrival("１２３４５公里 半箱油 钥匙3号 行驶证、备胎 行驶证")
    assert read == Arrival(mileage=12345, fuel=4, key="3", items=("行驶证", "备胎"))
    assert read_arrival("随车物品：雨伞 充电器").items == ("雨伞", "充电器")


@pytest.mark.parametrize(
    ("text", "way"),
    [("12345", 12345), ("１２３４５公里", 12345), ("1.2万公里", 12000), ("里程88,000km", 88000), ("0", 0)],
)
def test_o1_mileage(text: str, way: int) -> None:
    assert read_mileage(text) == way


@pytest.mark.parametrize("text", ["", "不知道", "-5", "99999999", "1" * 5000, "半箱油"])
def test_o1_no_mileage(text: str) -> None:
    assert read_mileage(text) is None


@pytest.mark.parametrize(
    ("text", "eighths"),
    [("空", 0), ("¼", 2), ("半箱", 4), ("½", 4), ("３／４", 6), ("油量5/8", 5), ("满", 8), ("满箱油", 8)],
)
def test_o1_fuel_in_eighths(text: str, eighths: int) -> None:
    assert read_fuel(text) == eighths


@pytest.mark.parametrize("text", ["", "9/8", "油", "机油半合成", "不知道"])
def test_o1_no_fuel(text: str) -> None:
    assert read_fuel(text) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("3", "3"),
        ("３号", "3"),
        ("A-12", "A-12"),
        ("钥匙5号", "5"),
        ("8号钥匙", "8"),
        ("在车上", ""),
        ("", ""),
    ],
)
def test_o1_the_key(text: str, key: str) -> None:
    assert read_key(text) == key


def test_o1_things_in_the_car_are_few_and_short() -> None:
    assert read_things("行驶证、备胎，三角牌") == ("行驶证", "备胎", "三角牌")
    assert len(read_things(" ".join(f"第{place}件" for place in range(50)))) == MOST_ITEMS
    assert len(read_things("长" * 500)[0]) == LONGEST_NAME
