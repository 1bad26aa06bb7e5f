"""The shop's own list of orders as a file: whatever Excel and other systems make of it is read, or refused (O4)."""

from __future__ import annotations

import csv
import gc
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.read_only import ReadOnlyCell

from bot import order_csv
from bot.opening import CannotOpen
from bot.order_file import rows
from bot.order_preview import refusal, sentence, told
from bot.spreadsheet import write_table
from domain.order_cells import LONGEST_CELL, Cell, FaultKind, Unread
from domain.order_rows import WHOLE_ROW, Fault, OrderRow, read_row, read_rows
from tests.house.tree import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZONE)
HEAD = ("车牌号", "手机", "预计交车时间", "维修项目")
ROW = ("粤B12345", "13812345678", "2026-11-24 17:00", "小保养")
FIVE = datetime(2026, 11, 24, 17, 0)  # noqa: DTZ001 - as a cell holds it
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16")


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def read(path: Path) -> list[tuple[int, Mapping[str, Cell]]]:
    return list(rows(path))


def csv_of(path: Path, *lines: str, encoding: str = "utf-8") -> list[tuple[int, Mapping[str, Cell]]]:
    return read(written(path / "工单.csv", "\r\n".join((",".join(HEAD), *lines)), encoding))


def workbook(path: Path, fill: Callable[[Any], object]) -> Path:
    """A workbook whose first sheet `fill` has filled."""
    book = openpyxl.Workbook()
    fill(book.active)
    book.save(path)
    return path


def sheet(path: Path, *lines: Sequence[Any]) -> Path:
    return workbook(path / "工单.xlsx", lambda page: [page.append(line) for line in (HEAD, *lines)])


def sheet_of_xml(path: Path, data: str, after: str = "", before: str = "") -> Path:
    """A workbook whose only sheet is the XML `data`, as other programs write it."""
    file = sheet(path)
    with ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    heads = "".join(f'<c t="inlineStr"><is><t>{head}</t></is></c>' for head in HEAD)
    parts["xl/worksheets/sheet1.xml"] = (
        f'{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<sheetData><row r="1">{heads}</row>{data}</sheetData>{after}</worksheet>'
    ).encode()
    with ZipFile(file, "w") as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return file


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_o4_encoding_and_separator_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    lines = (HEAD, ROW, ("粤B00002", "0755-26001234", "11月24日17点", "更换，机油"))
    text = "\r\n".join(separator.join(line) for line in lines)
    assert read(written(tmp_path / "a.csv", text, encoding)) == [
        (line, dict(zip(HEAD, cells, strict=True))) for line, cells in enumerate(lines[1:], 2)
    ]


def test_o4_utf_8_comes_first_where_the_bytes_are_valid_in_both(tmp_path: Path) -> None:
    text = "车牌,手机,交车时间\n粤B12345,13812345678,2026-11-24 17:00"
    assert text.encode().decode("gb18030") != text
    assert list(read(written(tmp_path / "a.csv", text))[0][1].values()) == list(ROW[:3])


def test_o4_a_rare_character_of_gb18030_far_down_is_read(tmp_path: Path) -> None:
    many = [",".join(ROW)] * 30_000
    found = csv_of(tmp_path, *many, ",".join((*ROW[:3], "㐂𠮷")), encoding="gb18030")
    assert found[-1][1]["维修项目"] == "㐂𠮷"


def test_o4_empty_lines_are_passed_over_and_still_counted(tmp_path: Path) -> None:
    text = (
        "\r\n,,,\r\n" + ",".join(HEAD) + "\r\n\r\n" + ",".join(ROW) + "\r\n-, ,,\r\n" + ",".join(ROW) + "\r\n"
    )
    assert [line for line, _ in read(written(tmp_path / "a.csv", text))] == [5, 7]


def test_o4_a_line_that_names_the_separator_is_not_counted(tmp_path: Path) -> None:
    text = "sep=;\r\n" + ";".join(HEAD) + "\r\n" + ";".join(ROW)
    assert read(written(tmp_path / "a.csv", text)) == [(2, dict(zip(HEAD, ROW, strict=True)))]


def test_o4_quotes_hold_separators_line_ends_and_quotes(tmp_path: Path) -> None:
    found = csv_of(tmp_path, '粤B12345,138,,"保养,\n""机油"""', '粤B00002,139,,17" 轮毂')
    assert [(line, row["维修项目"]) for line, row in found] == [(2, '保养,\n"机油"'), (3, '17" 轮毂')]


