"""Rows of the shop's own list of orders, as exports really write them (O1, O4)."""

from __future__ import annotations

import gc
import weakref
from collections import UserDict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import StoreCalendar
from domain.order_cells import (
    Cell,
    FaultKind,
    Refused,
    Unread,
    read_amount,
    read_items,
    read_mileage,
    read_time,
)
from domain.order_rows import (
    REQUIRED,
    WHOLE_ROW,
    Column,
    Fault,
    OrderRow,
    column_of,
    heading_faults,
    promise_fault,
    read_row,
    read_rows,
)
from tests.domain.example_store import WORKDAYS, example_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
PROMISED = datetime(2026, 11, 24, 17, 0, tzinfo=ZONE)
GOOD: dict[str, Cell] = {
    "工单号": "RO20261123001", "车牌号": "粤B·12345", "客户姓名": "张伟", "手机": "138-1234-5678",
    "维修项目": "小保养、四轮定位", "进厂时间": "2026-11-23 08:30", "预计交车时间": "2026-11-24 17:00",
    "预估金额": "¥1,280.00", "服务顾问": "李娜", "里程": "45,210公里", "故障描述": "刹车异响",
}  # fmt: skip


def faults(**changed: Cell) -> list[tuple[FaultKind, str]]:
    read = read_row(GOOD | changed, NOW, ZONE)
    assert isinstance(read, tuple)
    return [(fault.kind, fault.heading) for fault in read]


def order(cells: dict[str, Cell]) -> OrderRow:
    read = read_row(cells, NOW, ZONE)
    assert isinstance(read, OrderRow), read
    return read


def test_o1_o4_a_row_of_the_shops_system_is_read_whole() -> None:
    read = order(GOOD)
    assert (read.number, read.plate, read.phone) == ("RO20261123001", "粤B12345", "+8613812345678")
    assert (read.customer, read.advisor, read.symptom) == ("张伟", "李娜", "刹车异响")
    assert read.name is not None
    assert read.name.surname == "张"
    assert read.items == ("小保养", "四轮定位")
    assert (read.amount, read.mileage) == (Decimal("1280.00"), 45210)
    assert (read.arrived, read.promised) == (datetime(2026, 11, 23, 8, 30, tzinfo=ZONE), PROMISED)


def test_o4_plate_phone_and_promise_are_enough() -> None:
    read = order({"车牌": "粤B12345", "电话": 13812345678, "承诺交车": datetime(2026, 11, 24, 17, 0)})  # noqa: DTZ001
    assert read == OrderRow(plate=read.plate, phone=read.phone, promised=PROMISED)


def test_o4_a_companys_car_has_a_customer_without_a_persons_name() -> None:
    read = order(GOOD | {"客户姓名": "深圳市顺达物流有限公司"})
    assert (read.customer, read.name) == ("深圳市顺达物流有限公司", None)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("车牌", Column.PLATE), (" 车 牌 号 ", Column.PLATE), ("*车牌号（必填）", Column.PLATE),
        ("\ufeff车牌号", Column.PLATE), ("里程(KM)", Column.MILEAGE), ("库位", None), ("", None),
        ("姓名", Column.CUSTOMER), ("客户", Column.CUSTOMER), ("手机", Column.PHONE), ("联系电话:", Column.PHONE),
        ("项目", Column.ITEMS), ("维修项目", Column.ITEMS), ("承诺交车时间", Column.PROMISED),
        ("预计交车", Column.PROMISED),
        ("进厂时间", Column.ARRIVED), ("估价", Column.AMOUNT), ("金额(元)", Column.AMOUNT), ("单号", Column.NUMBER),
        ("ＲＯ号", Column.NUMBER), ("服务顾问", Column.ADVISOR),
    ],
)  # fmt: skip
def test_o4_headings_are_understood_with_their_synonyms(heading: str, column: Column | None) -> None:
    assert column_of(heading) is column


@pytest.mark.parametrize("column", Column)
def test_o4_the_name_of_a_column_is_one_of_its_headings(column: Column) -> None:
    assert column_of(column.value) is column


def test_o4_a_list_without_a_needed_column_or_with_one_twice_is_refused() -> None:
    assert heading_faults([*GOOD, "库位", "库位", ""]) == ()
    assert heading_faults(["姓名"]) == tuple(Fault(FaultKind.NO_COLUMN, column.value) for column in REQUIRED)
    assert heading_faults([*GOOD, "手机 "]) == (Fault(FaultKind.COLUMN_TWICE, "手机 "),)