def test_o4_text_that_is_held_against_excel_is_text_and_other_formulas_are_faults(tmp_path: Path) -> None:
    [(_, row)] = csv_of(tmp_path, '="粤B12345","=""00138""",=A1+1,+8613812345678')
    assert list(row.values()) == ["粤B12345", "00138", Unread.FORMULA, "+8613812345678"]


def test_o4_our_own_tables_are_read_back(tmp_path: Path) -> None:
    """Cells that the table writer keeps from being formulas come back as they were."""
    write_table(tmp_path / "a.csv", HEAD, [("粤B12345", "13812345678", "2026-11-24 17:00", "=1+1")])
    [(_, row)] = read(tmp_path / "a.csv")
    order = read_row(row, NOW, ZONE)
    assert isinstance(order, OrderRow)
    assert order.items == ("=1+1",)


def test_o4_a_cell_of_five_megabytes_is_a_fault_of_its_row_alone(tmp_path: Path) -> None:
    huge = "长" * 1_700_000  # five megabytes in UTF-8
    found = csv_of(tmp_path, f"{huge},138,,", f'粤B1,138,,"{huge}\n""{huge}"",{huge}"', ",".join(ROW))
    assert [(line, list(row)) for line, row in found] == [(2, [WHOLE_ROW]), (3, [WHOLE_ROW]), (4, list(HEAD))]
    assert [row[WHOLE_ROW] for _, row in found[:2]] == [Unread.TOO_LONG] * 2


def test_o4_a_cell_longer_than_excel_holds_is_a_fault_under_its_heading(tmp_path: Path) -> None:
    [(_, fits), (_, long)] = csv_of(
        tmp_path, "A" * LONGEST_CELL + ",138,,", "A" * (LONGEST_CELL + 1) + ",138,,"
    )
    assert fits["车牌号"] == "A" * LONGEST_CELL
    assert long["车牌号"] is Unread.TOO_LONG


@pytest.mark.parametrize("broken", ['"粤B12345,138,,', '粤B12345,138,,"保养', '"粤"B12345,138,,'])
def test_o4_a_quotation_mark_that_is_not_closed_is_a_fault(tmp_path: Path, broken: str) -> None:
    [(line, row)] = csv_of(tmp_path, broken)
    assert (line, row) == (2, {WHOLE_ROW: Unread.QUOTES})


def test_o4_an_open_quotation_mark_never_swallows_rows_in_silence(tmp_path: Path) -> None:
    after = [",".join((f"粤B{place:05d}", *ROW[1:3], '"保养"')) for place in range(20_000)]
    found = csv_of(tmp_path, '"粤B12345,138,,', *after)
    assert found[0][1] == {WHOLE_ROW: Unread.QUOTES}
    assert [row["车牌号"] for _, row in found[1:]] == [f"粤B{place:05d}" for place in range(1, 20_000)]


def test_o4_a_shifted_row_is_a_fault_and_a_short_one_is_not(tmp_path: Path) -> None:
    [(_, short), (_, shifted)] = csv_of(tmp_path, "粤B12345,138", ",".join((*ROW, "、四轮定位")))
    assert short["维修项目"] == ""
    assert shifted[WHOLE_ROW] is Unread.TOO_MANY_CELLS


def test_o4_columns_that_nobody_asks_for_may_repeat_or_have_no_heading(tmp_path: Path) -> None:
    text = ",".join((*HEAD, "备注", "备注", "", "库 位")) + "\n" + ",".join((*ROW, "甲", "乙", "丙", "丁"))
    [(_, row)] = read(written(tmp_path / "a.csv", text))
    assert {heading: row[heading] for heading in row if heading not in HEAD} == {"备注": "甲", "库 位": "丁"}