def test_o4_of_two_columns_the_surer_one_counts_and_the_other_stands_in_for_it() -> None:
    both: dict[str, Cell] = {"电话": "0755-26001234", **GOOD}
    assert order(both).phone == "+8613812345678"
    assert order(both | {"手机": "-"}).phone == "+8675526001234"


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-24 17:00", "2026-11-24 17:00:00", "2026/11/24 17:00", "2026/11/24  17:00:00.000", "2026.11.24 17:00",
        "2026年11月24日17点", "2026年11月24日 17时00分", "2026年11月24日 星期二 17:00", "11月24日17点", "11-24 17:00",
        "11月24号下午5点", "11/24 下午5:00", "２０２６－１１－２４　１７：００", "2026-11-24T17:00:00+08:00",
        "2026-11-24T09:00:00Z", "2026-11-24T17:00", "20261124 17:00", "202611241700", "20261124170000",
        "2026/11/24 5:00 PM", " 2026-11-24 17:00\t", "'2026-11-24 17:00", "46350.7083333333", 46350.7083333333,
        46350.70833333334, 202611241700, datetime(2026, 11, 24, 16, 59, 59, 999_990),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_o4_a_time_is_read_however_it_is_written(written: Cell) -> None:
    assert read_time(written, NOW, ZONE) == PROMISED


@pytest.mark.parametrize(
    ("written", "hour", "minute"), [("中午12点半", 12, 30), ("中午1点", 13, 0), ("早上8:05", 8, 5)]
)
def test_o4_parts_of_the_day_are_understood(written: str, hour: int, minute: int) -> None:
    assert read_time(f"11月24日{written}", NOW, ZONE) == PROMISED.replace(hour=hour, minute=minute)


def test_o4_a_day_without_a_year_is_the_nearest_one() -> None:
    assert read_time("1月2日10点", NOW, ZONE).year == 2027
    assert read_time("12月30日10点", datetime(2027, 1, 2, tzinfo=ZONE), ZONE).year == 2026
    assert read_time("2月29日10点", datetime(2028, 1, 2, tzinfo=ZONE), ZONE).month == 2


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("20261124", FaultKind.NO_HOUR), (20261124, FaultKind.NO_HOUR), ("2026-11-24", FaultKind.NO_HOUR),
        ("2026年11月24日", FaultKind.NO_HOUR), (46350, FaultKind.NO_HOUR), ("2026-11-24 00:00:00", FaultKind.NO_HOUR),
        (datetime(2026, 11, 24), FaultKind.NO_HOUR),  # noqa: DTZ001
        ("2062-11-24 17:00", FaultKind.FAR_TIME), (44888.7083333333, FaultKind.FAR_TIME),
        ("2026-02-30 10:00", FaultKind.WRONG_TIME), ("2026-11-24 25:00", FaultKind.WRONG_TIME),
        ("2026-13-01 10:00", FaultKind.WRONG_TIME), ("11/24/2026 17:00", FaultKind.WRONG_TIME),
        ("2月29日10点", FaultKind.WRONG_TIME), ("尽快", FaultKind.WRONG_TIME), ("17:00", FaultKind.WRONG_TIME),
        ("1.5", FaultKind.NO_HOUR), (0.7, FaultKind.WRONG_TIME), (-1, FaultKind.WRONG_TIME),
        (1e300, FaultKind.WRONG_TIME),
        (float("nan"), FaultKind.WRONG_TIME), ("########", FaultKind.WRONG_TIME), ("9" * 5000, FaultKind.WRONG_TIME),
        ("0000-01-01 10:00", FaultKind.WRONG_TIME), ("0001-01-01 01:00", FaultKind.FAR_TIME),
        ("9999-12-31 23:59:59", FaultKind.FAR_TIME),
    ],
)  # fmt: skip
def test_o4_a_time_that_says_too_little_or_nonsense_is_told(written: Cell, kind: FaultKind) -> None:
    with pytest.raises(Refused) as refused:
        read_time(written, NOW, ZONE)
    assert refused.value.kind is kind


@pytest.mark.parametrize(
    ("written", "yuan"),
    [
        ("¥1,280.00", "1280.00"), ("￥1,280", "1280.00"), ("1280元", "1280.00"), ("1280", "1280.00"),
        ("1,234,567.8", "1234567.80"), ("1280.000", "1280.00"),
        ("１２８０．５０元", "1280.50"), ("RMB 1280", "1280.00"), ("1.28万", "12800.00"), ("0", "0.00"),
        (1280, "1280.00"), (426.6666666666667, "426.67"), (0.1 + 0.2, "0.30"), (1.005, "1.01"),
    ],
)  # fmt: skip
def test_o4_money_is_read_exactly(written: Cell, yuan: str) -> None:
    assert str(read_amount(written)) == yuan