# ---------------------------------------------------------------- files that are refused


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "没有内容"), (b"\r\n,,\r\n", "没有内容"),
        ("车牌号,手机,姓名\n".encode(), "「承诺交车时间」这一栏没有找到"),
        ("车牌号,手机,手机,交车时间\n".encode(), "「手机」这一栏出现了两次"), (b"\xff\xfe\xff", "UTF-8 或 GBK"),
        (b"\xef\xbb\xbf\xff\xff", "UTF-8 或 GBK"), (b"a,b\0c", "UTF-8 或 GBK"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "旧版 Excel"),
        (b"\r\n <HTML><table>", "网页格式"), (b"PK\x03\x04 and nothing more", "已损坏"),
        (b'"' + b"x" * 300_000, "没有找到"),
    ],
)  # fmt: skip
def test_o4_a_file_that_is_no_list_is_refused_in_one_sentence(
    tmp_path: Path, content: bytes, named: str
) -> None:
    (tmp_path / "工单.csv").write_bytes(content)
    with pytest.raises(CannotOpen, match=named) as refused:
        read(tmp_path / "工单.csv")
    assert str(refused.value).startswith("文件")
    assert str(refused.value).endswith("。")


def test_o4_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="打不开文件"):
        read(tmp_path / "工单.csv")


def test_o4_a_workbook_cut_short_is_refused_before_its_first_row(tmp_path: Path) -> None:
    file = sheet(tmp_path, *[ROW] * 2000)
    whole = bytearray(file.read_bytes())
    with ZipFile(file) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    whole[place + 600 : place + 700] = bytes(100)
    file.write_bytes(whole)
    with pytest.raises(CannotOpen, match="已损坏"):
        next(rows(file))


# ---------------------------------------------------------------- Excel


def test_o4_excel_cells_are_text_numbers_and_times(tmp_path: Path) -> None:
    file = sheet(tmp_path, ("粤B12345", 13812345678, FIVE, 1.5), (), (True, None, "", "=x"))
    [(first, typed), (second, other)] = read(file)
    assert (first, second) == (2, 4)
    assert list(typed.values()) == ["粤B12345", 13812345678, FIVE, 1.5]
    assert list(other.values()) == ["True", "", "", Unread.FORMULA]


@pytest.mark.parametrize(
    "number_format", ['yyyy"年"m"月"d"日" h"时"mm"分"', "[$-804]yyyy/m/d h:mm", "General"]
)
def test_o4_a_time_in_any_format_of_excel_is_the_same_time(tmp_path: Path, number_format: str) -> None:
    def fill(page: Any) -> None:
        page.append(HEAD)
        page.append((*ROW[:2], 46350.7083333333))
        page["C2"].number_format = number_format

    [(_, row)] = read(workbook(tmp_path / "a.xlsx", fill))
    order = read_row(row, NOW, ZONE)
    assert isinstance(order, OrderRow)
    assert order.promised == datetime(2026, 11, 24, 17, 0, tzinfo=ZONE)


def test_o4_a_merged_cell_counts_for_the_lines_it_covers_and_no_others(tmp_path: Path) -> None:
    def fill(page: Any) -> None:
        for line in (
            HEAD,
            ROW,
            ("", "139", "", "b"),
            ("", "", "", ""),
            ("", "137", "", "c"),
            ("", "136", "", ""),
        ):
            page.append(line)
        page.merge_cells("A2:A5")
        page.merge_cells("C2:D2")  # sideways: a cell of its own line
        page.merge_cells("D5:D6")

    found = read(workbook(tmp_path / "a.xlsx", fill))
    assert [(line, row["车牌号"], row["维修项目"]) for line, row in found] == [
        (2, "粤B12345", ""), (3, "粤B12345", "b"), (5, "粤B12345", "c"), (6, "", "c"),
    ]  # fmt: skip


def test_o4_a_merged_cell_counts_also_where_the_covered_cells_are_not_written(tmp_path: Path) -> None:
    data = (
        '<row r="2"><c r="A2" t="str"><v>粤B1</v></c><c r="D2" t="str"><v>保养</v></c></row>'
        '<row r="3"><c r="A3" t="str"><v>粤B2</v></c></row><row r="5"><c r="A5" t="str"><v>粤B3</v></c></row>'
    )
    after = '<mergeCells count="1"><mergeCell ref="D2:D4"/></mergeCells>'
    found = read(sheet_of_xml(tmp_path, data, after))
    assert [(line, row["维修项目"]) for line, row in found] == [(2, "保养"), (3, "保养"), (5, "")]


def test_o4_a_formula_counts_with_its_value_and_is_a_fault_without_one(tmp_path: Path) -> None:
    data = (
        '<row r="2"><c r="A2" t="str"><f>"粤B"&amp;1</f><v>粤B12345</v></c><c r="B2"><f>1+1</f></c>'
        '<c r="C2"><f>NOW()</f><v/></c><c r="D2" t="str"><f>""</f><v></v></c></row>'
        '<row r="4"><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c><v>138</v></c><c><f>1</f></c><c t="e"><v>#N/A</v></c></row>'
    )
    [(_, first), (_, second)] = read(sheet_of_xml(tmp_path, data))
    assert list(first.values()) == ["粤B12345", Unread.FORMULA, Unread.FORMULA, ""]
    assert list(second.values()) == [Unread.ERROR_VALUE, 138, Unread.FORMULA, Unread.ERROR_VALUE]


def test_o4_a_cell_of_five_megabytes_in_excel_is_a_fault_under_its_heading(tmp_path: Path) -> None:
    huge = f'<row r="2"><c t="str"><v>{"长" * 1_700_000}</v></c><c><v>138</v></c></row>'
    [(_, row)] = read(sheet_of_xml(tmp_path, huge))
    assert (row["车牌号"], row["手机"]) == (Unread.TOO_LONG, 138)


def test_o4_a_row_beyond_the_end_of_excel_and_a_document_type_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="已损坏"):
        read(sheet_of_xml(tmp_path, '<row r="99999999999"><c><v>1</v></c></row>'))
    with pytest.raises(CannotOpen, match="已损坏"):
        read(sheet_of_xml(tmp_path, "", before="<!DOCTYPE worksheet>"))


def test_o4_hidden_sheets_and_sheets_of_other_things_do_not_count(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    explained, hidden, orders, empty = (
        book.active,
        *(book.create_sheet(title) for title in ("旧", "工单", "空")),
    )
    explained.append(["填表说明"])
    for page, plate in ((hidden, "粤B00001"), (orders, "粤B00002")):
        page.append(HEAD)
        page.append((plate, *ROW[1:]))
    hidden.sheet_state = "hidden"
    assert empty.title == "空"
    book.save(tmp_path / "a.xlsx")
    assert [row["车牌号"] for _, row in read(tmp_path / "a.xlsx")] == ["粤B00002"]
    hidden.sheet_state = "visible"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(CannotOpen, match="旧、工单"):
        read(tmp_path / "a.xlsx")


def test_o4_excel_without_the_columns_or_without_anything_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="「车牌号」这一栏没有找到"):
        read(workbook(tmp_path / "a.xlsx", lambda page: page.append(["姓名"])))
    with pytest.raises(CannotOpen, match="没有内容"):
        read(workbook(tmp_path / "a.xlsx", lambda page: page.append([])))


# ---------------------------------------------------------------- bounded memory


def test_o4_of_a_hundred_thousand_csv_lines_only_the_present_one_is_held() -> None:
    handed = 0

    class Counting:
        def readline(self, size: int, /) -> str:
            nonlocal handed
            handed += 1
            return f"粤B{handed:05d},138,,保养\n" if handed <= 100_000 else ""

    ahead = [handed - count for count, _ in enumerate(order_csv.records(Counting(), ","), 1)]
    assert (len(ahead), max(ahead)) == (100_000, 0)


def test_o4_an_endless_line_is_not_kept() -> None:
    longest = 0

    class Endless:
        left = 500

        def readline(self, size: int, /) -> str:
            self.left -= 1
            return "长" * size if self.left > 0 else ""

    pieces = order_csv._Pieces(Endless())
    for line in pieces:
        longest = max(longest, len(line))
    assert pieces.cut
    assert longest < 2 * order_csv.LONGEST_LINE


def test_o4_of_a_hundred_thousand_excel_lines_few_cells_are_alive(tmp_path: Path) -> None:
    cell = '<c t="str"><v>粤B12345</v></c>'
    file = sheet_of_xml(tmp_path, "".join(f'<row r="{line}">{cell}</row>' for line in range(2, 100_002)))
    most, count = 0, 0
    for count, _ in enumerate(rows(file), 1):
        if count % 20_000 == 0:
            most = max(most, sum(type(each) is ReadOnlyCell for each in gc.get_objects()))
    assert count == 100_000
    assert most <= 2 * len(HEAD)


# ---------------------------------------------------------------- written and read back