@pytest.mark.parametrize(
    "written",
    [
        "面议",
        "-5",
        -5,
        -0.01,
        "1280-1500",
        "1,28",
        "12.345",
        "1e5",
        "约800",
        1e300,
        float("inf"),
        "9" * 40,
        "1２三",
    ],
)
def test_o4_what_is_no_sum_is_told(written: Cell) -> None:
    with pytest.raises(Refused, match="wrong_amount"):
        read_amount(written)


@pytest.mark.parametrize(
    ("written", "kilometres"),
    [("45,210公里", 45210), ("45210 KM", 45210), ("4.5万公里", 45000), (45210.9, 45210), ("0", 0)],
)
def test_o1_mileage_is_whole_kilometres(written: Cell, kilometres: int) -> None:
    assert read_mileage(written) == kilometres


def test_o1_items_are_parted_as_people_part_them() -> None:
    text = "1.小保养；2.更换前/后刹车片（进口）、四轮定位\n3、空调清洗，17寸轮毂 5W-30 机油 4.5升"
    assert read_items(text, 100) == (
        "小保养", "更换前/后刹车片(进口)", "四轮定位", "空调清洗", "17寸轮毂 5W-30 机油 4.5升",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "cell", "kind"),
    [
        ("车牌号", "", FaultKind.MISSING), ("车牌号", " - ", FaultKind.MISSING), ("手机", "NULL", FaultKind.MISSING),
        ("车牌号", "新车未上牌", FaultKind.WRONG_PLATE), ("车牌号", "粤B12345/粤B54321", FaultKind.WRONG_PLATE),
        ("车牌号", 12345, FaultKind.WRONG_PLATE), ("手机", "1381234567", FaultKind.WRONG_PHONE),
        ("手机", "138****5678", FaultKind.HIDDEN_PHONE), ("手机", "1.38123E+10", FaultKind.LOST_DIGITS),
        ("工单号", "2.02611E+14", FaultKind.LOST_DIGITS), ("工单号", 2026112300010001, FaultKind.LOST_DIGITS),
        ("预计交车时间", "2026-11-24", FaultKind.NO_HOUR), ("进厂时间", "昨天", FaultKind.WRONG_TIME),
        ("预计交车时间", "2026-11-23 08:30", FaultKind.BEFORE_ARRIVAL), ("预估金额", "面议", FaultKind.WRONG_AMOUNT),
        ("里程", "不详", FaultKind.WRONG_MILEAGE), ("服务顾问", "李" * 61, FaultKind.TOO_LONG),
        ("维修项目", "换" * 101, FaultKind.TOO_LONG), ("预估金额", Unread.FORMULA, FaultKind.FORMULA),
        ("手机", Unread.ERROR_VALUE, FaultKind.ERROR_VALUE), ("备注", Unread.TOO_LONG, FaultKind.TOO_LONG),
        (WHOLE_ROW, Unread.TOO_MANY_CELLS, FaultKind.TOO_MANY_CELLS),
    ],
)  # fmt: skip
def test_o4_a_fault_names_the_heading(heading: str, cell: Cell, kind: FaultKind) -> None:
    assert faults(**{heading: cell}) == [(kind, heading)]


def test_o4_all_faults_of_a_row_are_told_at_once() -> None:
    told = faults(车牌号="?", 手机="?", 预计交车时间="?", 预估金额="?")
    assert [kind for kind, _ in told] == [
        FaultKind.WRONG_PLATE, FaultKind.WRONG_PHONE, FaultKind.WRONG_TIME, FaultKind.WRONG_AMOUNT,
    ]  # fmt: skip


def test_o4_a_long_value_is_shown_shortened_and_on_one_line() -> None:
    read = read_row(GOOD | {"车牌号": "没有\n" + "牌" * 50_000}, NOW, ZONE)
    assert isinstance(read, tuple)
    assert read[0].value == "没有 " + "牌" * 27 + "…"


def test_o4_numbers_keep_their_digits_whatever_type_the_cell_has() -> None:
    assert order(GOOD | {"工单号": 20261123001.0, "手机": 13812345678.0}).number == "20261123001"
    assert order(GOOD | {"工单号": "'00123", "手机": "13812345678\t"}).number == "00123"