PLATES = st.integers(0, 99_999).map(lambda serial: f"粤B{serial:05d}")
PHONES = st.integers(13_000_000_000, 19_999_999_999)
TIMES = st.datetimes(datetime(2026, 11, 1, 0, 1), datetime(2027, 10, 1)).map(  # noqa: DTZ001
    lambda when: when.replace(second=0, microsecond=0, minute=when.minute or 1)
)
ITEM_SIGNS = "换机油小保养刹车片喷漆\"'，=龘𠮷é /"
ITEMS = st.text(ITEM_SIGNS, min_size=1, max_size=12).filter(lambda text: text.strip(" '=，/\"") != "")
TABLES = st.lists(st.tuples(PLATES, PHONES, TIMES, ITEMS), max_size=6, unique_by=lambda line: line[0])


def orders_of(path: Path) -> list[OrderRow]:
    read_as = [order for _, order in read_rows(rows(path), NOW, ZONE)]
    assert all(isinstance(order, OrderRow) for order in read_as), read_as
    return [order for order in read_as if isinstance(order, OrderRow)]


def same(order: OrderRow, line: tuple[str, int, datetime, str]) -> bool:
    plate, phone, when, items = line
    parted = [" ".join(part.split()) for part in items.strip().removeprefix("'").split("，")]
    said = (order.plate, order.phone, order.promised, list(order.items))
    return said == (plate, f"+86{phone}", when.replace(tzinfo=ZONE), [part for part in parted if part])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLES, encoding=st.sampled_from(("utf-8", "utf-8-sig", "gb18030")))
def test_o4_what_was_written_as_csv_is_read_back(
    tmp_path: Path, table: list[tuple[str, int, datetime, str]], encoding: str
) -> None:
    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEAD)
        # A cell that begins with = is a formula; the apostrophe says that it is none.
        writer.writerows((p, t, f"{w:%Y/%m/%d %H:%M}", i if i[0] != "=" else f"'{i}") for p, t, w, i in table)
    orders = orders_of(tmp_path / "a.csv")
    assert len(orders) == len(table)
    assert all(map(same, orders, table))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(table=TABLES)
def test_o4_what_was_written_with_excel_is_read_back(
    tmp_path: Path, table: list[tuple[str, int, datetime, str]]
) -> None:
    def fill(page: Any) -> None:
        page.append(HEAD)
        for place, line in enumerate(table, 2):
            page.append(line[:3])
            page.cell(place, 4).value = line[3]
            page.cell(place, 4).data_type = "s"

    orders = orders_of(workbook(tmp_path / "a.xlsx", fill))
    assert len(orders) == len(table)
    assert all(map(same, orders, table))


# ---------------------------------------------------------------- the sentences


@pytest.mark.parametrize("kind", FaultKind)
def test_o4_every_fault_has_a_sentence(kind: FaultKind) -> None:
    said = sentence(Fault(kind, "车牌号", "粤B??", 7))
    assert said.startswith("「车牌号」")
    assert "{" not in said
    assert not said.endswith("。")


def test_o4_every_sentence_is_used() -> None:
    group = yaml.safe_load((ROOT / "scripts_zh/phrases.yaml").read_text(encoding="utf-8"))["order_import"]
    names = (
        "bot/order_file",
        "bot/order_csv",
        "bot/order_workbook",
        "bot/order_preview",
        "bot/import_orders",
    )
    code = "".join((ROOT / f"{name}.py").read_text("utf-8") for name in (*names, "service/order_import"))
    assert [key for key in group if f'"{key}"' not in code and key not in set(FaultKind)] == []


def test_o4_faults_are_told_with_the_line_the_reason_and_the_cure(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", ",".join(HEAD) + "\n粤B12345,138****5678,2026-11-24,\n" + '粤B1,"x')
    told_rows = [
        told(line, read_as)
        for line, read_as in read_rows(rows(path), NOW, ZONE)
        if isinstance(read_as, tuple)
    ]
    assert told_rows == [
        "第 2 行：「手机」被星号遮住了（138****5678），请导出完整的号码；"
        "「预计交车时间」只有日期（2026-11-24），请写上几点，例如 2026-11-24 17:00。",
        "第 3 行：双引号没有成对，请补齐。",
    ]
    assert refusal(path, [Fault(FaultKind.NO_COLUMN, "电话")]).startswith(f"文件 {path} 不能导入：「电话」")