def listed(*rows: dict[str, Cell]) -> list[Any]:
    return [read for _, read in read_rows(enumerate(({**GOOD, **row} for row in rows), 2), NOW, ZONE)]


def test_o4_a_plate_or_number_that_stood_above_is_a_fault_of_the_later_row() -> None:
    first, second, third, fourth = listed(
        {},
        {"工单号": "R2", "车牌号": "粤ｂ12345"},
        {"车牌号": "粤B00002", "工单号": "ro20261123001"},
        {"车牌号": "粤B00004", "工单号": ""},
    )
    assert isinstance(first, OrderRow)
    assert second == (Fault(FaultKind.PLATE_TWICE, "车牌号", "粤ｂ12345", 2),)
    assert third == (Fault(FaultKind.NUMBER_TWICE, "工单号", "ro20261123001", 2),)
    assert isinstance(fourth, OrderRow)


def test_o4_a_row_repeats_one_that_has_faults_too_and_keeps_its_own() -> None:
    _, second = listed({"手机": "?"}, {"工单号": "R2", "预估金额": "?"})
    assert [fault.kind for fault in second] == [FaultKind.WRONG_AMOUNT, FaultKind.PLATE_TWICE]


class Cells(UserDict[str, Cell]):
    """A row whose end can be seen."""


def test_o4_a_hundred_thousand_rows_are_read_with_few_alive() -> None:
    begun = ends = most = 0

    def ended() -> None:
        nonlocal ends
        ends += 1

    def rows() -> Iterator[tuple[int, Cells]]:
        nonlocal begun
        for line in range(2, 100_002):
            cells = Cells(车牌号=f"粤B{line:05d}", 手机="13812345678", 交车时间="20261124")
            weakref.finalize(cells, ended).atexit = False
            begun += 1
            yield line, cells

    gc.disable()  # rows must go by themselves
    try:
        for _ in read_rows(rows(), NOW, ZONE):
            most = max(most, begun - ends)
    finally:
        gc.enable()
    assert begun == 100_000
    assert most <= 2


@pytest.mark.parametrize(
    ("promised", "kind", "cure"),
    [
        ("2026-11-23 08:59", FaultKind.PAST, "2026-11-23 10:00"),
        ("2026-11-24 17:31", FaultKind.SHUT_HOUR, "2026-11-24 17:00"),
        ("2026-11-24 17:30", None, ""),  # at the very closing the keys still change hands
        ("2026-11-24 05:00", FaultKind.SHUT_HOUR, "2026-11-24 09:00"),
        ("2026-11-28 10:00", FaultKind.SHUT_DAY, "2026-11-27 17:00"),  # a Saturday
        ("2026-11-24 17:29", None, ""),
        ("2026-11-24 12:30", None, ""),  # the break: somebody is there
        ("2026-11-23 09:01", None, ""),
    ],
)
def test_o4_a_time_that_nobody_can_be_promised_is_told_with_the_nearest_that_can(
    promised: str, kind: FaultKind | None, cure: str
) -> None:
    """Under the heading that the time was read from: of several, the first that is filled in."""
    cells = {**GOOD, "进厂时间": "", "承诺交车": "-", "预计交车时间": promised}
    fault = promise_fault(order(cells), NOW, StoreCalendar.of(example_store(hours=WORKDAYS)))
    assert fault == (kind and Fault(kind, "预计交车时间", promised, cure=cure))


@given(
    when=st.datetimes(datetime(2026, 1, 1, 0, 1), datetime(2027, 10, 1)),  # noqa: DTZ001
    form=st.sampled_from(
        ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y年%m月%d日%H点%M分", "%Y%m%d%H%M", "%Y.%m.%d %H时%M分")
    ),
)
def test_o4_every_minute_survives_every_form(when: datetime, form: str) -> None:
    when = when.replace(second=0, microsecond=0, minute=when.minute or 1, tzinfo=ZONE)
    assert read_time(when.strftime(form), NOW, ZONE) == when
    day_number = (when.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1)  # noqa: DTZ001
    assert read_time(day_number, NOW.astimezone(UTC), ZONE) == when


@given(st.text(max_size=80) | st.integers() | st.floats() | st.datetimes() | st.sampled_from(Unread))
def test_o4_no_cell_makes_the_reader_fall(cell: Cell) -> None:
    for heading in GOOD:
        assert isinstance(read_row(GOOD | {heading: cell}, NOW, ZONE), OrderRow | tuple)
